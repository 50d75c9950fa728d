// Whether a generator copies its training data: distances of samples to the nearest training row,
// beside those of real data that it has not seen.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>

namespace wgan {

// The points of a distribution that are told: minimum, 1, 5, 25, 50, 75, 95, 99 %, maximum.
constexpr std::array<double, 9> kDistanceQuantiles = {0,    0.01, 0.05, 0.25, 0.5,
                                                      0.75, 0.95, 0.99, 1};

struct Memorisation {
  // The distances at kDistanceQuantiles, linearly between neighbours as numpy.quantile.
  std::array<double, 9> samples{};
  std::array<double, 9> held_out{};

  double threshold = 0;     // the held-out distance at MemorisationOptions.quantile
  double nearer_share = 0;  // share of the samples nearer than that: the quantile, without copies
  double copied_share = 0;  // share of the samples at distance 0
  double held_out_copied = 0;  // the same of held-out data: duplicates in the data set

  // The chance that a sample lies farther from the training set than a held-out row, ties counted
  // half: 1/2 for the true distribution, less for copies, more for samples off the data.
  double farther = 0;
  // The z-score of that under the hypothesis of 1/2 (Mann and Whitney 1947, variance corrected for
  // ties): the C_T of Meehan, Chaudhuri and Dasgupta 2020, section 3, with one cell. Clearly below
  // 0, say -3, is data copying; clearly above, underfitting. 0 where all distances are the same.
  double z = 0;
};

struct MemorisationOptions {
  double quantile = 0.01;  // of the held-out distances: what is nearer counts as suspicious
};

// samples: [N] distances of generated samples to the nearest training row, held_out: [M] those of
// real rows that were not trained on (nearest_neighbours, in neighbours.h, against the same
// training set, in one feature space), floating point, N, M >= 1. Throws Error(kUsage) where the
// shapes are others or the quantile is not in [0, 1], Error(kData) where a distance is negative or
// not finite.
Memorisation memorisation(const at::Tensor& samples, const at::Tensor& held_out,
                          const MemorisationOptions& options = {});

}  // namespace wgan
