// Losses of critic and generator.
#include "wgan/train/objective.h"

#include <torch/types.h>

namespace wgan {

namespace {

// -log sigmoid(x), without overflow.
at::Tensor minus_log_sigmoid(const at::Tensor& x) { return torch::softplus(-x); }

}  // namespace

at::Tensor critic_loss(Objective objective, const at::Tensor& real, const at::Tensor& fake) {
  switch (objective) {
    case Objective::kMinimax:
    case Objective::kNonSaturating:
      // 1 - sigmoid(f) = sigmoid(-f)
      return minus_log_sigmoid(real).mean() + minus_log_sigmoid(-fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return fake.mean() - real.mean();
  }
  throw Error(ErrorKind::kInternal, "unknown objective");
}

at::Tensor generator_loss(Objective objective, const at::Tensor& fake) {
  switch (objective) {
    case Objective::kMinimax:
      return -minus_log_sigmoid(-fake).mean();
    case Objective::kNonSaturating:
      return minus_log_sigmoid(fake).mean();
    case Objective::kWgan:
    case Objective::kWganGp:
      return -fake.mean();
  }
  throw Error(ErrorKind::kInternal, "unknown objective");
}

at::Tensor chosen_scores(const at::Tensor& output, const at::Tensor& labels) {
  if (!labels.defined()) return output.view({-1});
  return output.gather(1, labels.view({-1, 1})).view({-1});
}

at::Tensor output_seed(const at::Tensor& output, const at::Tensor& labels, const at::Tensor& seed) {
  if (!labels.defined()) return seed.view_as(output);
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
