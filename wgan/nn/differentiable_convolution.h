// Convolutions of nn/convolution.h that autograd can derive once, twice or more often, on a CPU.
#pragma once

#include "wgan/nn/convolution.h"

namespace wgan {

// conv2d(large, weight, bias, stride, padding); tensors as in nn/convolution.h, in any layout. An
// undefined bias is left out.
at::Tensor differentiable_conv(const at::Tensor& large, const at::Tensor& weight,
                               const at::Tensor& bias, Sliding sliding);

// conv_transpose2d(small, weight, bias, stride, padding, output_padding).
at::Tensor differentiable_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                          const at::Tensor& bias, Sliding sliding,
                                          int64_t output_padding);

}  // namespace wgan
