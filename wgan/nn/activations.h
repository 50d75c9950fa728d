// One activation at a time, without autograd: its values, and its derivatives from its values.
// y = sigma(z), element by element. For the layers of kind kActivation alone.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/net/layer.h"

namespace wgan {

// x <- sigma(x)
void activate_in_place(const Layer& layer, at::Tensor x);

// target <- d sigma'(z); target may be d or y.
void differentiate_activation(const Layer& layer, at::Tensor target, const at::Tensor& d,
                              const at::Tensor& y);

// d sigma''(z) z_t, where t = sigma'(z) z_t: what a tangent t behind the activation and a gradient
// d with respect to it add to the gradient with respect to z. Undefined where sigma'' is 0.
at::Tensor activation_curvature(const Layer& layer, const at::Tensor& d, const at::Tensor& t,
                                const at::Tensor& y);

}  // namespace wgan
