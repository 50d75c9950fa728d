// LayerNorm without autograd: its values, its adjoint, and its tangent with what that bends.
//
// Over the N numbers of a sample, with mu their mean, r = (their variance + epsilon)^-1/2 and
// h = (x - mu) r, it is y = scale h + shift. Its Jacobian is scale K, with K symmetric:
//   K t = r (t - mean(t) - h mean(h t))
// (docs/mathematics.md). x, d, t: [B, C, H, W], or [B, C]; images in channels-last order are fast.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>

#include "wgan/net/layer.h"

namespace wgan {

// mu and r of each sample, [B].
using LayerMoments = std::array<at::Tensor, 2>;

// y; leaves what the other two need in `moments`. scale, shift: [C].
at::Tensor layer_norm(const LayerNorm& layer, const at::Tensor& x, const at::Tensor& scale,
                      const at::Tensor& shift, LayerMoments& moments);

struct LayerNormAdjoint {
  at::Tensor input;  // K (scale d)
  at::Tensor scale;  // [C], the gradient with respect to the scale
  at::Tensor shift;  // [C]
};
// d: the gradient with respect to y.
LayerNormAdjoint layer_norm_adjoint(const at::Tensor& d, const at::Tensor& x,
                                    const at::Tensor& scale, const LayerMoments& moments);

struct LayerNormTangent {
  at::Tensor output;     // J t = scale K t
  at::Tensor curvature;  // the gradient of <d, J t> with respect to x
  at::Tensor scale;      // [C], the same with respect to the scale; the shift has none
};
// d: the gradient with respect to J t, where t is the tangent at x.
LayerNormTangent layer_norm_tangent(const at::Tensor& d, const at::Tensor& t, const at::Tensor& x,
                                    const at::Tensor& scale, const LayerMoments& moments);

}  // namespace wgan
