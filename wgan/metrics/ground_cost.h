// What it costs to move a unit of mass from one point to another.
#pragma once

#include <ATen/core/Tensor.h>

namespace wgan {

enum class GroundCost {
  kEuclidean,         // |x - y|: the optimum is W1
  kSquaredEuclidean,  // |x - y|^2: the optimum is W2^2
};

// x: [N, D] and y: [M, D] float64 on one device, finite (checked_points of transport_input.h).
// Returns [N, M] float64, squares to 1e-9 of themselves or better; equal points have distance 0.
at::Tensor ground_costs(const at::Tensor& x, const at::Tensor& y, GroundCost cost);

}  // namespace wgan
