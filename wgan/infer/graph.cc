// Layer by layer, in evaluation mode.
#include "wgan/infer/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/net/slots.h"

namespace wgan::infer {
namespace {

int32_t narrow(int64_t number) { return static_cast<int32_t>(number); }
Extent extent_of(const Shape& shape) {
  if (shape.size() == 1) return {1, 1, narrow(shape[0])};
  return {narrow(shape[1]), narrow(shape[2]), narrow(shape[0])};
}

// A weight seen as one matrix a tap: [taps, inputs, outputs].
struct Kernel {
  int64_t inputs, outputs, size;
  std::vector<float> weights;

  float& at(int64_t y, int64_t x, int64_t in, int64_t out) {
    return weights[index(((y * size + x) * inputs + in) * outputs + out)];
  }
};

// Of [outputs, inputs, size, size], or with both exchanged.
Kernel kernel_of(std::span<const float> weight, int64_t outputs, int64_t inputs, int64_t size,
                 bool exchanged) {
  Kernel kernel{inputs, outputs, size, std::vector<float>(weight.size())};
  for (int64_t o = 0; o < outputs; ++o) {
    for (int64_t i = 0; i < inputs; ++i) {
      const int64_t matrix = exchanged ? i * outputs + o : o * inputs + i;
      for (int64_t y = 0; y < size; ++y) {
        for (int64_t x = 0; x < size; ++x) {
          kernel.at(y, x, i, o) = weight[index((matrix * size + y) * size + x)];
        }
      }
    }
  }
  return kernel;
}

// The transposed convolution of kernel 4, stride 2 and padding 1 that an upsampling convolution of
// kernel 3 is: along one axis its weights are (w2, w1 + w2, w0 + w1, w0).
Kernel upsampling_kernel(Kernel from) {
  Kernel to{from.inputs, from.outputs, 4,
            std::vector<float>(index(16 * from.inputs * from.outputs))};
  constexpr int kFirst[] = {2, 1, 0, 0}, kLast[] = {2, 2, 1, 0};
  for (int64_t y = 0; y < 4; ++y) {
    for (int64_t x = 0; x < 4; ++x) {
      for (int64_t i = 0; i < from.inputs; ++i) {
        for (int64_t o = 0; o < from.outputs; ++o) {
          double sum = 0;
          for (int v = kFirst[y]; v <= kLast[y]; ++v) {
            for (int u = kFirst[x]; u <= kLast[x]; ++u) sum += double{from.at(v, u, i, o)};
          }
          to.at(y, x, i, o) = static_cast<float>(sum);
        }
      }
    }
  }
  return to;
}

class Builder {
 public:
  Builder(const Network& network, NetworkTensors tensors)
      : tensors_(std::move(tensors)), output_(extent_of(network.input)) {
    fold_weight_norms(network, tensors_);
    graph_.input = output_;
    add({.kind = Kind::kCurve});  // the input itself
    through(network.layers);
  }

  Graph take() { return std::move(graph_); }

 private:
  std::vector<float> next() { return std::move(tensors_.parameters[parameter_++]); }
  std::vector<float> next_bias(bool present, int64_t size) {
    return present ? next() : std::vector<float>(index(size));
  }
  std::vector<float> next_memory() { return std::move(tensors_.memory[memory_++]); }

  // Appends a node that takes the last one.
  void add(Node node) {
    node.input = current_;
    node.in = output_;
    if (node.out.channels == 0) node.out = output_;
    output_ = node.out;
    current_ = narrow(static_cast<int64_t>(graph_.nodes.size()));
    graph_.nodes.push_back(std::move(node));
  }

  void through(const Layers& layers) {
    for (const Layer& layer : layers) std::visit([&](const auto& l) { take(l); }, layer);
  }

  void take(const Linear& l) {
    const std::vector<float> weight = next();
    Kernel kernel = kernel_of(weight, l.out, l.in, 1, false);
    add_convolution(std::move(kernel), next_bias(l.bias, l.out), 1, 0, 1);
  }
  void take(const Conv2d& l) {
    const std::vector<float> weight = next();
    Kernel kernel = kernel_of(weight, l.out, l.in, l.kernel, false);
    add_convolution(std::move(kernel), next_bias(l.bias, l.out), l.stride, l.padding, 1);
  }
  void take(const GroupedConv2d& l) {
    const std::vector<float> weight = next();
    Kernel kernel = kernel_of(weight, l.out, l.in / l.groups, l.kernel, false);
    add_convolution(std::move(kernel), next_bias(l.bias, l.out), l.stride, l.padding, l.groups);
  }
  void take(const ConvTranspose2d& l) {
    const std::vector<float> weight = next();
    Kernel kernel = kernel_of(weight, l.out, l.in, l.kernel, true);
    add_transposed(std::move(kernel), next_bias(l.bias, l.out), l.stride, l.padding,
                   l.output_padding);
  }
  void take(const UpsampleConv2d& l) {
    const std::vector<float> weight = next();
    Kernel kernel = upsampling_kernel(kernel_of(weight, l.out, l.in, 3, false));
    add_transposed(std::move(kernel), next_bias(l.bias, l.out), 2, 1, 0);
  }
  void take(const Basis& l) {
    const std::vector<float> basis = next();
    const Extent out{narrow(l.height), narrow(l.width), narrow(l.channels)};
    const int64_t pixels = l.height * l.width;
    std::vector<float> weights(basis.size());
    for (int64_t c = 0; c < l.channels; ++c) {
      for (int64_t i = 0; i < pixels; ++i) {
        weights[index(i * l.channels + c)] = basis[index(c * pixels + i)];
      }
    }
    add({.kind = Kind::kBasis, .out = out, .weights = std::move(weights)});
  }
  void take(const LeakyRelu& l) {
    add({.kind = Kind::kCurve, .curve = Curve::kLeaky, .slope = static_cast<float>(l.slope)});
  }
  void take(const Tanh&) { add({.kind = Kind::kCurve, .curve = Curve::kTanh}); }
  void take(const Sigmoid&) { add({.kind = Kind::kCurve, .curve = Curve::kSigmoid}); }
  void take(const ScaledSoftplus&) { add({.kind = Kind::kCurve, .curve = Curve::kScaledSoftplus}); }
  void take(const BatchNorm& l) {
    std::vector<float> weight = next(), bias = next();
    const std::vector<float> mean = next_memory(), variance = next_memory();
    for (size_t c = 0; c < weight.size(); ++c) {
      const double scale = double{weight[c]} / std::sqrt(double{variance[c]} + l.epsilon);
      weight[c] = static_cast<float>(scale);
      bias[c] = static_cast<float>(double{bias[c]} - double{mean[c]} * scale);
    }
    add({.kind = Kind::kScale, .weights = std::move(weight), .bias = std::move(bias)});
  }
  void take(const LayerNorm& l) {
    std::vector<float> weight = next(), bias = next();
    add({.kind = Kind::kLayerNorm,
         .weights = std::move(weight),
         .bias = std::move(bias),
         .epsilon = static_cast<float>(l.epsilon)});
  }
  void take(const ReferenceBatch& l) {
    graph_.reference = next_memory();
    graph_.reference_rows = narrow(l.rows);
  }
  // The reference batch's moments are put in when the plan can be run.
  void take(const VirtualBatchNorm& l) {
    if (graph_.reference_rows == 0) {
      throw Error(ErrorKind::kIncompatible, "a virtual batch norm without a reference batch");
    }
    std::vector<float> weight = next(), bias = next();
    weight.resize(3 * weight.size());
    add({.kind = Kind::kVirtualNorm,
         .weights = std::move(weight),
         .bias = std::move(bias),
         .epsilon = static_cast<float>(l.epsilon),
         .share = 1 / static_cast<float>(graph_.reference_rows + 1)});
  }
  void take(const GaussianNoise&) { next_memory(); }
  void take(const Reshape& l) {
    const bool was_image = output_.height * output_.width > 1;
    const Extent to = extent_of(l.shape);
    const bool same = to.height == output_.height && to.width == output_.width;
    if (same) return;
    const int32_t count = output_.height * output_.width * output_.channels;
    if (was_image) add({.kind = Kind::kFlatten, .out = {1, 1, count}});
    if (to.height * to.width > 1) {
      add({.kind = Kind::kReorder, .out = to});
    }
    output_ = to;
  }
  void take(const Pad& l) {
    const int32_t both = narrow(l.before + l.after);
    add({.kind = Kind::kPad,
         .out = {output_.height + both, output_.width + both, output_.channels},
         .amount = narrow(l.before)});
  }
  void take(const Crop& l) {
    add({.kind = Kind::kCrop, .out = {narrow(l.height), narrow(l.width), output_.channels}});
  }
  void take(const Upsample2x&) { add({.kind = Kind::kUpsample, .out = doubled()}); }
  void take(const FilterUp2x&) { add({.kind = Kind::kFilterUp, .out = doubled()}); }
  void take(const MeanPool2x&) { add({.kind = Kind::kMeanPool, .out = halved()}); }
  void take(const FilterDown2x&) { add({.kind = Kind::kFilterDown, .out = halved()}); }
  void take(const GlobalMean&) {
    add({.kind = Kind::kGlobalMean, .out = {1, 1, output_.channels}});
  }
  void take(const Residual& l) {
    // The tensors of the body come first, though it is run after the shortcut, so that its last
    // product can add that.
    const int32_t from = current_;
    const Extent in = output_;
    const size_t body_parameters = parameter_, body_memory = memory_;
    skip(l.body);
    through(l.shortcut);
    const int32_t shortcut = current_;
    const size_t end_parameters = parameter_, end_memory = memory_;
    parameter_ = body_parameters, memory_ = body_memory;
    current_ = from, output_ = in;
    through(l.body);
    parameter_ = end_parameters, memory_ = end_memory;
    add({.kind = Kind::kAdd, .second = shortcut});
  }
  template <class Kind>
  void take(const Kind&) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("a generator with a layer {} cannot be run here", Kind::kName),
                "it is a layer of critics");
  }

  // Passes over the tensors of layers.
  void skip(const Layers& layers) {
    const Network network{{1}, layers};
    parameter_ += parameter_slots(network).size();
    memory_ += state_slots(network).size();
  }

  Extent doubled() const { return {2 * output_.height, 2 * output_.width, output_.channels}; }
  Extent halved() const { return {output_.height / 2, output_.width / 2, output_.channels}; }

  void add_convolution(Kernel kernel, std::vector<float> bias, int64_t stride, int64_t padding,
                       int64_t groups) {
    const auto out = [&](int32_t n) {
      return narrow((n + 2 * padding - kernel.size) / stride + 1);
    };
    const Extent extent{out(output_.height), out(output_.width), narrow(kernel.outputs)};
    GraphPart part{.part = {extent.height, extent.width, 0, 0, 1, narrow(stride), 0, 0, 0, 0},
                   .taps = {},
                   .weights = std::move(kernel.weights)};
    for (int64_t y = 0; y < kernel.size; ++y) {
      for (int64_t x = 0; x < kernel.size; ++x) {
        part.taps.push_back({narrow(y - padding), narrow(x - padding)});
      }
    }
    Node node{
        .kind = Kind::kProduct, .out = extent, .groups = narrow(groups), .bias = std::move(bias)};
    node.parts.push_back(std::move(part));
    add(std::move(node));
  }

  // Each of the stride x stride phases of the result is a plain convolution by every stride-th
  // weight.
  void add_transposed(Kernel kernel, std::vector<float> bias, int64_t stride, int64_t padding,
                      int64_t output_padding) {
    const auto out = [&](int32_t n) {
      return narrow((n - 1) * stride - 2 * padding + kernel.size + output_padding);
    };
    const Extent extent{out(output_.height), out(output_.width), narrow(kernel.outputs)};
    const auto count = [&](int32_t n, int64_t phase) {
      return narrow((n - phase + stride - 1) / stride);
    };
    Node node{.kind = Kind::kProduct, .out = extent, .bias = std::move(bias)};
    const int64_t matrix = kernel.inputs * kernel.outputs;
    for (int64_t phase_y = 0; phase_y < std::min<int64_t>(stride, extent.height); ++phase_y) {
      for (int64_t phase_x = 0; phase_x < std::min<int64_t>(stride, extent.width); ++phase_x) {
        GraphPart part{.part = {count(extent.height, phase_y), count(extent.width, phase_x),
                                narrow(phase_y), narrow(phase_x), narrow(stride), 1, 0, 0, 0, 0},
                       .taps = {},
                       .weights = {}};
        for (int64_t y = (phase_y + padding) % stride; y < kernel.size; y += stride) {
          for (int64_t x = (phase_x + padding) % stride; x < kernel.size; x += stride) {
            part.taps.push_back({narrow((phase_y + padding - y) / stride),
                                 narrow((phase_x + padding - x) / stride)});
            const auto begin = kernel.weights.begin() + (y * kernel.size + x) * matrix;
            part.weights.insert(part.weights.end(), begin, begin + matrix);
          }
        }
        node.parts.push_back(std::move(part));
      }
    }
    add(std::move(node));
  }

  Graph graph_;
  NetworkTensors tensors_;
  size_t parameter_ = 0, memory_ = 0;
  int32_t current_ = 0;
  Extent output_;
};

}  // namespace

Graph make_graph(const Network& network, NetworkTensors tensors) {
  constexpr int64_t kMost = int64_t{1} << 28;  // numbers, a gigabyte of them
  if (std::max(elements(network.input), largest_output(network.layers, network.input)) > kMost) {
    throw Error(ErrorKind::kIncompatible, "the network is too large to be run here");
  }
  return Builder(network, std::move(tensors)).take();
}

}  // namespace wgan::infer
