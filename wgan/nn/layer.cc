// Shapes of layers.
#include "wgan/nn/layer.h"

#include <fmt/format.h>

#include <algorithm>

#include "wgan/core/error.h"

namespace wgan {
namespace {

// No picture or layer of this program is near it; it keeps products of extents within int64.
constexpr int64_t kLargestExtent = int64_t{1} << 20;
constexpr int64_t kLargestKernel = 1 << 10;
constexpr int64_t kMostWeights = int64_t{1} << 36;  // of one layer

[[noreturn]] void refuse(const char* layer, const Shape& input, const std::string& wanted) {
  throw Error(ErrorKind::kUsage,
              fmt::format("{} got {}, wanted {}", layer, shape_text(input), wanted));
}

void want_image(const char* layer, const Shape& input, int64_t channels) {
  if (input.size() != 3 || (channels > 0 && input[0] != channels)) {
    refuse(layer, input, channels > 0 ? fmt::format("[{}, H, W]", channels) : "[C, H, W]");
  }
}

void want_positive(const char* layer, std::initializer_list<int64_t> numbers) {
  for (const int64_t number : numbers) {
    if (number < 1 || number > kLargestExtent) {
      throw Error(ErrorKind::kUsage, fmt::format("{}: {} is out of range", layer, number));
    }
  }
}

void want_not_negative(const char* layer, std::initializer_list<int64_t> numbers) {
  for (const int64_t number : numbers) {
    if (number < 0 || number > kLargestExtent) {
      throw Error(ErrorKind::kUsage, fmt::format("{}: {} is out of range", layer, number));
    }
  }
}

// The factors have been checked, so their product is within int64.
void want_weights(const char* layer, int64_t weights) {
  if (weights > kMostWeights) {
    throw Error(ErrorKind::kUsage, fmt::format("{}: {} weights are too many", layer, weights));
  }
}

void want_kernel(const char* layer, int64_t kernel, int64_t stride) {
  want_positive(layer, {kernel, stride});
  if (kernel > kLargestKernel || stride > kLargestKernel) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{}: a kernel of {} and a stride of {} are too large", layer, kernel, stride));
  }
}

Shape conv_shape(const Conv2d& conv, const Shape& input) {
  want_image(Conv2d::kName, input, conv.in);
  want_positive(Conv2d::kName, {conv.in, conv.out});
  want_not_negative(Conv2d::kName, {conv.padding});
  want_kernel(Conv2d::kName, conv.kernel, conv.stride);
  want_weights(Conv2d::kName, conv.in * conv.out * conv.kernel * conv.kernel);
  Shape out{conv.out};
  for (const size_t axis : {1, 2}) {
    const int64_t room = input[axis] + 2 * conv.padding - conv.kernel;
    if (room < 0) {
      refuse(Conv2d::kName, input, fmt::format("at least {} pixels a side", conv.kernel));
    }
    out.push_back(room / conv.stride + 1);
  }
  return out;
}

Shape conv_transpose_shape(const ConvTranspose2d& conv, const Shape& input) {
  want_image(ConvTranspose2d::kName, input, conv.in);
  want_positive(ConvTranspose2d::kName, {conv.in, conv.out});
  want_not_negative(ConvTranspose2d::kName, {conv.padding, conv.output_padding});
  want_kernel(ConvTranspose2d::kName, conv.kernel, conv.stride);
  want_weights(ConvTranspose2d::kName, conv.in * conv.out * conv.kernel * conv.kernel);
  if (conv.output_padding >= conv.stride && conv.output_padding > 0) {
    throw Error(ErrorKind::kUsage, "conv_transpose2d: output_padding must be below the stride");
  }
  Shape out{conv.out};
  for (const size_t axis : {1, 2}) {
    const int64_t extent =
        (input[axis] - 1) * conv.stride - 2 * conv.padding + conv.kernel + conv.output_padding;
    if (extent < 1) refuse(ConvTranspose2d::kName, input, "an input with an output left");
    out.push_back(extent);
  }
  return out;
}

}  // namespace

int64_t elements(const Shape& shape) {
  int64_t product = 1;
  for (const int64_t extent : shape) product *= extent;
  return product;
}

std::string shape_text(const Shape& shape) { return fmt::format("{}", fmt::join(shape, "x")); }

Shape output_shape(const Layer& layer, const Shape& input) {
  return std::visit(
      Match{[&](const Linear& l) -> Shape {
              want_positive(Linear::kName, {l.in, l.out});
              want_weights(Linear::kName, l.in * l.out);
              if (input != Shape{l.in}) refuse(Linear::kName, input, fmt::format("[{}]", l.in));
              return {l.out};
            },
            [&](const Conv2d& l) { return conv_shape(l, input); },
            [&](const ConvTranspose2d& l) { return conv_transpose_shape(l, input); },
            [&](const LeakyRelu& l) {
              if (!(l.slope >= 0 && l.slope <= 1)) {
                throw Error(ErrorKind::kUsage,
                            fmt::format("leaky_relu: slope {}, wanted 0 to 1", l.slope));
              }
              return input;
            },
            [&](const BatchNorm& l) {
              want_positive(BatchNorm::kName, {l.channels});
              if (input.empty() || input[0] != l.channels) {
                refuse(BatchNorm::kName, input, fmt::format("{} channels", l.channels));
              }
              return input;
            },
            [&](const Reshape& l) {
              if (l.shape.size() != 1 && l.shape.size() != 3) {
                refuse(Reshape::kName, input, "[D] or [C, H, W] to go to");
              }
              for (const int64_t extent : l.shape) want_positive(Reshape::kName, {extent});
              if (elements(l.shape) != elements(input)) {
                refuse(Reshape::kName, input, "as many elements as " + shape_text(l.shape));
              }
              return l.shape;
            },
            [&](const Pad& l) -> Shape {
              want_image(Pad::kName, input, 0);
              want_not_negative(Pad::kName, {l.before, l.after});
              return {input[0], input[1] + l.before + l.after, input[2] + l.before + l.after};
            },
            [&](const Crop& l) -> Shape {
              want_image(Crop::kName, input, 0);
              want_positive(Crop::kName, {l.height, l.width});
              if (l.height > input[1] || l.width > input[2]) {
                refuse(Crop::kName, input, fmt::format("at least {}x{}", l.height, l.width));
              }
              return {input[0], l.height, l.width};
            },
            [&](const auto&) { return input; }},
      layer);
}

Shape output_shape(const Network& network) {
  Shape shape = network.input;
  if (shape.size() != 1 && shape.size() != 3) {
    throw Error(ErrorKind::kUsage, "a network takes [D] or [C, H, W], not " + shape_text(shape));
  }
  for (const int64_t extent : shape) want_positive("input", {extent});
  for (size_t i = 0; i < network.layers.size(); ++i) {
    try {
      shape = output_shape(network.layers[i], shape);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("layer {}: {}", i, error.what()));
    }
    for (const int64_t extent : shape) want_positive("output", {extent});
  }
  return shape;
}

bool has_batch_norm(const Network& network) {
  return std::ranges::any_of(
      network.layers, [](const Layer& layer) { return std::holds_alternative<BatchNorm>(layer); });
}

}  // namespace wgan
