// Optimal transport on the line, where sorting solves it: W_p of any order, and the earth mover's
// distance of piles with its moves.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>
#include <vector>

#include "wgan/metrics/transport_plan.h"

namespace wgan {

// The monotone plan between points x: [N] with masses a and y: [M] with masses b, with dual
// variables for the cost |x - y|^order. It is optimal for every convex cost (Villani 2003, Topics
// in Optimal Transportation, 2.2). All are finite, masses are not negative with equal sums > 0; of
// flows below 1e-15 of that sum nothing is kept. O((N + M) log (N + M)).
SolvedTransport line_transport(std::span<const double> x, std::span<const double> y,
                               std::span<const double> a, std::span<const double> b, double order);

struct LineTransport {
  double cost = 0;         // the sum of mass |x - y|^p over the plan: W_p^p
  std::vector<Flow> plan;  // in the order of x; indices into x and y as they came in
};

// The same for weighted samples x: [N] and y: [M] of any real type, N, M >= 1. Order p >= 1 and
// finite. weights: [N] and [M], not negative, divided by their sums; undefined tensors stand for
// equal weights. Throws Error(kUsage) for shapes and orders that do not fit, Error(kData) for NaN,
// infinite or negative values.
LineTransport transport_1d(const at::Tensor& x, const at::Tensor& y, double order,
                           const at::Tensor& weights_x = {}, const at::Tensor& weights_y = {});

// W_p, the p-th root of that cost.
double wasserstein_1d(const at::Tensor& x, const at::Tensor& y, double order,
                      const at::Tensor& weights_x = {}, const at::Tensor& weights_y = {});

// How piles of earth in a row, a step apart, become other piles.
struct EarthMoves {
  double work = 0;             // W1: the sum of |deltas|
  std::vector<double> deltas;  // [K + 1], delta_0 = 0, delta_{i+1} = delta_i + from_i - to_i
  std::vector<Flow> moves;  // each to a neighbour; in an order that never takes what is not there
};

// from, to: [K] heights, K >= 1, not negative, with equal sums (to 1e-9). Throws Error(kUsage)
// where lengths or sums differ, Error(kData) for NaN, infinite or negative heights.
EarthMoves earth_mover(std::span<const double> from, std::span<const double> to);

}  // namespace wgan
