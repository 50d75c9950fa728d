// The critic step in sweeps: which rows pass them, and how many at a time.
#include "wgan/train/critic_sweeps.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "wgan/nn/curvature.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

StepRows slice(const StepRows& rows, int64_t begin, int64_t end) {
  const auto part = [&](const at::Tensor& x) { return x.defined() ? x.slice(0, begin, end) : x; };
  return {part(rows.real),       part(rows.fake),       part(rows.epsilon),      part(rows.labels),
          part(rows.real_draws), part(rows.fake_draws), part(rows.between_draws)};
}

// How rows go through the sweeps.
struct RowPlan {
  int64_t at_once;  // real rows at a time
  bool keeps_all;   // what the adjoint sweep gives for all rows, for the weight sweep
};

// Whether the rows with a penalty are those that the loss looks at.
bool shares_rows(const CriticObjective& o) {
  return has_penalty(o.objective, o.penalty) && o.penalty.at != PenaltyAt::kInterpolates;
}

// How many of `count` real rows pass together on a CPU, with what belongs to them: no more than the
// caches are good for, since beyond that the kernels and all that stands between them wait for
// memory. In a curved critic the rows with a penalty pass two of four times alone, and so there are
// two a real row in the mean.
int64_t real_rows_at_once(const Network& critic, int64_t count, const CriticObjective& o) {
  const int64_t copies = shares_rows(o) || is_curved(critic) ? 2 : 3;
  const int64_t each = copies * largest_output(critic.layers, critic.input);
  const int64_t limit = std::max<int64_t>(1, o.numbers_at_once / each);
  const int64_t parts = (count + limit - 1) / limit;
  return (count + parts - 1) / parts;
}

// On a CPU all is kept, since one product of many rows is faster than two of fewer. A GPU has room
// for all rows at once if it need not keep them all.
RowPlan row_plan(const Model& critic, int64_t count, const CriticObjective& o) {
  if (!critic.parameters.is_cpu()) {
    return {.at_once = count, .keeps_all = shares_rows(o) && o.penalty.at == PenaltyAt::kBoth};
  }
  return {.at_once = real_rows_at_once(critic.network, count, o), .keeps_all = true};
}

// What passes the sweeps: batches upon one another, those with a penalty last.
struct Stack {
  std::vector<at::Tensor> batches;
  std::vector<at::Tensor> draws;  // of each, by which they are augmented
  int64_t real;                   // place of the first real row
  int64_t fake;                   // and of the first fake
  int64_t penalised;              // and of the first row with a penalty
};

Stack stack_of(const StepRows& r, const CriticObjective& o) {
  const int64_t n = r.real.size(0);
  const Stack apart{{r.real, r.fake}, {r.real_draws, r.fake_draws}, 0, n, 2 * n};
  if (!has_penalty(o.objective, o.penalty)) return apart;
  Stack stack = apart;
  switch (o.penalty.at) {
    case PenaltyAt::kInterpolates:
      stack.batches.push_back(interpolates(r.real, r.fake, r.epsilon));
      stack.draws.push_back(r.between_draws);
      break;
    case PenaltyAt::kReal:
      return {{r.fake, r.real}, {r.fake_draws, r.real_draws}, n, 0, n};
    case PenaltyAt::kFake:
      stack.penalised = n;
      break;
    case PenaltyAt::kBoth:
      stack.penalised = 0;
      break;
  }
  return stack;
}

// Rows that have passed forward.
struct Passed {
  Stack stack;
  Trace trace;
  at::Tensor output;   // [R, ...] in the critic's own type
  at::Tensor classes;  // [R], or undefined
  at::Tensor draws;    // [R, kAugmentDraws], or undefined
  at::Tensor seed;     // [R] the derivative of the loss by the scores, 0 of interpolates
  double count;        // real rows of the step

  int64_t rows() const { return output.size(0); }
  int64_t penalised() const { return rows() - stack.penalised; }
  // In the type of the sweeps. scores: [S] gradients with respect to those of the last S rows.
  at::Tensor towards_output(const at::Tensor& scores) const {
    const int64_t first = rows() - scores.size(0);
    const at::Tensor of = classes.defined() ? classes.slice(0, first) : classes;
    return output_seed(output.slice(0, first), of, scores).to(trace.output.scalar_type());
  }
};

// On slopes at the rows as they were before augmentation; the direction is that of what the critic
// sees.
PenalisedSlopes slopes_of(const Adjoint& adjoint, const Passed& p, const CriticObjective& o) {
  const at::Tensor draws = p.draws.defined() ? p.draws.slice(0, p.stack.penalised) : p.draws;
  const at::Tensor towards = adjoint.input.to(p.output.scalar_type());
  PenalisedSlopes slopes = penalised_slopes(o.penalty, augmented_adjoint(o.augment, towards, draws),
                                            o.conditions, p.count);
  slopes.direction =
      augmented_tangent(o.augment, slopes.direction, draws).to(p.trace.output.scalar_type());
  return slopes;
}

// The sweeps after the first of affine and piecewise linear layers. Adds the rows' part of the
// gradients, and returns the norms of their slopes, [penalised]; undefined where there are none.
at::Tensor sweep_linear(Model& critic, Passed& p, const RowPlan& plan, const CriticObjective& o,
                        Profile* profile) {
  // Rows that have both a penalty and a part of the loss are swept once, as for the penalty: what
  // the loss wants of them is as many times that.
  at::Tensor with_penalty = p.seed.slice(0, p.stack.penalised);
  const at::Tensor carried = shares_rows(o) ? with_penalty.clone() : at::Tensor();
  with_penalty.fill_(1);
  const Adjoint adjoint = [&] {
    const Timed timed(profile, Phase::kAdjoint);
    const at::Tensor towards = p.towards_output(p.seed);
    return plan.keeps_all ? adjoint_sweep(critic, p.trace, towards, p.stack.penalised)
                          : backward_sweep(critic, p.trace, towards, p.stack.penalised);
  }();
  at::Tensor norms;
  if (p.penalised() > 0) {
    const Timed timed(profile, Phase::kTangent);
    const PenalisedSlopes slopes = slopes_of(adjoint, p, o);
    tangent_sweep(critic, p.trace, slopes.direction, carried);
    norms = slopes.norms;
  }
  const Timed timed(profile, Phase::kWeights);
  weight_sweep(critic, p.trace, adjoint, plan.keeps_all ? p.stack.penalised : 0, carried);
  return norms;
}

// The same where layers have second derivatives: the penalty goes up and down its rows before loss
// and penalty go down all of them together.
at::Tensor sweep_curved(Model& critic, Passed& p, const CriticObjective& o, Profile* profile) {
  Curvature curvature;
  at::Tensor norms;
  if (p.penalised() > 0) {
    Adjoint adjoint = [&] {
      const Timed timed(profile, Phase::kAdjoint);
      const at::Tensor ones = at::ones({p.penalised()}, p.output.options());
      return adjoint_sweep(critic, p.trace, p.towards_output(ones), p.stack.penalised);
    }();
    const Timed timed(profile, Phase::kTangent);
    const PenalisedSlopes slopes = slopes_of(adjoint, p, o);
    curvature = curvature_sweep(critic, p.trace, std::move(adjoint), slopes.direction);
    norms = slopes.norms;
  }
  const Timed timed(profile, Phase::kWeights);
  backward_sweep(critic, p.trace, p.towards_output(p.seed), p.rows(), curvature);
  return norms;
}

// What rows with these scores have part in, of a step of `count` real rows. norms: of the slopes
// that are penalised, undefined where none are.
CriticMetrics metrics_of(const CriticScores& scores, const at::Tensor& norms, double count,
                         const CriticObjective& o) {
  const double share = static_cast<double>(scores.real.size(0)) / count;
  const auto part = [share](const at::Tensor& mean) { return share == 1 ? mean : mean * share; };
  const at::Tensor none = at::zeros({}, scores.real.options());
  const at::Tensor loss = part(critic_loss(o.objective, scores, o.targets));
  const at::Tensor penalty = norms.defined() ? penalty_of_norms(o.penalty, norms, count) : none;
  return {.loss = norms.defined() ? loss + penalty : loss,
          .real_score = part(scores.real.mean()),
          .fake_score = part(scores.fake.mean()),
          .penalty = penalty,
          .gradient_norm = norms.defined() ? part(norms.mean()) : none};
}

// Adds the rows' part of the gradients, and gives their part of the metrics.
CriticMetrics sweep_rows(Model& critic, const StepRows& rows, double count, const RowPlan& plan,
                         const CriticObjective& o, Profile* profile) {
  const int64_t n = rows.real.size(0);
  const at::ScalarType wide = critic.parameters.scalar_type(), type = sweep_type(o.precision, wide);
  const Stack stack = stack_of(rows, o);
  const at::Tensor classes = repeated(rows.labels, std::ssize(stack.batches));
  const at::Tensor draws = stack.draws[0].defined() ? at::cat(stack.draws) : at::Tensor();
  Trace trace = [&] {
    const Timed timed(profile, Phase::kForward);
    return forward_sweep(critic, augmented(o.augment, at::cat(stack.batches), draws).to(type));
  }();
  const at::Tensor output = trace.output.to(wide);
  const at::Tensor scores = chosen_scores(output, classes);
  const CriticScores of_rows{scores.narrow(0, stack.real, n), scores.narrow(0, stack.fake, n)};
  const CriticScores slopes_of_loss =
      critic_score_gradients(o.objective, of_rows, count, o.targets);
  const at::Tensor seed = at::zeros_like(scores);
  seed.narrow(0, stack.real, n).copy_(slopes_of_loss.real);
  seed.narrow(0, stack.fake, n).copy_(slopes_of_loss.fake);

  Passed passed{stack, std::move(trace), output, classes, draws, seed, count};
  const at::Tensor norms = is_curved(critic.network)
                               ? sweep_curved(critic, passed, o, profile)
                               : sweep_linear(critic, passed, plan, o, profile);
  return metrics_of(of_rows, norms, count, o);
}

// The step of a critic in which samples meet: all real rows pass it together, then all fakes, each
// with statistics of their own, and there is no penalty.
CriticMetrics sweep_apart(Model& critic, const StepRows& rows, const CriticObjective& o,
                          Profile* profile) {
  Trace real, fake;
  {
    const Timed timed(profile, Phase::kForward);
    real = forward_sweep(critic, augmented(o.augment, rows.real, rows.real_draws));
    fake = forward_sweep(critic, augmented(o.augment, rows.fake, rows.fake_draws));
  }
  const CriticScores scores{chosen_scores(real.output, rows.labels),
                            chosen_scores(fake.output, rows.labels)};
  const int64_t n = rows.real.size(0);
  const CriticScores slopes =
      critic_score_gradients(o.objective, scores, static_cast<double>(n), o.targets);
  const Timed timed(profile, Phase::kWeights);
  backward_sweep(critic, real, output_seed(real.output, rows.labels, slopes.real), n);
  backward_sweep(critic, fake, output_seed(fake.output, rows.labels, slopes.fake), n);
  return metrics_of(scores, /*norms=*/{}, static_cast<double>(n), o);
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
CriticMetrics sweep_parts(Model& critic, const StepRows& rows, double count, const RowPlan& plan,
                          const CriticObjective& o, Profile* profile) {
  CriticMetrics sum;
  for (int64_t first = 0; first < rows.real.size(0); first += plan.at_once) {
    const CriticMetrics part =
        sweep_rows(critic, slice(rows, first, first + plan.at_once), count, plan, o, profile);
    if (first == 0) {
      sum = part;
    } else {
      add(sum, part);
    }
  }
  return sum;
}

}  // namespace

CriticMetrics critic_sweeps(Model& critic, const StepRows& rows, const CriticObjective& o,
                            Profile* profile) {
  const torch::NoGradGuard no_grad;
  critic.gradients.zero_();
  if (couples_samples(critic.network)) return sweep_apart(critic, rows, o, profile);
  const int64_t count = rows.real.size(0), threads = threads_of_rows(critic, count);
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
          sweep_parts(models[thread], slice(rows, count * i / threads, count * (i + 1) / threads),
                      static_cast<double>(count), plan, o, i == 0 ? profile : nullptr);
    }
  });
  for (size_t i = 1; i < models.size(); ++i) {
    critic.gradients.add_(models[i].gradients);
    add(metrics[0], metrics[i]);
  }
  return metrics[0];
}

int64_t rows_at_once(const Network& critic, int64_t count, const CriticObjective& o) {
  if (couples_samples(critic)) return 2 * count;
  return (shares_rows(o) ? 2 : 3) * real_rows_at_once(critic, count, o);
}

at::Tensor repeated(const at::Tensor& labels, int64_t copies) {
  return labels.defined() ? labels.repeat({copies}) : labels;
}

}  // namespace wgan
