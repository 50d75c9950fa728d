// The transposed convolution to few channels on a CPU, where the kernel library is slow: one matrix
// product and an overlapping sum.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

// Largest number of channels this is for.
inline constexpr int64_t kMostFoldedChannels = 4;

// The gradient of conv2d(large, weight, stride, padding) with respect to `large`, on the CPU.
// small: [B, S, h, w] channels-last; weight: [S, L, k, k] with channels-last strides, L at most
// kMostFoldedChannels. Returns [B, L, height, width] channels-last.
at::Tensor fold_transposed(const at::Tensor& small, const at::Tensor& weight, int64_t height,
                           int64_t width, int64_t stride, int64_t padding);

}  // namespace wgan
