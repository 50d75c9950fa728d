// Convolutions with fewer multiplications than their definition has (Winograd 1980; Lavin and Gray
// 2016, "Fast Algorithms for Convolutional Neural Networks"), on a CPU.
//
// All three belong to y = conv2d(large, weight, bias, stride, padding), as in nn/windows.h:
//   large   [B, L, H, W], channels-last
//   weight  [S, L, k, k], with channels-last strides
//   small   [B, S, h, w], channels-last
// float or double, all of one type; S and L are multiples of 8, and stride < k <= 3 stride. They
// round otherwise than a direct convolution, and no more.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

// Whether they can be taken for such a convolution and are faster than the kernel library.
bool winograd_pays(const at::Tensor& large, const at::Tensor& weight, int64_t stride);

// y itself, [B, S, h, w] channels-last; an undefined bias is left out.
at::Tensor winograd_conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                         int64_t stride, int64_t padding);

// The gradient with respect to `large` where that of y is `small`: [B, L, height, width]
// channels-last.
at::Tensor winograd_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                    int64_t height, int64_t width, int64_t stride, int64_t padding);

// The gradient with respect to the weight, [S, L, k, k], where that of y is `small`.
at::Tensor winograd_conv_weight(const at::Tensor& small, const at::Tensor& large, int64_t kernel,
                                int64_t stride, int64_t padding);

}  // namespace wgan
