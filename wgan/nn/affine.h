// One affine layer at a time, without autograd: what it gives, the adjoint of its linear part, and
// the gradient of its weight. x [B, ...] and d [B, ...] stand before and after the layer, images in
// channels-last order; weights are of canonical shape (nn/parameters.h), channels-last too.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/net/layer.h"

namespace wgan {

// W x + b; an undefined bias is left out. Linear layers without weights too; activations: x.
at::Tensor affine(const Layer& layer, const at::Tensor& x, const at::Tensor& weight,
                  const at::Tensor& bias);

// W^T d, of the shape of x. Activations: d.
at::Tensor affine_adjoint(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                          const at::Tensor& weight);

// The sum over rows of d (x) x, of the shape of the weight; undefined where the layer has none.
at::Tensor weight_gradient(const Layer& layer, const at::Tensor& d, const at::Tensor& x,
                           const at::Tensor& weight);

}  // namespace wgan
