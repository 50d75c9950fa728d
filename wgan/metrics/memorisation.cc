// Sorted distances: quantiles, shares and ranks.
#include "wgan/metrics/memorisation.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "wgan/core/error.h"

namespace wgan {
namespace {

using Sorted = std::vector<double>;

Sorted sorted_distances(const at::Tensor& distances, const std::string& what) {
  if (!distances.defined() || distances.dim() != 1 || distances.size(0) < 1 ||
      !distances.is_floating_point()) {
    throw Error(ErrorKind::kUsage,
                what + ": wanted one floating-point distance a row, [N] with N >= 1",
                "take them from nearest_neighbours");
  }
  const at::Tensor wide = distances.detach().to(torch::kCPU, torch::kFloat64).contiguous();
  const auto* const first = wide.data_ptr<double>();
  Sorted sorted(first, first + wide.numel());
  for (const double distance : sorted) {
    if (std::isfinite(distance) && distance >= 0) continue;
    throw Error(ErrorKind::kData,
                fmt::format("{}: the distance {}, wanted 0 or more", what, distance));
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

double quantile(const Sorted& sorted, double q) {
  const double place = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

double share_below(const Sorted& sorted, double limit) {
  const auto end = std::lower_bound(sorted.begin(), sorted.end(), limit);
  return static_cast<double>(end - sorted.begin()) / static_cast<double>(sorted.size());
}

double share_of_zero(const Sorted& sorted) {
  const auto end = std::upper_bound(sorted.begin(), sorted.end(), 0.0);
  return static_cast<double>(end - sorted.begin()) / static_cast<double>(sorted.size());
}

// The Mann-Whitney test of samples against held_out, walking both in order, ties together.
void rank(const Sorted& samples, const Sorted& held_out, Memorisation& found) {
  const auto n = static_cast<double>(samples.size());
  const auto m = static_cast<double>(held_out.size());
  double wins = 0;  // pairs in which the sample is farther, ties half: Mann and Whitney's U
  double ties = 0;  // sum of t^3 - t over groups of t equal distances
  size_t i = 0;
  size_t j = 0;
  while (i < samples.size() || j < held_out.size()) {
    const bool from_samples =
        j == held_out.size() || (i < samples.size() && samples[i] <= held_out[j]);
    const double value = from_samples ? samples[i] : held_out[j];
    const size_t old_i = i;
    const size_t old_j = j;
    while (i < samples.size() && samples[i] == value) ++i;
    while (j < held_out.size() && held_out[j] == value) ++j;
    const auto new_samples = static_cast<double>(i - old_i);
    const auto new_held_out = static_cast<double>(j - old_j);
    wins += new_samples * (static_cast<double>(old_j) + new_held_out / 2);
    const double group = new_samples + new_held_out;
    ties += group * (group * group - 1);
  }
  found.farther = wins / (n * m);
  const double all = n + m;
  const double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
  found.z = variance > 0 ? (wins - n * m / 2) / std::sqrt(variance) : 0;
}

}  // namespace

Memorisation memorisation(const at::Tensor& samples, const at::Tensor& held_out,
                          const MemorisationOptions& options) {
  if (!(options.quantile >= 0 && options.quantile <= 1)) {
    throw Error(ErrorKind::kUsage, fmt::format("the quantile {} of the held-out distances, wanted "
                                               "one in [0, 1]",
                                               options.quantile));
  }
  const Sorted drawn = sorted_distances(samples, "the samples' distances");
  const Sorted unseen = sorted_distances(held_out, "the held-out distances");
  Memorisation found;
  for (size_t i = 0; i < kDistanceQuantiles.size(); ++i) {
    found.samples[i] = quantile(drawn, kDistanceQuantiles[i]);
    found.held_out[i] = quantile(unseen, kDistanceQuantiles[i]);
  }
  found.threshold = quantile(unseen, options.quantile);
  found.nearer_share = share_below(drawn, found.threshold);
  found.copied_share = share_of_zero(drawn);
  found.held_out_copied = share_of_zero(unseen);
  rank(drawn, unseen, found);
  return found;
}

}  // namespace wgan
