// Optimal transport between any two discrete distributions by the network simplex method.
#pragma once

#include <span>

#include "wgan/metrics/transport_plan.h"

namespace wgan {

// Whether this build has the solver (LEMON, CMake option WGAN_WITH_LEMON).
bool has_network_simplex();

// costs: [N * M] in the order of rows, finite, N * M < 2^31. from: [N], to: [M], not negative, with
// equal sums > 0. Exact but for rounding: costs to 2^-40 of the largest, masses to 2^-60 of their
// sum. The pairs are not all given to the solver: a coarser problem yields dual variables, they a
// few candidates a row and column, and as long as the solution has pairs of negative reduced cost,
// the worst of these join the candidates (column generation; Schmitzer 2016, "A sparse multiscale
// algorithm for dense optimal transport"). Throws Error(kIncompatible) in a build without LEMON.
SolvedTransport network_simplex(std::span<const double> costs, std::span<const double> from,
                                std::span<const double> to);

}  // namespace wgan
