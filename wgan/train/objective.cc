// Losses of critic and generator.
#include "wgan/train/objective.h"

#include <torch/types.h>

namespace wgan {

namespace {

// -log sigmoid(x), without overflow.
at::Tensor minus_log_sigmoid(const at::Tensor& x) { return torch::softplus(-x); }

// The cross entropy of sigmoid(x) to a target, by row.
at::Tensor cross_entropy(const at::Tensor& x, double target) {
  if (target == 1) return minus_log_sigmoid(x);
  if (target == 0) return minus_log_sigmoid(-x);  // 1 - sigmoid(x) = sigmoid(-x)
  return target * minus_log_sigmoid(x) + (1 - target) * minus_log_sigmoid(-x);
}

at::Tensor cross_entropy_gradient(const at::Tensor& x, double target) {
  if (target == 1) return -at::sigmoid(-x);
  if (target == 0) return at::sigmoid(x);
  return at::sigmoid(x) - target;
}

at::Tensor middle_of_rows(const at::Tensor& features) {
  // The mean of the two middle values where their number is even, as NumPy has it.
  const at::Tensor sorted = std::get<0>(features.sort(0));
  const int64_t n = sorted.size(0);
  return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
}

}  // namespace

bool has_probability(Objective objective) {
  return objective == Objective::kMinimax || objective == Objective::kNonSaturating ||
         objective == Objective::kSemiSupervised;
}

at::Tensor critic_loss(Objective objective, const at::Tensor& real, const at::Tensor& fake,
                       const Targets& targets) {
  switch (objective) {
    case Objective::kMinimax:
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return cross_entropy(real, targets.real).mean() + cross_entropy(fake, targets.fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return fake.mean() - real.mean();
    case Objective::kCTransform:
      break;
  }
  throw Error(ErrorKind::kInternal, "this objective is no function of scores");
}

at::Tensor generator_loss(Objective objective, const at::Tensor& fake) {
  switch (objective) {
    case Objective::kMinimax:
      return -minus_log_sigmoid(-fake).mean();
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return minus_log_sigmoid(fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return -fake.mean();
    case Objective::kCTransform:
      break;
  }
  throw Error(ErrorKind::kInternal, "this objective is no function of scores");
}

at::Tensor real_score_gradient(Objective objective, const at::Tensor& real, double count,
                               const Targets& targets) {
  if (!has_probability(objective)) return at::full_like(real, -1 / count);
  return cross_entropy_gradient(real, targets.real) / count;
}

at::Tensor fake_score_gradient(Objective objective, const at::Tensor& fake, double count,
                               const Targets& targets) {
  if (!has_probability(objective)) return at::full_like(fake, 1 / count);
  return cross_entropy_gradient(fake, targets.fake) / count;
}

at::Tensor generator_score_gradient(Objective objective, const at::Tensor& fake, double count) {
  switch (objective) {
    case Objective::kMinimax:
      return -at::sigmoid(fake) / count;
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return -at::sigmoid(-fake) / count;
    case Objective::kWgan:
    case Objective::kWganGp:
      return at::full_like(fake, -1 / count);
    case Objective::kCTransform:
      break;
  }
  throw Error(ErrorKind::kInternal, "this objective is no function of scores");
}

at::Tensor c_transform(const at::Tensor& real_scores, const at::Tensor& real,
                       const at::Tensor& fake) {
  // No matrix products: they lose small distances to rounding.
  const at::Tensor cost = torch::cdist(real.flatten(1), fake.flatten(1), 2.0, /*compute_mode=*/2);
  return std::get<0>((cost - real_scores.view({-1, 1})).min(0));
}

at::Tensor feature_distance(FeatureMatching statistic, const at::Tensor& real,
                            const at::Tensor& fake) {
  const at::Tensor x = real.flatten(1), y = fake.flatten(1);
  const bool median = statistic == FeatureMatching::kMedian;
  const at::Tensor difference =
      median ? middle_of_rows(x) - middle_of_rows(y) : x.mean({0}) - y.mean({0});
  return difference.square().sum();
}

at::Tensor chosen_scores(const at::Tensor& output, const at::Tensor& labels) {
  if (!labels.defined()) {
    return output.size(1) == 1 ? output.view({-1}) : torch::logsumexp(output, {1});
  }
  return output.gather(1, labels.view({-1, 1})).view({-1});
}

at::Tensor output_seed(const at::Tensor& output, const at::Tensor& labels, const at::Tensor& seed) {
  if (!labels.defined()) {
    return output.size(1) == 1 ? seed.view_as(output)
                               : torch::softmax(output, 1) * seed.view({-1, 1});
  }
  return at::zeros_like(output).scatter(1, labels.view({-1, 1}), seed.view({-1, 1}));
}

at::Tensor excess_of_norms(Penalty penalty, const at::Tensor& norms) {
  const at::Tensor excess = norms - 1;
  return penalty == Penalty::kOneSided ? torch::relu(excess) : excess;
}

at::Tensor gradient_penalty(Penalty penalty, double lambda, const at::Tensor& norms) {
  return lambda * excess_of_norms(penalty, norms).square().mean();
}

}  // namespace wgan
