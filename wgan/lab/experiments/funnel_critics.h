// Critics fitted between pairs of distributions whose Wasserstein distance is known.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "wgan/lab/funnels.h"
#include "wgan/lab/funnels_published.h"

namespace wgan {

struct SizedPair {
  int64_t dimensions = 0, funnels = 0;
  uint64_t seed = 0;
  const PublishedEstimates* published = nullptr;  // of the same size
};

struct CriticEstimate {
  double value = 0;  // E f(P) - E f(Q) over fresh rows
  double slope = 0;  // the largest seen
};

struct PairResult {
  FunnelPair::Distance truth = {};
  CriticEstimate ours = {};       // of one setting, the same for all pairs
  CriticEstimate one_sided = {};  // of the published one-sided penalty, from as many rows
  double error() const { return ours.value / truth.value - 1; }
  double one_sided_error() const { return one_sided.value / truth.value - 1; }
};

// So many steps of 256 rows each. A pair a thread, so that the costliest had better come first; the
// same whatever the number of threads. on_progress is told the pairs done and the step of another,
// by one thread at a time; where it throws, all stop.
std::vector<PairResult> fit_pairs(
    const std::vector<SizedPair>& pairs, int64_t steps,
    const std::function<void(size_t done, int64_t step)>& on_progress);

}  // namespace wgan
