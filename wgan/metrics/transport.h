// Exact optimal transport between samples, with its plan and a certificate that it is optimal.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wgan/metrics/ground_cost.h"
#include "wgan/metrics/transport_plan.h"

namespace wgan {

enum class TransportSolver {
  kAuto,
  kNetworkSimplex,  // any weights, any sizes
  kAssignment,      // Jonker-Volgenant; equal sizes without weights
};

// The exact solvers take at most this many pairs (16,384 by 16,384 points; 2 GiB of costs).
inline constexpr int64_t kMostExactPairs = int64_t{1} << 28;

// A plan P with marginals a and b, and dual variables f, g that prove how good it is: whatever plan
// costs at least <f, a> + <g, b> where f_i + g_j <= c_ij.
struct Transport {
  double cost = 0;            // <P, C>, recomputed from the costs in float64
  std::vector<Flow> plan;     // by rows; at most N + M entries
  at::Tensor potential_from;  // f: [N] float64; f_i + g_j <= c_ij holds as float64 evaluates it
  at::Tensor potential_to;    // g: [M] float64
  double gap = 0;             // cost - (<f, a> + <g, b>), and 0 where rounding makes it negative
  std::string solver;         // "network simplex", "assignment", "line"
};

// The optimal transport from x: [N, D] to y: [M, D], any real type, N, M, D >= 1. weights_x: [N],
// weights_y: [M], not negative, divided by their sums; undefined tensors stand for equal weights.
// Takes the closed form on the line, the assignment between at most 512 points a side of equal
// weights (or where the build has nothing else), and the network simplex otherwise. Computes on the
// CPU in float64. Throws Error(kUsage) where shapes do not fit or there are more than
// kMostExactPairs pairs, Error(kData) for NaN, infinite or negative values, and
// Error(kIncompatible) where the build lacks the network simplex.
Transport exact_transport(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                          const at::Tensor& weights_x = {}, const at::Tensor& weights_y = {});

// The same for any costs: [N, M], and masses a: [N], b: [M] with equal sums (to 1e-9), which are
// kept. kAuto chooses as above. Throws Error(kUsage) also where the assignment is asked for and the
// masses differ.
Transport exact_transport_of_costs(const at::Tensor& costs, const at::Tensor& a,
                                   const at::Tensor& b,
                                   TransportSolver solver = TransportSolver::kAuto);

// W1 or W2 (the root of the least mean squared distance) between the samples x: [N, D] and
// y: [M, D]. order: 1 or 2.
double wasserstein(const at::Tensor& x, const at::Tensor& y, int order);

}  // namespace wgan
