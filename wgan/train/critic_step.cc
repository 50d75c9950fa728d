// The critic step: in four sweeps, or through autograd with double backward for the gradient
// penalty.
#include "wgan/train/critic_step.h"

#include <ATen/Parallel.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

constexpr ForwardContext kTraining{.training = true, .gradients = true};

at::Tensor scores(const Model& critic, const at::Tensor& input, const at::Tensor& labels) {
  return chosen_scores(forward(critic, input, kTraining), labels);
}

// The labels of `copies` stacked batches.
at::Tensor repeated(const at::Tensor& labels, int64_t copies) {
  return labels.defined() ? labels.repeat({copies}) : labels;
}

// values [B] as [B, 1, ...], to stand beside the samples `like` [B, ...].
at::Tensor beside(const at::Tensor& values, const at::Tensor& like) {
  std::vector<int64_t> per_sample(static_cast<size_t>(like.dim()), 1);
  per_sample[0] = -1;
  return values.view(per_sample);
}

// xhat = epsilon real + (1 - epsilon) fake
at::Tensor interpolates(const at::Tensor& real, const at::Tensor& fake, const at::Tensor& epsilon) {
  return torch::lerp(fake, real, beside(epsilon, real));
}

// |grad f(xhat)| per sample, [B], differentiable in the parameters.
at::Tensor gradient_norms(const Model& critic, const at::Tensor& real, const at::Tensor& fake,
                          const at::Tensor& epsilon, const at::Tensor& labels, int64_t conditions) {
  const at::Tensor between = interpolates(real, fake, epsilon).detach().requires_grad_(true);
  // The sum over samples: without coupling between samples its gradient is every sample's own.
  const at::Tensor gradient =
      torch::autograd::grad({scores(critic, between, labels).sum()}, {between}, {},
                            /*retain_graph=*/true, /*create_graph=*/true)[0];
  const at::Tensor along_sample = gradient.narrow(1, 0, gradient.size(1) - conditions);
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

CriticMetrics through_autograd(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                               const at::Tensor& epsilon, const CriticObjective& objective,
                               const at::Tensor& labels) {
  if (objective.objective == Objective::kCTransform) return c_transform_step(critic, real, fake);
  critic.gradients.zero_();
  at::Tensor real_scores, fake_scores;
  if (couples_samples(critic.network)) {  // statistics of real and fake samples stay apart
    real_scores = scores(critic, real, labels);
    fake_scores = scores(critic, fake, labels);
  } else {
    const auto both =
        scores(critic, torch::cat({real, fake}), repeated(labels, 2)).split(real.size(0));
    real_scores = both[0];
    fake_scores = both[1];
  }
  at::Tensor loss = critic_loss(objective.objective, real_scores, fake_scores, objective.targets);
  CriticMetrics metrics;
  metrics.penalty = metrics.gradient_norm = torch::zeros({}, loss.options());
  if (objective.objective == Objective::kWganGp) {
    const at::Tensor norms =
        gradient_norms(critic, real, fake, epsilon, labels, objective.conditions);
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

// Real rows with their fakes, epsilons and labels, of a step of `count` such rows.
struct Rows {
  at::Tensor real, fake, epsilon, labels;
  double count;

  Rows slice(int64_t begin, int64_t end) const {
    const auto part = [&](const at::Tensor& x) { return x.defined() ? x.slice(0, begin, end) : x; };
    return {part(real), part(fake), part(epsilon), part(labels), count};
  }
};

// How rows go through the sweeps.
struct RowPlan {
  int64_t at_once;  // real rows at a time
  bool keeps_all;   // what the adjoint sweep gives for real and fake rows, for the weight sweep
};

// On a CPU no more rows than the caches are good for, since beyond that the kernels and all that
// stands between them wait for memory; and all is kept, since one product of many rows is faster
// than two of fewer. A GPU has room for all rows at once if it need not keep them all.
RowPlan row_plan(const Model& critic, int64_t count, const CriticObjective& o) {
  if (!critic.parameters.is_cpu()) return {.at_once = count, .keeps_all = false};
  const int64_t each = 3 * largest_output(critic.network.layers, critic.network.input);
  const int64_t limit = std::max<int64_t>(1, o.numbers_at_once / each);
  const int64_t parts = (count + limit - 1) / limit;
  return {.at_once = (count + parts - 1) / parts, .keeps_all = true};
}

// Adds the rows' part of the gradients, and gives their part of the metrics.
CriticMetrics sweep_rows(Model& critic, const Rows& rows, const RowPlan& plan,
                         const CriticObjective& o, Profile* profile) {
  const int64_t n = rows.real.size(0);
  const at::ScalarType wide = critic.parameters.scalar_type(), type = sweep_type(o.precision, wide);
  const bool penalised = o.objective == Objective::kWganGp;
  std::vector<at::Tensor> stack{rows.real, rows.fake};
  if (penalised) stack.push_back(interpolates(rows.real, rows.fake, rows.epsilon));
  const at::Tensor classes = repeated(rows.labels, static_cast<int64_t>(stack.size()));
  Trace trace = [&] {
    const Timed timed(profile, Phase::kForward);
    return forward_sweep(critic, at::cat(stack).to(type));
  }();
  const at::Tensor output = trace.output.to(wide);
  const at::Tensor scores = chosen_scores(output, classes);
  const at::Tensor real_scores = scores.narrow(0, 0, n);
  const at::Tensor fake_scores = scores.narrow(0, n, n);
  at::Tensor seed = at::ones_like(scores);
  seed.narrow(0, 0, n).copy_(real_score_gradient(o.objective, real_scores, rows.count, o.targets));
  seed.narrow(0, n, n).copy_(fake_score_gradient(o.objective, fake_scores, rows.count, o.targets));
  const Adjoint adjoint = [&] {
    const Timed timed(profile, Phase::kAdjoint);
    const at::Tensor towards = output_seed(output, classes, seed).to(type);
    return plan.keeps_all ? adjoint_sweep(critic, trace, towards, 2 * n)
                          : backward_sweep(critic, trace, towards, 2 * n);
  }();

  const double share = static_cast<double>(n) / rows.count;
  const auto part = [share](const at::Tensor& mean) { return share == 1 ? mean : mean * share; };
  CriticMetrics metrics{.loss = part(critic_loss(o.objective, real_scores, fake_scores, o.targets)),
                        .real_score = part(real_scores.mean()),
                        .fake_score = part(fake_scores.mean()),
                        .penalty = {},
                        .gradient_norm = {}};
  if (penalised) {
    const Timed timed(profile, Phase::kTangent);
    // v_i = dP/dg_i = (2 lambda / B) (|g_i| - 1) g_i / |g_i|, and 0 where g_i is.
    at::Tensor slopes = adjoint.input.to(wide);
    if (o.conditions > 0) {
      slopes = slopes.clone();
      slopes.narrow(1, slopes.size(1) - o.conditions, o.conditions).zero_();
    }
    const at::Tensor norms = slopes.flatten(1).norm(2, {1});
    const at::Tensor excess = excess_of_norms(o.penalty, norms);
    const at::Tensor factor =
        at::where(norms > 0, 2 * o.lambda / rows.count * excess / norms, at::zeros_like(norms));
    tangent_sweep(critic, trace, (slopes * beside(factor, slopes)).to(type));
    metrics.penalty = part(gradient_penalty(o.penalty, o.lambda, norms));
    metrics.gradient_norm = part(norms.mean());
    metrics.loss = metrics.loss + metrics.penalty;
  } else {
    metrics.penalty = metrics.gradient_norm = at::zeros({}, scores.options());
  }
  const Timed timed(profile, Phase::kWeights);
  weight_sweep(critic, trace, adjoint, plan.keeps_all ? 2 * n : 0);
  return metrics;
}

void add(CriticMetrics& sum, const CriticMetrics& part) {
  sum.loss += part.loss;
  sum.real_score += part.real_score;
  sum.fake_score += part.fake_score;
  sum.penalty += part.penalty;
  sum.gradient_norm += part.gradient_norm;
}

// How many threads share the rows. On a CPU a critic without convolutions is done sooner if each
// thread takes its rows through all sweeps, and waits once a step, than if all meet at each
// product; but products want rows. Convolutions fill the threads themselves, and would keep more.
int64_t threads_of_rows(const Model& critic, int64_t count) {
  const Network& network = critic.network;
  const bool fills_threads = has_layer<Conv2d>(network) || has_layer<ConvTranspose2d>(network) ||
                             has_layer<UpsampleConv2d>(network);
  const bool shared_draws = has_layer<GaussianNoise>(network);
  if (!critic.parameters.is_cpu() || fills_threads || shared_draws) return 1;
  constexpr int64_t kRowsEach = 64;
  const int64_t threads = at::get_num_threads();
  return count >= kRowsEach * threads ? threads : 1;
}

// The metrics and gradients of rows, taken as planned.
CriticMetrics sweep_parts(Model& critic, const Rows& rows, const RowPlan& plan,
                          const CriticObjective& o, Profile* profile) {
  CriticMetrics sum;
  for (int64_t first = 0; first < rows.real.size(0); first += plan.at_once) {
    const CriticMetrics part =
        sweep_rows(critic, rows.slice(first, first + plan.at_once), plan, o, profile);
    if (first == 0) {
      sum = part;
    } else {
      add(sum, part);
    }
  }
  return sum;
}

CriticMetrics through_sweeps(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                             const at::Tensor& epsilon, const CriticObjective& o,
                             const at::Tensor& labels, Profile* profile) {
  const torch::NoGradGuard no_grad;
  critic.gradients.zero_();
  const int64_t count = real.size(0), threads = threads_of_rows(critic, count);
  const Rows rows{real, fake, epsilon, labels, static_cast<double>(count)};
  const RowPlan plan = row_plan(critic, count, o);
  std::vector<CriticMetrics> metrics(static_cast<size_t>(threads));
  std::vector<Model> models;  // the first adds to the critic's own gradients
  models.push_back(in_type(critic, sweep_type(o.precision, critic.parameters.scalar_type())));
  while (models.size() < metrics.size()) {
    Model& other = models.emplace_back(models[0]);
    other.gradients = at::zeros_like(critic.gradients);
    other.gradient_views = parameter_views(other.slots, other.gradients);
  }
  at::parallel_for(0, threads, 1, [&](int64_t begin, int64_t end) {
    const torch::NoGradGuard no_grad_here;
    for (int64_t i = begin; i < end; ++i) {
      const auto thread = static_cast<size_t>(i);
      metrics[thread] =
          sweep_parts(models[thread], rows.slice(count * i / threads, count * (i + 1) / threads),
                      plan, o, i == 0 ? profile : nullptr);
    }
  });
  for (size_t i = 1; i < models.size(); ++i) {
    critic.gradients.add_(models[i].gradients);
    add(metrics[0], metrics[i]);
  }
  return metrics[0];
}

}  // namespace

bool takes_sweeps(const Network& critic, Objective objective, Route route) {
  if (route == Route::kAutograd || objective == Objective::kCTransform) return false;
  if (objective == Objective::kWganGp) return has_tangent_sweep(critic);
  return has_sweeps(critic) && !has_layer<BatchNorm>(critic);  // real and fake stay apart there
}

CriticMetrics critic_gradients(Model& critic, const at::Tensor& real, const at::Tensor& fake,
                               const at::Tensor& epsilon, const CriticObjective& objective,
                               const at::Tensor& labels, Profile* profile) {
  const bool sweeps = takes_sweeps(critic.network, objective.objective, objective.route);
  if (objective.route == Route::kSweeps && !sweeps) {
    throw Error(ErrorKind::kUsage,
                "--critic-step sweeps: this critic couples samples or is not piecewise linear, or "
                "the objective is "
                "c-transform",
                "use --critic-step auto");
  }
  if (objective.precision == Precision::kBf16 && !sweeps) {
    throw Error(ErrorKind::kUsage, "--precision bf16: this critic step does not go through sweeps",
                "use --precision float32, or a critic without BatchNorm and --critic-step auto");
  }
  return sweeps ? through_sweeps(critic, real, fake, epsilon, objective, labels, profile)
                : through_autograd(critic, real, fake, epsilon, objective, labels);
}

void clip_parameters(Model& critic, double clip) {
  const torch::NoGradGuard no_grad;
  critic.parameters.clamp_(-clip, clip);
}

}  // namespace wgan
