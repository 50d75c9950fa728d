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

[[noreturn]] void refuse_scores() {
  throw Error(ErrorKind::kInternal, "this objective is no function of scores");
}

}  // namespace

bool has_probability(Objective objective) {
  return objective == Objective::kMinimax || objective == Objective::kNonSaturating ||
         objective == Objective::kSemiSupervised;
}

bool is_paired(Objective objective) { return objective == Objective::kRelativistic; }

bool estimates_distance(Objective objective, Penalty penalty) {
  if (objective == Objective::kCTransform) return true;
  return (objective == Objective::kWgan || objective == Objective::kWganGp) &&
         penalty != Penalty::kZeroCentred;
}

at::Tensor critic_loss(Objective objective, const CriticScores& scores, const Targets& targets) {
  switch (objective) {
    case Objective::kMinimax:
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return cross_entropy(scores.real, targets.real).mean() +
             cross_entropy(scores.fake, targets.fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return scores.fake.mean() - scores.real.mean();
    case Objective::kRelativistic:
      return minus_log_sigmoid(scores.real - scores.fake).mean();
    case Objective::kCTransform:
      break;
  }
  refuse_scores();
}

at::Tensor generator_loss(Objective objective, const CriticScores& scores) {
  switch (objective) {
    case Objective::kMinimax:
      return -minus_log_sigmoid(-scores.fake).mean();
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return minus_log_sigmoid(scores.fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return -scores.fake.mean();
    case Objective::kRelativistic:
      return minus_log_sigmoid(scores.fake - scores.real).mean();
    case Objective::kCTransform:
      break;
  }
  refuse_scores();
}

CriticScores critic_score_gradients(Objective objective, const CriticScores& scores, double count,
                                    const Targets& targets) {
  switch (objective) {
    case Objective::kMinimax:
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return {cross_entropy_gradient(scores.real, targets.real) / count,
              cross_entropy_gradient(scores.fake, targets.fake) / count};
    case Objective::kWgan:
    case Objective::kWganGp:
      return {at::full_like(scores.real, -1 / count), at::full_like(scores.fake, 1 / count)};
    case Objective::kRelativistic: {
      const at::Tensor of_fake = at::sigmoid(scores.fake - scores.real) / count;
      return {-of_fake, of_fake};
    }
    case Objective::kCTransform:
      break;
  }
  refuse_scores();
}

at::Tensor generator_score_gradient(Objective objective, const CriticScores& scores, double count) {
  switch (objective) {
    case Objective::kMinimax:
      return -at::sigmoid(scores.fake) / count;
    case Objective::kNonSaturating:
    case Objective::kSemiSupervised:
      return -at::sigmoid(-scores.fake) / count;
    case Objective::kWgan:
    case Objective::kWganGp:
      return at::full_like(scores.fake, -1 / count);
    case Objective::kRelativistic:
      return -at::sigmoid(scores.real - scores.fake) / count;
    case Objective::kCTransform:
      break;
  }
  refuse_scores();
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

}  // namespace wgan
