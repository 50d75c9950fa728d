// The critic step: in sweeps, or through autograd with double backward for the gradient penalty.
#include "wgan/train/critic_step.h"

#include <torch/autograd.h>
#include <torch/types.h>

#include "wgan/nn/forward.h"
#include "wgan/train/critic_sweeps.h"

namespace wgan {
namespace {

constexpr ForwardContext kTraining{.training = true, .gradients = true};

at::Tensor scores(const Model& critic, const at::Tensor& input, const at::Tensor& labels) {
  return chosen_scores(forward(critic, input, kTraining), labels);
}

// |grad f| at the points where the penalty is taken, [N], differentiable in the parameters.
at::Tensor gradient_norms(const Model& critic, const at::Tensor& points, const at::Tensor& labels,
                          int64_t conditions) {
  const at::Tensor at = points.detach().requires_grad_(true);
  // The sum over samples: without coupling between samples its gradient is every sample's own.
  const at::Tensor gradient =
      torch::autograd::grad({scores(critic, at, labels).sum()}, {at}, {},
                            /*retain_graph=*/true, /*create_graph=*/true)[0];
  const at::Tensor along_sample = gradient.narrow(1, 0, gradient.size(1) - conditions);
  return along_sample.flatten(1).norm(2, {1});  // this norm's derivative at 0 is 0, not NaN
}

at::Tensor penalised_points(PenaltyAt at, const at::Tensor& real, const at::Tensor& fake,
                            const at::Tensor& epsilon) {
  switch (at) {
    case PenaltyAt::kInterpolates:
      return interpolates(real, fake, epsilon);
    case PenaltyAt::kReal:
      return real;
    case PenaltyAt::kFake:
      return fake;
    case PenaltyAt::kBoth:
      break;
  }
  return torch::cat({real, fake});
}

// The critic of c-transform sees the real rows alone.
CriticMetrics c_transform_step(Model& critic, const at::Tensor& real, const at::Tensor& fake) {
  critic.gradients.zero_();
  const at::Tensor real_scores = scores(critic, real, {});
  const at::Tensor transformed = c_transform(real_scores, real, fake);
  const at::Tensor loss = -real_scores.mean() - transformed.mean();
  loss.backward();
  const at::Tensor none = torch::zeros({}, loss.options());
  return {.loss = loss.detach(),
          .real_score = real_scores.detach().mean(),
          .fake_score = -transformed.detach().mean(),
          .penalty = none,
          .gradient_norm = none};
}

CriticMetrics through_autograd(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                               const at::Tensor& epsilon, const CriticObjective& objective,
                               const at::Tensor& labels) {
  if (objective.objective == Objective::kCTransform) return c_transform_step(critic, real, fake);
  critic.gradients.zero_();
  CriticScores of;
  if (couples_samples(critic.network)) {  // statistics of real and fake samples stay apart
    of = {scores(critic, real, labels), scores(critic, fake, labels)};
  } else {
    const auto both =
        scores(critic, torch::cat({real, fake}), repeated(labels, 2)).split(real.size(0));
    of = {both[0], both[1]};
  }
  at::Tensor loss = critic_loss(objective.objective, of, objective.targets);
  CriticMetrics metrics;
  metrics.penalty = metrics.gradient_norm = torch::zeros({}, loss.options());
  if (has_penalty(objective.objective, objective.penalty)) {
    const at::Tensor points = penalised_points(objective.penalty.at, real, fake, epsilon);
    const at::Tensor classes = repeated(labels, points.size(0) / real.size(0));
    const at::Tensor norms = gradient_norms(critic, points, classes, objective.conditions);
    const at::Tensor penalty =
        penalty_of_norms(objective.penalty, norms, static_cast<double>(real.size(0)));
    loss = loss + penalty;
    metrics.penalty = penalty.detach();
    metrics.gradient_norm = norms.detach().mean();
  }
  loss.backward();
  metrics.loss = loss.detach();
  metrics.real_score = of.real.detach().mean();
  metrics.fake_score = of.fake.detach().mean();
  return metrics;
}

}  // namespace

CriticObjective critic_objective(const TrainOptions& o, int64_t conditions) {
  return {.objective = o.objective.kind,
          .penalty = {.kind = o.penalty.kind,
                      .at = o.penalty.at,
                      .lambda = o.penalty.lambda,
                      .gamma = o.penalty.gamma,
                      .scale = static_cast<double>(o.penalty.every)},
          .route = o.compute.critic_step,
          .precision = o.compute.precision,
          .targets = {o.stabilisers.real_label, o.stabilisers.fake_label},
          .conditions = conditions};
}

bool takes_sweeps(const Network& critic, const CriticObjective& o) {
  if (o.route == Route::kAutograd || o.objective == Objective::kCTransform) return false;
  if (has_penalty(o.objective, o.penalty)) {
    // f is a smooth function of the outputs there, log sum exp.
    return o.objective != Objective::kSemiSupervised && has_tangent_sweep(critic);
  }
  return has_sweeps(critic) && !has_layer<BatchNorm>(critic);  // real and fake stay apart there
}

CriticMetrics critic_gradients(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                               const at::Tensor& epsilon, const CriticObjective& objective,
                               const at::Tensor& labels, Profile* profile) {
  const bool sweeps = takes_sweeps(critic.network, objective);
  if (objective.route == Route::kSweeps && !sweeps) {
    throw Error(ErrorKind::kUsage,
                "--critic-step sweeps: this critic couples samples or is not piecewise linear, or "
                "the objective is c-transform, or semi-supervised with a penalty",
                "use --critic-step auto");
  }
  if (objective.precision == Precision::kBf16 && !sweeps) {
    throw Error(ErrorKind::kUsage, "--precision bf16: this critic step does not go through sweeps",
                "use --precision float32, or a critic without BatchNorm and --critic-step auto");
  }
  return sweeps ? critic_sweeps(critic, real, fake, epsilon, objective, labels, profile)
                : through_autograd(critic, real, fake, epsilon, objective, labels);
}

void clip_parameters(Model& critic, double clip) {
  const torch::NoGradGuard no_grad;
  critic.parameters.clamp_(-clip, clip);
}

}  // namespace wgan
