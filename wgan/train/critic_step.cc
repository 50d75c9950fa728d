// The critic step through autograd, with double backward for the gradient penalty.
#include "wgan/train/critic_step.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "wgan/nn/forward.h"
#include "wgan/train/objective.h"

namespace wgan {
namespace {

constexpr ForwardContext kTraining{.training = true, .gradients = true};

at::Tensor scores(const Model& critic, const at::Tensor& input) {
  return forward(critic, input, kTraining).view({-1});
}

// |grad f(xhat)| per sample, [B], differentiable in the parameters.
at::Tensor gradient_norms(const Model& critic, const at::Tensor& real, const at::Tensor& fake,
                          const at::Tensor& epsilon) {
  std::vector<int64_t> per_sample(static_cast<size_t>(real.dim()), 1);
  per_sample[0] = -1;
  // lerp(fake, real, eps) = fake + eps (real - fake)
  const at::Tensor between =
      torch::lerp(fake, real, epsilon.view(per_sample)).detach().requires_grad_(true);
  // The sum over samples: without coupling between samples its gradient is every sample's own.
  const at::Tensor gradient =
      torch::autograd::grad({scores(critic, between).sum()}, {between}, {},
                            /*retain_graph=*/true, /*create_graph=*/true)[0];
  return gradient.flatten(1).norm(2, {1});  // this norm's derivative at 0 is 0, not NaN
}

}  // namespace

CriticMetrics critic_gradients(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                               const at::Tensor& epsilon, const CriticObjective& objective) {
  critic.gradients.zero_();
  at::Tensor real_scores, fake_scores;
  if (has_batch_norm(critic.network)) {  // statistics of real and fake samples stay apart
    real_scores = scores(critic, real);
    fake_scores = scores(critic, fake);
  } else {
    const auto both = scores(critic, torch::cat({real, fake})).split(real.size(0));
    real_scores = both[0];
    fake_scores = both[1];
  }
  at::Tensor loss = critic_loss(objective.objective, real_scores, fake_scores);
  CriticMetrics metrics;
  metrics.penalty = metrics.gradient_norm = torch::zeros({}, loss.options());
  if (objective.objective == Objective::kWganGp) {
    const at::Tensor norms = gradient_norms(critic, real, fake, epsilon);
    const at::Tensor penalty = gradient_penalty(objective.penalty, objective.lambda, norms);
    loss = loss + penalty;
    metrics.penalty = penalty.detach();
    metrics.gradient_norm = norms.detach().mean();
  }
  loss.backward();
  metrics.loss = loss.detach();
  metrics.real_score = real_scores.detach().mean();
  metrics.fake_score = fake_scores.detach().mean();
  return metrics;
}

void clip_parameters(Model& critic, double clip) {
  const torch::NoGradGuard no_grad;
  critic.parameters.clamp_(-clip, clip);
}

}  // namespace wgan
