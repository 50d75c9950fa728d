// Convolutions between many channels and few, where the kernel libraries are slow: one matrix
// product, with the windows of the kernel gathered before it or, on a CPU, summed after it.
//
// All three belong to y = conv2d(large, weight, bias, stride, padding) from few channels to many:
//   large   [B, L, H, W], channels-last, L few
//   weight  [S, L, k, k], with channels-last strides
//   small   [B, S, h, w], channels-last
// float, double or bfloat16, all of one type.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

// Up to so many channels of `large` they are faster than the kernel library, going to the large
// side, and going from it.
inline constexpr int64_t kFewChannelsTo = 4;  // on a CPU alone
inline constexpr int64_t kFewChannelsFrom = 2;
inline constexpr int64_t kFewChannelsFromOnGpu = 4;

// y itself, [B, S, h, w] channels-last; an undefined bias is left out.
at::Tensor window_conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                       int64_t stride, int64_t padding);

// The gradient with respect to `large` where that of y is `small`: [B, L, height, width]
// channels-last. On a CPU alone.
at::Tensor window_conv_transposed(const at::Tensor& small, const at::Tensor& weight, int64_t height,
                                  int64_t width, int64_t stride, int64_t padding);

// The gradient with respect to the weight, [S, L, k, k], where that of y is `small`.
at::Tensor window_conv_weight(const at::Tensor& small, const at::Tensor& large, int64_t kernel,
                              int64_t stride, int64_t padding);

}  // namespace wgan
