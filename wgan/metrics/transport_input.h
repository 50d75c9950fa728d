// What the transport measures accept: finite points and weights, brought to float64.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>

namespace wgan {

// points: [N, D] of a real type, N, D >= 1. Returns them as float64 on the same device, detached.
// Throws Error(kUsage) for another shape or type, Error(kData) for NaN and infinite values; name
// ("x") is for the messages.
at::Tensor checked_points(const at::Tensor& points, const std::string& name);

// Throws Error(kUsage) unless both were taken in the same space on the same device. x: [N, D],
// y: [M, D].
void check_same_space(const at::Tensor& x, const at::Tensor& y);

// masses: [count], not negative, with a positive sum. Returns them as float64. Throws Error(kUsage)
// and Error(kData) as above.
at::Tensor checked_masses(const at::Tensor& masses, int64_t count, const std::string& name);

// The same divided by their sum, on `like`'s device; undefined weights are equal ones.
at::Tensor checked_weights(const at::Tensor& weights, int64_t count, const at::Tensor& like,
                           const std::string& name);

// The values of a contiguous float64 tensor on the CPU.
std::span<const double> values_of(const at::Tensor& tensor);

}  // namespace wgan
