// Optimal assignment (transport between equal numbers of points of equal mass) by the method of
// Jonker and Volgenant.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace wgan {

// Row i is assigned to column column_of[i]. Dual variables as in transport_plan.h: row_potential[i]
// + column_potential[j] is at most the cost of (i, j), and equal to it where i is assigned to j, up
// to rounding.
struct Assignment {
  std::vector<int64_t> column_of;
  std::vector<double> row_potential;
  std::vector<double> column_potential;
};

// costs: [N * N] in the order of rows, finite. Jonker and Volgenant 1987, "A shortest augmenting
// path algorithm for dense and sparse linear assignment problems". Takes O(N^3) at worst whatever
// the costs: the price wars of its reduction phase, which can last very long, are cut short.
Assignment optimal_assignment(std::span<const double> costs, int64_t n);

}  // namespace wgan
