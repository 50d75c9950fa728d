// One convolution and its two gradients, each by the fastest kernels for its shape, on a CPU or
// GPU.
//
// All three belong to y = conv2d(large, weight, bias, stride, padding). A transposed convolution
// goes from `small` to `large`.
//   large   [B, L, H, W], channels-last
//   weight  [S, L, k, k], with channels-last strides
//   small   [B, S, h, w], channels-last
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

struct Sliding {
  int64_t stride = 1;
  int64_t padding = 0;
};

// y itself, [B, S, h, w]; an undefined bias is left out.
at::Tensor conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                Sliding sliding);

// The gradient with respect to `large` where that of y is `small`. like: [B, L, H, W], whose
// numbers are not read.
at::Tensor conv_transposed(const at::Tensor& small, const at::Tensor& like,
                           const at::Tensor& weight, Sliding sliding);

// The gradient with respect to the weight, [S, L, k, k], where that of y is `small`. weight: its
// numbers are not read.
at::Tensor conv_weight(const at::Tensor& small, const at::Tensor& large, const at::Tensor& weight,
                       Sliding sliding);

// conv_transpose2d(small, weight, bias, stride, padding, output_padding), [B, L, H, W]; an
// undefined bias is left out.
at::Tensor biased_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                  const at::Tensor& bias, Sliding sliding,
                                  int64_t output_padding = 0);

// A tensor for `like`, of the size that this gives.
at::Tensor transposed_like(const at::Tensor& small, const at::Tensor& weight, Sliding sliding,
                           int64_t output_padding);

// Nearest-neighbour upsampling and a convolution of kernel 3 are together a transposed convolution
// of kernel 4, with four products a pixel in place of nine.
inline constexpr Sliding kUpsampling{.stride = 2, .padding = 1};
// weight: [out, in, 3, 3]. Returns [in, out, 4, 4]; autograd can go through it.
at::Tensor upsampling_weight(const at::Tensor& weight);
// Its adjoint.
at::Tensor upsampling_weight_gradient(const at::Tensor& gradient);

}  // namespace wgan
