// LayerNorm in two passes over each sample, for float32 and float64 on a CPU: one for sums, one
// that writes. See nn/layer_norm.h, whose functions these are.
#pragma once

#include "wgan/nn/layer_norm.h"

namespace wgan {

// Whether the kernels take x: on a CPU, images in channels-last order. d and t are to lie as x
// does.
bool layer_norm_rows_take(const at::Tensor& x);

at::Tensor layer_norm_rows(const LayerNorm& layer, const at::Tensor& x, const at::Tensor& scale,
                           const at::Tensor& shift, LayerMoments& moments);
LayerNormAdjoint layer_norm_rows_adjoint(const at::Tensor& d, const at::Tensor& x,
                                         const at::Tensor& scale, const LayerMoments& moments);
LayerNormTangent layer_norm_rows_tangent(const at::Tensor& d, const at::Tensor& t,
                                         const at::Tensor& x, const at::Tensor& scale,
                                         const LayerMoments& moments);

}  // namespace wgan
