// The affine layers on LibTorch's kernels, each by the fastest of them.
#include "wgan/nn/affine.h"

#include <torch/types.h>

#include <array>
#include <tuple>

#include "wgan/nn/forward.h"
#include "wgan/nn/resampling.h"
#include "wgan/nn/windows.h"
#include "wgan/nn/winograd.h"

namespace wgan {
namespace {

// Whether convolutions from, or to, the large side go by windows.
bool from_few(const at::Tensor& large) {
  return large.size(1) <= (large.is_cpu() ? kFewChannelsFrom : kFewChannelsFromOnGpu);
}
bool to_few(const at::Tensor& large) { return large.is_cpu() && large.size(1) <= kFewChannelsTo; }

// LibTorch's own transposed convolution on a CPU is three times slower than its convolution, so all
// three parts of both go through the convolution from `large` to `small` images.
// For Conv2d, x is the large side and y the small one; for ConvTranspose2d the other way round.
at::Tensor to_small(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                    const auto& l) {
  if (from_few(large)) return window_conv(large, weight, bias, l.stride, l.padding);
  if (winograd_pays(large, weight, l.stride)) {
    return winograd_conv(large, weight, bias, l.stride, l.padding);
  }
  return at::conv2d(large, weight, bias, l.stride, l.padding);
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
  if (to_few(like)) {
    return window_conv_transposed(small, weight, like.size(2), like.size(3), l.stride, l.padding);
  }
  if (winograd_pays(like, weight, l.stride)) {
    return winograd_conv_transposed(small, weight, like.size(2), like.size(3), l.stride, l.padding);
  }
  return std::get<0>(backward_parts(small, like, weight, l, {true, false, false}));
}

at::Tensor weight_part(const at::Tensor& small, const at::Tensor& large, const at::Tensor& weight,
                       const auto& l) {
  if (from_few(large)) return window_conv_weight(small, large, l.kernel, l.stride, l.padding);
  if (winograd_pays(large, weight, l.stride)) {
    return winograd_conv_weight(small, large, l.kernel, l.stride, l.padding);
  }
  return std::get<1>(backward_parts(small, large, weight, l, {false, true, false}));
}

// Grouped convolutions are the kernel library's: of 64 to 512 channels in groups of 16, kernel 3,
// it was 5 to 30 times as fast on a CPU as a batched matrix product of the groups' gathered
// windows.
at::Tensor grouped(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                   const GroupedConv2d& l) {
  return at::conv2d(x, weight, bias, l.stride, l.padding, 1, l.groups).contiguous(kChannelsLast);
}

// The gradients of the input and the weight, as asked for.
std::tuple<at::Tensor, at::Tensor, at::Tensor> grouped_parts(const at::Tensor& d,
                                                             const at::Tensor& x,
                                                             const at::Tensor& weight,
                                                             const GroupedConv2d& l,
                                                             std::array<bool, 3> parts) {
  return at::convolution_backward(d, x, weight, c10::nullopt, {l.stride, l.stride},
                                  {l.padding, l.padding}, {1, 1}, false, {0, 0}, l.groups, parts);
}

at::Tensor transposed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                      const ConvTranspose2d& l) {
  const auto extent = [&](int64_t n) {
    return (n - 1) * l.stride - 2 * l.padding + l.kernel + l.output_padding;
  };
  const at::Tensor like =
      at::empty({x.size(0), weight.size(1), extent(x.size(2)), extent(x.size(3))},
                x.options().memory_format(kChannelsLast));
  at::Tensor y = to_large(x, like, weight, l);
  return bias.defined() ? y.add_(bias.view({1, -1, 1, 1})) : y;
}

// Nearest-neighbour upsampling and a convolution of kernel 3 are together a transposed convolution
// of kernel 4 and stride 2, with four products a pixel in place of nine. Along one axis its weights
// are (w2, w1 + w2, w0 + w1, w0).
constexpr ConvTranspose2d kUpsampling{.kernel = 4, .stride = 2, .padding = 1};

at::Tensor summed_weights(const at::Tensor& w, int64_t axis) {
  const at::Tensor w0 = w.select(axis, 0), w1 = w.select(axis, 1), w2 = w.select(axis, 2);
  return at::stack({w2, w1 + w2, w0 + w1, w0}, axis);
}

// weight: [out, in, 3, 3]. Returns [in, out, 4, 4].
at::Tensor upsampling_weight(const at::Tensor& weight) {
  return summed_weights(summed_weights(weight.transpose(0, 1), 2), 3).contiguous(kChannelsLast);
}

// The adjoint of summed_weights.
at::Tensor gathered_gradients(const at::Tensor& g, int64_t axis) {
  const auto sum = [&](int64_t i) { return g.select(axis, i) + g.select(axis, i + 1); };
  return at::stack({sum(2), sum(1), sum(0)}, axis);
}

at::Tensor upsampling_weight_gradient(const at::Tensor& gradient) {
  return gathered_gradients(gathered_gradients(gradient, 2), 3).transpose(0, 1);
}

}  // namespace

at::Tensor affine(const Layer& layer, const at::Tensor& x, const at::Tensor& weight,
                  const at::Tensor& bias) {
  return std::visit(Match{[&](const Linear&) { return at::linear(x, weight, bias); },
                          [&](const Conv2d& l) { return to_small(x, weight, bias, l); },
                          [&](const ConvTranspose2d& l) { return transposed(x, weight, bias, l); },
                          [&](const UpsampleConv2d&) {
                            return transposed(x, upsampling_weight(weight), bias, kUpsampling);
                          },
                          [&](const GroupedConv2d& l) { return grouped(x, weight, bias, l); },
                          [&](const Basis&) { return along_basis(x, weight); },
                          [&](const BasisTranspose&) {
                            return (x * weight).sum({2, 3});
                          },
                          [&](const Projection&) {
                            const at::Tensor y = x.mm(class_weights(weight).t());
                            return bias.defined() ? y + bias : y;
                          },
                          [&]<class Kind>(const Kind&) {
                            static_assert(Kind::kTraits.kind != LayerKind::kWeights);
                            return rearranged(layer, x);
                          }},
                    layer);
}

at::Tensor affine_adjoint(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                          const at::Tensor& weight) {
  return std::visit(
      Match{[&](const Linear&) { return d.mm(weight); },
            [&](const Conv2d& l) { return to_large(d, x, weight, l); },
            [&](const ConvTranspose2d& l) { return to_small(d, weight, {}, l); },
            [&](const UpsampleConv2d&) {
              return to_small(d, upsampling_weight(weight), {}, kUpsampling);
            },
            [&](const GroupedConv2d& l) {
              return std::get<0>(grouped_parts(d, x, weight, l, {true, false, false}))
                  .contiguous(kChannelsLast);
            },
            [&](const Basis&) {
              return (d * weight).sum({2, 3});
            },
            [&](const BasisTranspose&) { return along_basis(d, weight); },
            [&](const Projection&) { return d.mm(class_weights(weight)); },
            [&](const Reshape&) {
              return with_shape(d, {x.sizes().begin() + 1, x.sizes().end()});
            },
            [&](const MeanPool2x&) { return upsampled(d).mul_(0.25); },
            [&](const Upsample2x&) {
              return at::avg_pool2d(d, {2, 2}).mul_(4);
            },
            [&](const FilterDown2x&) { return filtered_up(d, 0.25); },
            [&](const FilterUp2x&) { return filtered_down(d, 4); },
            [&](const GlobalMean&) {
              const auto pixels = static_cast<double>(x.size(2) * x.size(3));
              return (d / pixels)
                  .view({d.size(0), d.size(1), 1, 1})
                  .expand_as(x)
                  .contiguous(kChannelsLast);
            },
            [&](const Pad& l) {
              return d.narrow(2, l.before, x.size(2))
                  .narrow(3, l.before, x.size(3))
                  .contiguous(kChannelsLast);
            },
            [&](const Crop& l) {
              return at::constant_pad_nd(d, {0, x.size(3) - l.width, 0, x.size(2) - l.height}, 0);
            },
            [&]<class Kind>(const Kind&) {
              static_assert(Kind::kTraits.kind != LayerKind::kWeights &&
                            Kind::kTraits.kind != LayerKind::kArrangement);
              return d;
            }},
      layer);
}

at::Tensor weight_gradient(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                           const at::Tensor& weight) {
  return std::visit(
      Match{[&](const Linear&) { return d.t().mm(x); },
            [&](const Conv2d& l) { return weight_part(d, x, weight, l); },
            [&](const ConvTranspose2d& l) { return weight_part(x, d, weight, l); },
            [&](const UpsampleConv2d&) {
              return upsampling_weight_gradient(
                  weight_part(x, d, upsampling_weight(weight), kUpsampling));
            },
            [&](const GroupedConv2d& l) {
              return std::get<1>(grouped_parts(d, x, weight, l, {false, true, false}));
            },
            [&](const Basis&) { return along_basis(x, d).sum(0); },
            [&](const BasisTranspose&) { return along_basis(d, x).sum(0); },
            [&](const Projection&) {
              const at::Tensor each = d.t().mm(x);
              return at::cat({each.sum(0, /*keepdim=*/true), each});
            },
            [&]<class Kind>(const Kind&) {
              static_assert(Kind::kTraits.kind != LayerKind::kWeights);
              return at::Tensor();
            }},
      layer);
}

}  // namespace wgan
