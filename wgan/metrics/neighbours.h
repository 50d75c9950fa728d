// Nearest neighbours among features, and what they say of samples: precision and recall, density
// and coverage.
//
// Distances are Euclidean, in float64, block by block: 50,000 rows against 50,000 never lie in
// memory as one matrix. Matrix products find the candidates, the difference itself decides: a copy
// is at distance 0 exactly, and a point on the rim of a ball is in it whatever the rounding. rows:
// [N, D] floating point or uint8 everywhere.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

struct Neighbours {
  at::Tensor distance;  // [N] float64
  at::Tensor index;     // [N] int64, the row of the base
};

// The nearest row of base, [M, D], to each row of queries, [N, D]; any one of those that are
// exactly as near. Throws as checked_rows and check_comparable (features.h), M >= 1.
Neighbours nearest_neighbours(const at::Tensor& queries, const at::Tensor& base);

// The distance of each row to its k-th nearest other row: [N] float64. A copy of the row counts as
// another row. Throws as above, and Error(kUsage) unless 1 <= k < N.
at::Tensor neighbour_radii(const at::Tensor& rows, int64_t k);

struct NeighbourMeasures {
  double precision = 0;  // share of the fakes that lie in the ball of a real one, in [0, 1]
  double recall = 0;     // share of the reals that lie in the ball of a fake one, in [0, 1]
  double density = 0;    // real balls a fake lies in, over k: about 1 for one distribution, >= 0
  double coverage = 0;   // share of the real balls that hold a fake, in [0, 1]
  int64_t k = 0;
  // What they are means of, for bootstraps: on the CPU.
  at::Tensor real_balls;  // [M] int64, the number of real balls each fake lies in
  at::Tensor fake_balls;  // [N] int64, the number of fake balls each real one lies in
  at::Tensor covered;     // [N] bool, whether the real one's ball holds a fake
};

// Balls have their k-th neighbour on the rim (neighbour_radii within each set), and the rim belongs
// to them: not strict, as Kynkaanniemi et al. 2019, Eq. 1 and 2 (precision, recall), write it; for
// density and coverage (Naeem et al. 2020, Eq. 3 and 5), whose program is strict, likewise. The two
// differ where distances are tied alone. real: [N, D], fake: [M, D]; k = 3 in the former paper, 5
// in the latter. Density and coverage depend on N less than on k; compare values of one N, M and k.
// Throws as neighbour_radii of both.
NeighbourMeasures neighbour_measures(const at::Tensor& real, const at::Tensor& fake, int64_t k = 5);

}  // namespace wgan
