// Which kernels a convolution takes.
#include "wgan/nn/convolution.h"

#include <torch/types.h>

#include <array>
#include <tuple>

#include "wgan/nn/forward.h"
#include "wgan/nn/windows.h"
#include "wgan/nn/winograd.h"

namespace wgan {
namespace {

// Whether convolutions from, or to, the large side go by windows.
bool from_few(const at::Tensor& large) {
  return large.size(1) <= (large.is_cpu() ? kFewChannelsFrom : kFewChannelsFromOnGpu);
}
bool to_few(const at::Tensor& large) { return large.is_cpu() && large.size(1) <= kFewChannelsTo; }

std::tuple<at::Tensor, at::Tensor, at::Tensor> backward_parts(const at::Tensor& small,
                                                              const at::Tensor& large,
                                                              const at::Tensor& weight, Sliding s,
                                                              std::array<bool, 3> parts) {
  return at::convolution_backward(small, large, weight, c10::nullopt, {s.stride, s.stride},
                                  {s.padding, s.padding}, {1, 1}, false, {0, 0}, 1, parts);
}

// Along one axis the weights of an upsampling convolution are (w2, w1 + w2, w0 + w1, w0).
at::Tensor summed_weights(const at::Tensor& w, int64_t axis) {
  const at::Tensor w0 = w.select(axis, 0), w1 = w.select(axis, 1), w2 = w.select(axis, 2);
  return torch::stack({w2, w1 + w2, w0 + w1, w0}, axis);
}

// The adjoint of summed_weights.
at::Tensor gathered_gradients(const at::Tensor& g, int64_t axis) {
  const auto sum = [&](int64_t i) { return g.select(axis, i) + g.select(axis, i + 1); };
  return at::stack({sum(2), sum(1), sum(0)}, axis);
}

}  // namespace

// LibTorch's own transposed convolution on a CPU is three times slower than its convolution, so all
// three parts of both go through the convolution from `large` to `small` images.
at::Tensor conv(const at::Tensor& large, const at::Tensor& weight, const at::Tensor& bias,
                Sliding s) {
  if (from_few(large)) return window_conv(large, weight, bias, s.stride, s.padding);
  if (winograd_pays(large, weight, s.stride)) {
    return winograd_conv(large, weight, bias, s.stride, s.padding);
  }
  return at::conv2d(large, weight, bias, s.stride, s.padding);
}

at::Tensor conv_transposed(const at::Tensor& small, const at::Tensor& like,
                           const at::Tensor& weight, Sliding s) {
  if (to_few(like)) {
    return window_conv_transposed(small, weight, like.size(2), like.size(3), s.stride, s.padding);
  }
  if (winograd_pays(like, weight, s.stride)) {
    return winograd_conv_transposed(small, weight, like.size(2), like.size(3), s.stride, s.padding);
  }
  return std::get<0>(backward_parts(small, like, weight, s, {true, false, false}));
}

at::Tensor conv_weight(const at::Tensor& small, const at::Tensor& large, const at::Tensor& weight,
                       Sliding s) {
  const int64_t kernel = weight.size(2);
  if (from_few(large)) return window_conv_weight(small, large, kernel, s.stride, s.padding);
  if (winograd_pays(large, weight, s.stride)) {
    return winograd_conv_weight(small, large, kernel, s.stride, s.padding);
  }
  return std::get<1>(backward_parts(small, large, weight, s, {false, true, false}));
}

at::Tensor transposed_like(const at::Tensor& small, const at::Tensor& weight, Sliding s,
                           int64_t output_padding) {
  const auto extent = [&](int64_t n) {
    return (n - 1) * s.stride - 2 * s.padding + weight.size(2) + output_padding;
  };
  return at::empty({small.size(0), weight.size(1), extent(small.size(2)), extent(small.size(3))},
                   small.options().memory_format(kChannelsLast));
}

at::Tensor biased_conv_transposed(const at::Tensor& small, const at::Tensor& weight,
                                  const at::Tensor& bias, Sliding s, int64_t output_padding) {
  at::Tensor y =
      conv_transposed(small, transposed_like(small, weight, s, output_padding), weight, s);
  return bias.defined() ? y.add_(per_channel(bias, y)) : y;
}

at::Tensor upsampling_weight(const at::Tensor& weight) {
  return summed_weights(summed_weights(weight.transpose(0, 1), 2), 3).contiguous(kChannelsLast);
}

at::Tensor upsampling_weight_gradient(const at::Tensor& gradient) {
  return gathered_gradients(gathered_gradients(gradient, 2), 3).transpose(0, 1);
}

}  // namespace wgan
