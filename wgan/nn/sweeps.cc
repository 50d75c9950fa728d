// The sweeps, layer by layer, on LibTorch's kernels.
#include "wgan/nn/sweeps.h"

#include <torch/types.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "wgan/nn/fold.h"

namespace wgan {
namespace {

constexpr auto kChannelsLast = at::MemoryFormat::ChannelsLast;

// Position of a layer's tensors among the model's views; -1: it has none.
struct Place {
  int64_t weight = -1;
  int64_t bias = -1;
};

std::vector<Place> places(const Network& network) {
  std::vector<Place> result;
  int64_t next = 0;
  for (const Layer& layer : network.layers) {
    Place place;
    std::visit(
        [&](const auto& l) {
          if constexpr (requires { l.bias; }) {
            place.weight = next++;
            if (l.bias) place.bias = next++;
          }
        },
        layer);
    result.push_back(place);
  }
  return result;
}

at::Tensor with_shape(const at::Tensor& x, const Shape& sample) {
  Shape shape{x.size(0)};
  shape.insert(shape.end(), sample.begin(), sample.end());
  const at::Tensor y = x.reshape(shape);
  return y.dim() == 4 ? y.contiguous(kChannelsLast) : y;
}

at::Tensor padded(const at::Tensor& x, int64_t left, int64_t right, int64_t top, int64_t bottom) {
  return at::constant_pad_nd(x, {left, right, top, bottom}, 0);
}

// LibTorch's own transposed convolution on a CPU is three times slower than its convolution, so all
// three parts of both go through the convolution from `small` [B, l.out, ...] to `large` images.
// For Conv2d, x is the large side and y the small one; for ConvTranspose2d the other way round.
at::Tensor to_small(const at::Tensor& large, const at::Tensor& weight, const auto& l) {
  return at::conv2d(large, weight, {}, l.stride, l.padding);
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> backward_parts(const at::Tensor& small,
                                                              const at::Tensor& large,
                                                              const at::Tensor& weight,
                                                              const auto& l,
                                                              std::array<bool, 3> parts) {
  return at::convolution_backward(small, large, weight, c10::nullopt, {l.stride, l.stride},
                                  {l.padding, l.padding}, {1, 1}, false, {0, 0}, 1, parts);
}

// like: a tensor of the result's shape; its numbers are not read.
at::Tensor to_large(const at::Tensor& small, const at::Tensor& like, const at::Tensor& weight,
                    const auto& l) {
  if (like.is_cpu() && like.size(1) <= kMostFoldedChannels) {
    return fold_transposed(small, weight, like.size(2), like.size(3), l.stride, l.padding);
  }
  return std::get<0>(backward_parts(small, like, weight, l, {true, false, false}));
}

at::Tensor weight_part(const at::Tensor& small, const at::Tensor& large, const at::Tensor& weight,
                       const auto& l) {
  return std::get<1>(backward_parts(small, large, weight, l, {false, true, false}));
}

at::Tensor transposed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      const ConvTranspose2d& l) {
  const auto extent = [&](int64_t n) {
    return (n - 1) * l.stride - 2 * l.padding + l.kernel + l.output_padding;
  };
  const at::Tensor like = at::empty({x.size(0), l.out, extent(x.size(2)), extent(x.size(3))},
                                    x.options().memory_format(kChannelsLast));
  at::Tensor y = to_large(x, like, weight, l);
  return bias.defined() ? y.add_(bias.view({1, -1, 1, 1})) : y;
}

// The affine part of a layer; an undefined bias is left out. Other layers: as they are.
at::Tensor affine(const Layer& layer, const at::Tensor& x, const at::Tensor& weight,
                  const at::Tensor& bias) {
  return std::visit(
      Match{[&](const Linear&) { return at::linear(x, weight, bias); },
            [&](const Conv2d& l) { return at::conv2d(x, weight, bias, l.stride, l.padding); },
            [&](const ConvTranspose2d& l) { return transposed(x, weight, bias, l); },
            [&](const Reshape& l) { return with_shape(x, l.shape); },
            [&](const Pad& l) { return padded(x, l.before, l.after, l.before, l.after); },
            [&](const Crop& l) {
              return x.narrow(2, 0, l.height).narrow(3, 0, l.width).contiguous(kChannelsLast);
            },
            [&](const auto&) { return x; }},
      layer);
}

// d times the activation's derivative, from its output y; other layers: d as it is.
at::Tensor through_activation(const Layer& layer, const at::Tensor& d, const at::Tensor& y) {
  return std::visit(Match{[&](const LeakyRelu& l) {
                            return l.slope == 0 ? at::threshold_backward(d, y, 0)
                                                : at::leaky_relu_backward(d, y, l.slope, true);
                          },
                          [&](const Tanh&) { return at::tanh_backward(d, y); },
                          [&](const Sigmoid&) { return at::sigmoid_backward(d, y); },
                          [&](const auto&) { return d; }},
                    layer);
}

// The adjoint of affine(): d with respect to the output to d with respect to the input x.
at::Tensor affine_adjoint(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                          const at::Tensor& weight) {
  return std::visit(Match{[&](const Linear&) { return d.mm(weight); },
                          [&](const Conv2d& l) { return to_large(d, x, weight, l); },
                          [&](const ConvTranspose2d& l) { return to_small(d, weight, l); },
                          [&](const Reshape&) {
                            return with_shape(d, {x.sizes().begin() + 1, x.sizes().end()});
                          },
                          [&](const Pad& l) {
                            return d.narrow(2, l.before, x.size(2))
                                .narrow(3, l.before, x.size(3))
                                .contiguous(kChannelsLast);
                          },
                          [&](const Crop& l) {
                            return padded(d, 0, x.size(3) - l.width, 0, x.size(2) - l.height);
                          },
                          [&](const auto&) { return d; }},
                    layer);
}

at::Tensor weight_gradient(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                           const at::Tensor& weight) {
  return std::visit(Match{[&](const Linear&) { return d.t().mm(x); },
                          [&](const Conv2d& l) { return weight_part(d, x, weight, l); },
                          [&](const ConvTranspose2d& l) { return weight_part(x, d, weight, l); },
                          [&](const auto&) { return at::Tensor(); }},
                    layer);
}

at::Tensor view_at(const std::vector<at::Tensor>& views, int64_t place) {
  return place < 0 ? at::Tensor() : views[static_cast<size_t>(place)];
}

const at::Tensor& output_of(const Trace& trace, size_t layer) {
  return layer + 1 < trace.inputs.size() ? trace.inputs[layer + 1] : trace.output;
}

bool is_activation(const Layer& layer) {
  return std::holds_alternative<LeakyRelu>(layer) || std::holds_alternative<Tanh>(layer) ||
         std::holds_alternative<Sigmoid>(layer);
}

bool is_smooth(const Layer& layer) {
  return std::holds_alternative<Tanh>(layer) || std::holds_alternative<Sigmoid>(layer);
}

}  // namespace

bool has_sweeps(const Network& network) { return !has_batch_norm(network); }

bool has_tangent_sweep(const Network& network) {
  return has_sweeps(network) && std::ranges::none_of(network.layers, is_smooth);
}

Trace forward_sweep(const Model& model, const at::Tensor& input) {
  const auto where = places(model.network);
  Trace trace;
  at::Tensor x = input;
  bool ours = false;  // x is not read again as it is: neither the caller's nor an activation's
  for (size_t i = 0; i < model.network.layers.size(); ++i) {
    const Layer& layer = model.network.layers[i];
    trace.inputs.push_back(x);
    x = affine(layer, x, view_at(model.frozen, where[i].weight),
               view_at(model.frozen, where[i].bias));
    if (where[i].weight >= 0) ours = true;
    at::Tensor out = is_activation(layer) && !ours ? x.clone() : x;
    if (is_activation(layer)) ours = false;
    std::visit(Match{[&](const LeakyRelu& l) {
                       x = l.slope == 0 ? out.relu_() : at::leaky_relu_(out, l.slope);
                     },
                     [&](const Tanh&) { x = out.tanh_(); },
                     [&](const Sigmoid&) { x = out.sigmoid_(); }, [](const auto&) {}},
               layer);
  }
  trace.output = x;
  return trace;
}

Adjoint adjoint_sweep(const Model& model, const Trace& trace, const at::Tensor& seed,
                      int64_t first_row) {
  const auto& layers = model.network.layers;
  const auto where = places(model.network);
  Adjoint result{std::vector<at::Tensor>(layers.size()), {}};
  size_t lowest = 0;  // affine layer below which only the rows from first_row on are wanted
  while (lowest < layers.size() && where[lowest].weight < 0) ++lowest;
  at::Tensor d = seed;
  for (size_t i = layers.size(); i-- > 0;) {
    d = through_activation(
        layers[i], d, i >= lowest ? output_of(trace, i) : output_of(trace, i).slice(0, first_row));
    if (where[i].weight >= 0) result.outputs[i] = d;
    at::Tensor x = trace.inputs[i];
    if (i <= lowest) {
      if (first_row == seed.size(0)) return result;
      x = x.slice(0, first_row);
      if (i == lowest) d = d.slice(0, first_row);
    }
    d = affine_adjoint(layers[i], d, x, view_at(model.frozen, where[i].weight));
  }
  result.input = d;
  return result;
}

std::vector<at::Tensor> tangent_sweep(const Model& model, const Trace& trace,
                                      const at::Tensor& direction) {
  const auto& layers = model.network.layers;
  const auto where = places(model.network);
  const int64_t first_row = trace.output.size(0) - direction.size(0);
  std::vector<at::Tensor> tangents(layers.size());
  at::Tensor t = direction;
  for (size_t i = 0; i < layers.size(); ++i) {
    if (where[i].weight >= 0) tangents[i] = t;
    if (where[i].weight >= 0 &&
        std::ranges::none_of(where.begin() + static_cast<int64_t>(i) + 1, where.end(),
                             [](const Place& p) { return p.weight >= 0; })) {
      break;  // nothing above the last affine layer is asked for
    }
    t = affine(layers[i], t, view_at(model.frozen, where[i].weight), {});
    t = through_activation(layers[i], t, output_of(trace, i).slice(0, first_row));
  }
  return tangents;
}

void weight_sweep(const Model& model, const Trace& trace, const Adjoint& adjoint, int64_t bias_rows,
                  const std::vector<at::Tensor>& gradients) {
  const auto where = places(model.network);
  for (size_t i = 0; i < where.size(); ++i) {
    if (where[i].weight < 0) continue;
    const at::Tensor& d = adjoint.outputs[i];
    view_at(gradients, where[i].weight)
        .add_(weight_gradient(model.network.layers[i], d, trace.inputs[i],
                              view_at(model.frozen, where[i].weight)));
    if (where[i].bias < 0) continue;
    const at::Tensor rows = d.narrow(0, 0, bias_rows);
    view_at(gradients, where[i].bias).add_(rows.dim() == 4 ? rows.sum({0, 2, 3}) : rows.sum(0));
  }
}

}  // namespace wgan
