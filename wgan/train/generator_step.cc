// The generator step, in sweeps where samples do not meet or through autograd, and the average.
#include "wgan/train/generator_step.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/latent.h"
#include "wgan/train/objective.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

at::Tensor seen(const at::Tensor& fake, const GeneratorRows& rows, const GeneratorObjective& o) {
  const at::Tensor noisy = rows.noise.defined() ? fake + rows.noise : fake;
  return augmented(o.augment, with_conditions(noisy, rows.conditions), rows.fake_draws);
}

at::Tensor seen_real(const GeneratorRows& rows, const GeneratorObjective& o) {
  return augmented(o.augment, rows.real, rows.real_draws);
}

// Of the real rows that the fakes are paired with; undefined where there are none.
at::Tensor real_scores(const Model& critic, const GeneratorRows& r, const GeneratorObjective& o) {
  return is_paired(o.objective) ? critic_scores(critic, seen_real(r, o), r.labels) : at::Tensor();
}

at::Tensor through_sweeps(const Model& generator, const Model& critic, const GeneratorRows& r,
                          const GeneratorObjective& o) {
  const torch::NoGradGuard no_grad;
  const int64_t rows = r.z.size(0);
  const at::ScalarType wide = r.z.scalar_type(), type = sweep_type(o.precision, wide);
  Model player = in_type(generator, type);
  const Model judge = in_type(critic, type);
  Trace fake = forward_sweep(player, r.z.to(type));
  const Trace judged = forward_sweep(judge, seen(fake.output, r, o).to(type));
  const at::Tensor output = judged.output.to(wide);
  const CriticScores scores{real_scores(judge, r, o), chosen_scores(output, r.labels)};
  const at::Tensor seed = output_seed(
      output, r.labels, generator_score_gradient(o.objective, scores, static_cast<double>(rows)));
  const at::Tensor towards_seen =
      augmented_adjoint(o.augment, input_gradient(judge, judged, seed.to(type)), r.fake_draws);
  const at::Tensor towards_fake = towards_seen.narrow(1, 0, fake.output.size(1));
  player.gradients.zero_();
  backward_sweep(player, fake, towards_fake, rows);
  return generator_loss(o.objective, scores);
}

at::Tensor feature_loss(const Model& critic, const at::Tensor& fake, const GeneratorRows& r,
                        const GeneratorObjective& o) {
  const ForwardContext context{.training = true,
                               .gradients = false,
                               .layers = o.feature_layers > 0
                                             ? static_cast<size_t>(o.feature_layers)
                                             : critic.network.layers.size() - 1};
  const at::Tensor wanted = [&] {
    const torch::NoGradGuard no_grad;
    return forward(critic, seen_real(r, o), context);
  }();
  return feature_distance(o.feature_matching, wanted, forward(critic, fake, context));
}

at::Tensor through_autograd(Model& generator, const Model& critic, const GeneratorRows& r,
                            const GeneratorObjective& o) {
  generator.gradients.zero_();
  const at::Tensor fake =
      seen(forward(generator, r.z, {.training = true, .gradients = true}), r, o);
  const bool features = o.feature_matching != FeatureMatching::kNone;
  const auto transformed_loss = [&] {
    const at::Tensor of_real = [&] {
      const torch::NoGradGuard no_grad;
      return forward(critic, r.real, {.training = true}).view({-1});
    }();
    return c_transform(of_real, r.real, fake).mean();
  };
  const auto score_loss = [&] {
    const at::Tensor output = forward(critic, fake, {.training = true, .gradients = false});
    return generator_loss(o.objective,
                          {real_scores(critic, r, o), chosen_scores(output, r.labels)});
  };
  const at::Tensor loss = features                                ? feature_loss(critic, fake, r, o)
                          : o.objective == Objective::kCTransform ? transformed_loss()
                                                                  : score_loss();
  loss.backward();
  return loss.detach();
}

}  // namespace

at::Tensor critic_scores(const Model& critic, const at::Tensor& rows, const at::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const at::ScalarType wide = rows.scalar_type();
  const at::Tensor output =
      has_sweeps(critic.network)
          ? forward_sweep(critic, rows.to(critic.frozen[0].scalar_type())).output.to(wide)
          : forward(critic, rows, {.training = true});
  return chosen_scores(output, labels);
}

bool takes_sweeps(const Network& generator, const Network& critic, const GeneratorObjective& o) {
  return o.route != Route::kAutograd && o.feature_matching == FeatureMatching::kNone &&
         o.objective != Objective::kCTransform && has_sweeps(generator) && has_sweeps(critic) &&
         may_sweep(generator, o.precision) && may_sweep(critic, o.precision);
}

at::Tensor generator_gradients(Model& generator, const Model& critic, const GeneratorRows& rows,
                               const GeneratorObjective& o) {
  return takes_sweeps(generator.network, critic.network, o)
             ? through_sweeps(generator, critic, rows, o)
             : through_autograd(generator, critic, rows, o);
}

at::Tensor generate(const Model& generator, const at::Tensor& z, Precision precision) {
  const torch::NoGradGuard no_grad;
  if (!has_sweeps(generator.network) || !may_sweep(generator.network, precision)) {
    return forward(generator, z, {.training = true});
  }
  const at::ScalarType wide = z.scalar_type(), type = sweep_type(precision, wide);
  return forward_sweep(in_type(generator, type), z.to(type)).output.to(wide);
}

void update_average(Model& average, const Model& generator, double decay, int64_t step) {
  const torch::NoGradGuard no_grad;
  const double ramp = static_cast<double>(1 + step) / static_cast<double>(10 + step);
  const double weight = 1 - std::min(decay, ramp);
  average.parameters.lerp_(generator.parameters, weight);
  average.state.lerp_(generator.state, weight);
}

}  // namespace wgan
