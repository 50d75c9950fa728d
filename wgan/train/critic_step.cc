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

// Points where the penalty is taken, and by what they are changed for the critic.
struct Points {
  at::Tensor rows;
  at::Tensor draws;
};

Points penalised_points(PenaltyAt at, const StepRows& r) {
  switch (at) {
    case PenaltyAt::kInterpolates:
      return {interpolates(r.real, r.fake, r.epsilon), r.between_draws};
    case PenaltyAt::kReal:
      return {r.real, r.real_draws};
    case PenaltyAt::kFake:
      return {r.fake, r.fake_draws};
    case PenaltyAt::kBoth:
      break;
  }
  return {torch::cat({r.real, r.fake}),
          r.real_draws.defined() ? torch::cat({r.real_draws, r.fake_draws}) : at::Tensor()};
}

// |grad f| at the points, [N], differentiable in the parameters.
at::Tensor gradient_norms(const Model& critic, const Points& points, const at::Tensor& labels,
                          const CriticObjective& o) {
  const at::Tensor at = points.rows.detach().requires_grad_(true);
  const at::Tensor seen = augmented(o.augment, at, points.draws);
  // The sum over samples: without coupling between samples its gradient is every sample's own.
  const at::Tensor gradient =
      torch::autograd::grad({scores(critic, seen, labels).sum()}, {at}, {},
                            /*retain_graph=*/true, /*create_graph=*/true)[0];
  const at::Tensor along_sample = gradient.narrow(1, 0, gradient.size(1) - o.conditions);
  return along_sample.flatten(1).norm(2, {1});  // this norm's derivative at 0 is 0, not NaN
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

CriticMetrics through_autograd(Model& critic, const StepRows& rows,
                               const CriticObjective& objective) {
  if (objective.objective == Objective::kCTransform) {
    return c_transform_step(critic, rows.real, rows.fake);
  }
  critic.gradients.zero_();
  const at::Tensor& labels = rows.labels;
  const int64_t count = rows.real.size(0);
  const at::Tensor real = augmented(objective.augment, rows.real, rows.real_draws);
  const at::Tensor fake = augmented(objective.augment, rows.fake, rows.fake_draws);
  CriticScores of;
  if (couples_samples(critic.network)) {  // statistics of real and fake samples stay apart
    of = {scores(critic, real, labels), scores(critic, fake, labels)};
  } else {
    const auto both = scores(critic, torch::cat({real, fake}), repeated(labels, 2)).split(count);
    of = {both[0], both[1]};
  }
  at::Tensor loss = critic_loss(objective.objective, of, objective.targets);
  CriticMetrics metrics;
  metrics.penalty = metrics.gradient_norm = torch::zeros({}, loss.options());
  if (has_penalty(objective.objective, objective.penalty)) {
    const Points points = penalised_points(objective.penalty.at, rows);
    const at::Tensor classes = repeated(labels, points.rows.size(0) / count);
    const at::Tensor norms = gradient_norms(critic, points, classes, objective);
    const at::Tensor penalty =
        penalty_of_norms(objective.penalty, norms, static_cast<double>(count));
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
  Augment augment = parse_augment(o.augment.kinds);
  augment.conditions = conditions;
  return {.objective = o.objective.kind,
          .penalty = {.kind = o.penalty.kind,
                      .at = o.penalty.at,
                      .lambda = o.penalty.lambda,
                      // A number that changes comes as a factor.
                      .gamma = o.penalty.gamma.changes() ? 1 : o.penalty.gamma.start,
                      .scale = static_cast<double>(o.penalty.every)},
          .route = o.compute.critic_step,
          .precision = o.compute.precision,
          .targets = {o.stabilisers.real_label, o.stabilisers.fake_label},
          .augment = augment,
          .conditions = conditions};
}

bool takes_sweeps(const Network& critic, const CriticObjective& o) {
  if (o.route == Route::kAutograd || o.objective == Objective::kCTransform) return false;
  if (has_penalty(o.objective, o.penalty)) {
    // f is a smooth function of the outputs there, log sum exp.
    return o.objective != Objective::kSemiSupervised && has_tangent_sweep(critic);
  }
  return has_sweeps(critic);
}

void check_precision(const Network& critic, const CriticObjective& o) {
  if (o.precision != Precision::kBf16) return;
  if (!takes_sweeps(critic, o)) {
    throw Error(ErrorKind::kUsage,
                "--precision bf16 is for the sweeps, and this critic step goes through autograd",
                "use --precision float32, or --critic-step auto and a critic without BatchNorm, "
                "minibatch discrimination or deviation, or normalised weights");
  }
  if (is_curved(critic) || couples_samples(critic)) {
    throw Error(ErrorKind::kUsage,
                "--precision bf16: a critic with LayerNorm, BatchNorm, softplus, tanh or sigmoid "
                "needs more digits",
                "use --precision float32, or a critic without normalisation and with "
                "--critic-activation relu or leaky-relu");
  }
}

CriticMetrics critic_gradients(Model& critic, const StepRows& rows,
                               const CriticObjective& objective, Profile* profile) {
  const bool sweeps = takes_sweeps(critic.network, objective);
  if (objective.route == Route::kSweeps && !sweeps) {
    throw Error(ErrorKind::kUsage,
                "--critic-step sweeps: this critic has minibatch discrimination or deviation, "
                "normalised weights, or BatchNorm and a penalty, or the objective is c-transform, "
                "or semi-supervised with a penalty",
                "use --critic-step auto");
  }
  check_precision(critic.network, objective);
  return sweeps ? critic_sweeps(critic, rows, objective, profile)
                : through_autograd(critic, rows, objective);
}

void clip_parameters(Model& critic, double clip) {
  const torch::NoGradGuard no_grad;
  critic.parameters.clamp_(-clip, clip);
}

}  // namespace wgan
