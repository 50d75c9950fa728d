// The setting of the collapse, and the count of modes.
#include "wgan/lab/collapse.h"

#include <torch/types.h>

#include <numeric>

#include "wgan/lab/plane.h"
#include "wgan/metrics/divergence.h"
#include "wgan/train/objective.h"
#include "wgan/train/recipe.h"

namespace wgan {

Spread spread_over(const at::Tensor& points, const GaussianModes& modes) {
  const auto count = static_cast<int64_t>(modes.centres.size());
  const auto [distance, nearest] = nearest_modes(points, modes);
  const at::Tensor close = distance <= 3 * modes.sigma;
  const at::Tensor shares =
      torch::bincount(nearest, {}, count).to(torch::kFloat64) / points.size(0);
  const at::Tensor close_ones = torch::bincount(nearest.masked_select(close), {}, count);
  const double tenth = 0.1 / static_cast<double>(count);
  return {.shares = numbers_of(shares),
          .covered = ((shares >= tenth) & (close_ones > 0)).sum().item<int64_t>(),
          .close = close.to(torch::kFloat64).mean().item<double>()};
}

double moved(const Spread& before, const Spread& after) {
  return total_variation(before.shares, after.shares);
}

std::vector<double> SpreadCourse::covered() const {
  std::vector<double> numbers;
  for (const Spread& s : spreads) numbers.push_back(static_cast<double>(s.covered));
  return numbers;
}

std::vector<double> SpreadCourse::moves() const {
  std::vector<double> numbers;
  for (size_t i = 1; i < spreads.size(); ++i) numbers.push_back(moved(spreads[i - 1], spreads[i]));
  return numbers;
}

double SpreadCourse::restlessness() const {
  const std::vector<double> all = moves();
  const size_t from = all.size() / 4, to = all.size() - from;
  return std::accumulate(all.begin() + static_cast<std::ptrdiff_t>(from),
                         all.begin() + static_cast<std::ptrdiff_t>(to), 0.0) /
         static_cast<double>(to - from);
}

TrainOptions collapse_options(const Dataset& gaussians25, Objective objective, uint64_t seed,
                              bool like_critic) {
  TrainOptions o = recipe_options(Recipe::kFast, Objective::kWganGp, gaussians25);
  o.objective.kind = objective;
  o.players.width = 64;
  o.batches.size = 128;
  o.optimizer.average = 0;
  o.optimizer.beta1 = 0.5;
  o.optimizer.beta2 = 0.9;
  o.optimizer.generator_lr = 1e-3;
  o.seed = static_cast<int64_t>(seed);
  o.length.steps = 600;
  const bool one_step = has_probability(objective) && !like_critic;
  o.objective.n_critic = one_step ? 1 : 5;
  o.optimizer.critic_lr = one_step ? 2e-4 : 1e-3;
  if (objective == Objective::kWgan) {
    o.optimizer.kind = OptimizerKind::kRmsprop;
    o.penalty.clip = 0.03;
  }
  return o;
}

}  // namespace wgan
