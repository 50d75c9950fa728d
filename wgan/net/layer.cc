// Shapes of layers.
#include "wgan/net/layer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "wgan/core/counted.h"
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

// groups: 1 but of GroupedConv2d.
template <class Conv>
Shape conv_shape(const Conv& conv, const Shape& input, int64_t groups = 1) {
  want_image(Conv::kName, input, conv.in);
  want_positive(Conv::kName, {conv.in, conv.out, groups});
  want_not_negative(Conv::kName, {conv.padding});
  want_kernel(Conv::kName, conv.kernel, conv.stride);
  if (conv.in % groups != 0 || conv.out % groups != 0) {
    throw Error(ErrorKind::kUsage, fmt::format("{}: {} to {} channels do not divide into {} groups",
                                               Conv::kName, conv.in, conv.out, groups));
  }
  want_weights(Conv::kName, conv.in / groups * conv.out * conv.kernel * conv.kernel);
  Shape out{conv.out};
  for (const size_t axis : {1, 2}) {
    const int64_t room = input[axis] + 2 * conv.padding - conv.kernel;
    if (room < 0) {
      refuse(Conv::kName, input, fmt::format("at least {} pixels a side", conv.kernel));
    }
    out.push_back(room / conv.stride + 1);
  }
  return out;
}

// Half of even extents.
template <class Down>
Shape halved_shape(const Shape& input) {
  want_image(Down::kName, input, 0);
  if (input[1] % 2 != 0 || input[2] % 2 != 0) refuse(Down::kName, input, "even extents");
  return {input[0], input[1] / 2, input[2] / 2};
}

template <class Up>
Shape doubled_shape(const Shape& input) {
  want_image(Up::kName, input, 0);
  return {input[0], 2 * input[1], 2 * input[2]};
}

// The picture of a Basis, or of its transpose.
template <class Kind>
Shape basis_shape(const Kind& basis) {
  want_positive(Kind::kName, {basis.channels, basis.height, basis.width});
  want_weights(Kind::kName, basis.channels * basis.height * basis.width);
  return {basis.channels, basis.height, basis.width};
}

template <class Norm>
Shape norm_shape(const Norm& norm, const Shape& input) {
  want_positive(Norm::kName, {norm.channels});
  if (input.empty() || input[0] != norm.channels) {
    refuse(Norm::kName, input, counted(norm.channels, "channel"));
  }
  return input;
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

void append_numbered(const Layers& layers, std::vector<const Layer*>& all) {
  for (const Layer& layer : layers) {
    all.push_back(&layer);
    if (const auto* residual = std::get_if<Residual>(&layer)) {
      append_numbered(residual->body, all);
      append_numbered(residual->shortcut, all);
    }
  }
}

// The reference batch enters at the first layer or not at all, and nothing may mix it with samples.
void want_reference(const Network& network) {
  size_t references = 0;
  for (const Layer* layer : numbered(network.layers)) {
    references += std::holds_alternative<ReferenceBatch>(*layer) ? 1 : 0;
  }
  const bool first =
      !network.layers.empty() && std::holds_alternative<ReferenceBatch>(network.layers[0]);
  if (references > (first ? 1 : 0)) {
    throw Error(ErrorKind::kUsage, "reference_batch: only as the first layer of a network");
  }
  if (!first && has_layer<VirtualBatchNorm>(network)) {
    throw Error(ErrorKind::kUsage, "virtual_batch_norm: the network has no reference_batch");
  }
  if (first && couples_samples(network)) {
    throw Error(ErrorKind::kUsage,
                "reference_batch: beside layers that couple the samples of a batch");
  }
}

Shape residual_shape(const Residual& residual, const Shape& input) {
  const Shape body = output_shape(residual.body, input);
  const Shape shortcut = output_shape(residual.shortcut, input);
  if (body != shortcut) {
    throw Error(ErrorKind::kUsage, fmt::format("residual: the body gives {}, the shortcut {}",
                                               shape_text(body), shape_text(shortcut)));
  }
  return body;
}

}  // namespace

const char* layer_name(const Layer& layer) {
  return std::visit([](const auto& l) { return std::decay_t<decltype(l)>::kName; }, layer);
}

const LayerTraits& traits(const Layer& layer) {
  return std::visit(
      [](const auto& l) -> const LayerTraits& { return std::decay_t<decltype(l)>::kTraits; },
      layer);
}

std::vector<const Layer*> numbered(const Layers& layers) {
  std::vector<const Layer*> all;
  append_numbered(layers, all);
  return all;
}

Branches branches(const Residual& residual, size_t number) {
  return {number + 1, number + 1 + numbered(residual.body).size()};
}

size_t number_after(const Layer& layer, size_t number) {
  const auto* residual = std::get_if<Residual>(&layer);
  if (residual == nullptr) return number + 1;
  return branches(*residual, number).shortcut + numbered(residual->shortcut).size();
}

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
            [&](const UpsampleConv2d& l) {
              want_image(UpsampleConv2d::kName, input, l.in);
              return conv_shape(l.conv(), {l.in, 2 * input[1], 2 * input[2]});
            },
            [&](const GroupedConv2d& l) { return conv_shape(l, input, l.groups); },
            [&](const Basis& l) {
              const Shape output = basis_shape(l);
              if (input != Shape{l.channels}) {
                refuse(Basis::kName, input, fmt::format("[{}]", l.channels));
              }
              return output;
            },
            [&](const BasisTranspose& l) -> Shape {
              const Shape wanted = basis_shape(l);
              if (input != wanted) refuse(BasisTranspose::kName, input, shape_text(wanted));
              return {l.channels};
            },
            [&](const Projection& l) -> Shape {
              want_positive(Projection::kName, {l.in, l.classes});
              want_weights(Projection::kName, l.in * (1 + l.classes));
              if (input != Shape{l.in}) refuse(Projection::kName, input, fmt::format("[{}]", l.in));
              return {l.classes};
            },
            [&](const LeakyRelu& l) {
              if (!(l.slope >= 0 && l.slope <= 1)) {
                throw Error(ErrorKind::kUsage,
                            fmt::format("leaky_relu: slope {}, wanted 0 to 1", l.slope));
              }
              return input;
            },
            [&](const GaussianNoise& l) {
              if (!(l.deviation >= 0 && l.deviation <= 1e3)) {
                throw Error(
                    ErrorKind::kUsage,
                    fmt::format("gaussian_noise: deviation {}, wanted 0 to 1000", l.deviation));
              }
              return input;
            },
            [&](const BatchNorm& l) { return norm_shape(l, input); },
            [&](const LayerNorm& l) { return norm_shape(l, input); },
            [&](const VirtualBatchNorm& l) { return norm_shape(l, input); },
            [&](const ReferenceBatch& l) {
              want_positive(ReferenceBatch::kName, {l.rows, l.size});
              want_weights(ReferenceBatch::kName, l.rows * l.size);
              if (input != Shape{l.size}) {
                refuse(ReferenceBatch::kName, input, fmt::format("[{}]", l.size));
              }
              return input;
            },
            [&](const MinibatchDiscrimination& l) -> Shape {
              const char* name = MinibatchDiscrimination::kName;
              want_positive(name, {l.in, l.kernels, l.dimensions});
              want_weights(name, l.in * l.kernels * l.dimensions);
              if (input != Shape{l.in}) refuse(name, input, fmt::format("[{}]", l.in));
              return {l.in + l.kernels};
            },
            [&](const MinibatchDeviation&) {
              Shape output = input;
              output[0] += 1;
              return output;
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
            [&](const MeanPool2x&) { return halved_shape<MeanPool2x>(input); },
            [&](const FilterDown2x&) { return halved_shape<FilterDown2x>(input); },
            [&](const Upsample2x&) { return doubled_shape<Upsample2x>(input); },
            [&](const FilterUp2x&) { return doubled_shape<FilterUp2x>(input); },
            [&](const GlobalMean&) -> Shape {
              want_image(GlobalMean::kName, input, 0);
              return {input[0]};
            },
            [&](const Residual& l) { return residual_shape(l, input); },
            [&]<class Kind>(const Kind&) {
              static_assert(Kind::kTraits.kind == LayerKind::kActivation);
              return input;
            }},
      layer);
}

Shape output_shape(const Layers& layers, const Shape& input) {
  Shape shape = input;
  for (size_t i = 0; i < layers.size(); ++i) {
    try {
      shape = output_shape(layers[i], shape);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("layer {}: {}", i, error.what()));
    }
    for (const int64_t extent : shape) want_positive("output", {extent});
  }
  return shape;
}

Shape output_shape(const Network& network) {
  const Shape& input = network.input;
  if (input.size() != 1 && input.size() != 3) {
    throw Error(ErrorKind::kUsage, "a network takes [D] or [C, H, W], not " + shape_text(input));
  }
  for (const int64_t extent : input) want_positive("input", {extent});
  want_reference(network);
  return output_shape(network.layers, input);
}

int64_t weight_rows(const Layer& layer) {
  return std::visit(Match{[](const ConvTranspose2d& l) { return l.out; },
                          []<class Kind>(const Kind& l) -> int64_t {
                            if constexpr (Kind::kTraits.kind == LayerKind::kWeights) {
                              return l.weight_shape()[0];
                            } else {
                              return 0;
                            }
                          }},
                    layer);
}

bool couples_samples(const Network& network) {
  return std::ranges::any_of(numbered(network.layers),
                             [](const Layer* layer) { return traits(*layer).couples_samples; });
}

bool has_sweeps(const Network& network) {
  return !network.spectral_norm && !network.weight_norm &&
         std::ranges::none_of(numbered(network.layers), [](const Layer* layer) {
           return traits(*layer).sweeps == LayerSweeps::kNone;
         });
}

bool has_tangent_sweep(const Network& network) {
  return has_sweeps(network) &&
         std::ranges::none_of(numbered(network.layers), [](const Layer* layer) {
           return traits(*layer).sweeps == LayerSweeps::kWithoutTangent;
         });
}

bool is_curved(const Network& network) {
  return std::ranges::any_of(numbered(network.layers), [](const Layer* layer) {
    return traits(*layer).sweeps == LayerSweeps::kCurved;
  });
}

int64_t largest_output(const Layers& layers, const Shape& input) {
  int64_t largest = 0;
  Shape shape = input;
  for (const Layer& layer : layers) {
    if (const auto* residual = std::get_if<Residual>(&layer)) {
      largest = std::max({largest, largest_output(residual->body, shape),
                          largest_output(residual->shortcut, shape)});
    }
    shape = output_shape(layer, shape);
    largest = std::max(largest, elements(shape));
  }
  return largest;
}

}  // namespace wgan
