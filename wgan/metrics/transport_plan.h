// What a solver of a transport problem hands back: who sends how much to whom, and the dual
// variables.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace wgan {

// `mass` goes from row `from` to column `to` of the cost matrix.
struct Flow {
  int64_t from = 0;
  int64_t to = 0;
  double mass = 0;
};

// An optimal plan (its entries with mass, in the order of their rows) and optimal dual variables:
// potential_from[i] + potential_to[j] is at most the cost of (i, j), and equal to it where the plan
// has mass, both up to the solver's rounding.
struct SolvedTransport {
  std::vector<Flow> plan;
  std::vector<double> potential_from;
  std::vector<double> potential_to;
};

// The least of costs[j] - potentials[j]; infinity for none. The c-transform of `potentials` at one
// row.
inline double least_reduced_cost(std::span<const double> costs,
                                 std::span<const double> potentials) {
  constexpr size_t kLanes = 8;  // independent minima, which the compiler keeps in vector registers
  std::array<double, kLanes> least;
  least.fill(std::numeric_limits<double>::infinity());
  const size_t count = costs.size();
  size_t j = 0;
  for (; j + kLanes <= count; j += kLanes) {
    for (size_t lane = 0; lane < kLanes; ++lane) {
      const double reduced = costs[j + lane] - potentials[j + lane];
      least[lane] = reduced < least[lane] ? reduced : least[lane];
    }
  }
  for (; j < count; ++j) least[0] = std::min(least[0], costs[j] - potentials[j]);
  return *std::min_element(least.begin(), least.end());
}

}  // namespace wgan
