// Entropically regularised optimal transport, and the debiased divergence made of it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "wgan/metrics/ground_cost.h"

namespace wgan {

struct SinkhornOptions {
  // These change results.
  double epsilon = 0.1;          // of the entropy, in units of the cost; > 0
  double marginal_error = 1e-9;  // stop at |P 1 - a|_1 or less, for masses of sum 1; > 0
  int64_t iterations = 100000;   // at most; one updates both potentials
  // This changes speed.
  double scaling = 0.5;  // epsilon starts at the largest cost and shrinks by this factor; 1: not
};

// The minimum over the plans P with marginals a and b of <P, C> + epsilon KL(P | a b^T); the plan
// is P_ij = a_i b_j exp((f_i + g_j - c_ij) / epsilon).
struct Sinkhorn {
  double sharp = 0;           // <P, C>, without the entropy
  double dual = 0;            // <f, a> + <g, b>: the minimum itself
  at::Tensor potential_from;  // f: [N] float64
  at::Tensor potential_to;    // g: [M] float64
  int64_t iterations = 0;
  double marginal_error = 0;  // |P 1 - a|_1 (P^T 1 = b holds exactly)
  bool converged = false;
};

// x: [N, D], y: [M, D] of any real type, on one device; weights as exact_transport takes them
// (those of 0 are allowed). Iterates in the log domain (Cuturi 2013; Peyre and Cuturi 2019, 4.4) in
// float64 with over-relaxation (Thibault et al. 2021) once the rate is known. Costs of more than
// 2^25 pairs are not kept but computed in every iteration. Throws Error(kUsage) where shapes or
// options do not fit and Error(kData) for NaN, infinite or negative values.
Sinkhorn sinkhorn(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                  const SinkhornOptions& options, const at::Tensor& weights_x = {},
                  const at::Tensor& weights_y = {});

// The same for any costs: [N, M]; a: [N] and b: [M] are divided by their sums.
Sinkhorn sinkhorn_of_costs(const at::Tensor& costs, const at::Tensor& a, const at::Tensor& b,
                           const SinkhornOptions& options);

// OT(x, y) - (OT(x, x) + OT(y, y)) / 2, which is 0 for equal distributions (Genevay et al. 2018;
// Feydy et al. 2019).
struct SinkhornDivergence {
  double sharp = 0;           // with OT = <P, C>, as Genevay et al.
  double dual = 0;            // with OT = the whole minimum, as Feydy et al.: never negative
  int64_t iterations = 0;     // of the three problems together
  double marginal_error = 0;  // the largest of the three
  bool converged = false;     // all three
};

SinkhornDivergence sinkhorn_divergence(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                                       const SinkhornOptions& options,
                                       const at::Tensor& weights_x = {},
                                       const at::Tensor& weights_y = {});

}  // namespace wgan
