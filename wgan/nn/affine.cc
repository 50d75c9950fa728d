// The affine layers on LibTorch's kernels, each by the fastest of them.
#include "wgan/nn/affine.h"

#include <torch/types.h>

#include <array>
#include <tuple>

#include "wgan/nn/convolution.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/resampling.h"

namespace wgan {
namespace {

// What a layer's own convolution is.
Sliding sliding(const auto& l) { return {l.stride, l.padding}; }

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

}  // namespace

at::Tensor affine(const Layer& layer, const at::Tensor& x, const at::Tensor& weight,
                  const at::Tensor& bias) {
  return std::visit(
      Match{[&](const Linear&) { return at::linear(x, weight, bias); },
            [&](const Conv2d& l) { return conv(x, weight, bias, sliding(l)); },
            [&](const ConvTranspose2d& l) {
              return biased_conv_transposed(x, weight, bias, sliding(l), l.output_padding);
            },
            [&](const UpsampleConv2d&) {
              return biased_conv_transposed(x, upsampling_weight(weight), bias, kUpsampling);
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
            [&](const Conv2d& l) { return conv_transposed(d, x, weight, sliding(l)); },
            [&](const ConvTranspose2d& l) { return conv(d, weight, {}, sliding(l)); },
            [&](const UpsampleConv2d&) {
              return conv(d, upsampling_weight(weight), {}, kUpsampling);
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
            [&](const Conv2d& l) { return conv_weight(d, x, weight, sliding(l)); },
            [&](const ConvTranspose2d& l) { return conv_weight(x, d, weight, sliding(l)); },
            [&](const UpsampleConv2d&) {
              return upsampling_weight_gradient(
                  conv_weight(x, d, upsampling_weight(weight), kUpsampling));
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
