// The generator step, in sweeps where samples do not meet or through autograd, and the average.
#include "wgan/train/generator_step.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/objective.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

// Gradient of the mean generator loss with respect to the scores of the fakes.
at::Tensor score_seed(Objective objective, const at::Tensor& scores, double batch) {
  switch (objective) {
    case Objective::kMinimax:
      return -at::sigmoid(scores) / batch;
    case Objective::kNonSaturating:
      return -at::sigmoid(-scores) / batch;
    case Objective::kWgan:
    case Objective::kWganGp:
      return at::full_like(scores, -1 / batch);
  }
  throw Error(ErrorKind::kInternal, "unknown objective");
}

at::Tensor through_sweeps(const Model& generator, const Model& critic, const at::Tensor& z,
                          const GeneratorObjective& o, const at::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const int64_t rows = z.size(0);
  const at::ScalarType wide = z.scalar_type(), type = sweep_type(o.precision, wide);
  Model player = in_type(generator, type);
  const Model judge = in_type(critic, type);
  const Trace fake = forward_sweep(player, z.to(type));
  const Trace judged = forward_sweep(judge, fake.output);
  const at::Tensor output = judged.output.to(wide);
  const at::Tensor scores = chosen_scores(output, labels);
  const at::Tensor seed =
      output_seed(output, labels, score_seed(o.objective, scores, static_cast<double>(rows)));
  const at::Tensor towards_fake = adjoint_sweep(judge, judged, seed.to(type), 0).input;
  player.gradients.zero_();
  weight_sweep(player, fake, adjoint_sweep(player, fake, towards_fake, rows), rows);
  return generator_loss(o.objective, scores);
}

at::Tensor through_autograd(Model& generator, const Model& critic, const at::Tensor& z,
                            Objective objective, const at::Tensor& labels) {
  generator.gradients.zero_();
  const at::Tensor fake = forward(generator, z, {.training = true, .gradients = true});
  const at::Tensor scores =
      chosen_scores(forward(critic, fake, {.training = true, .gradients = false}), labels);
  const at::Tensor loss = generator_loss(objective, scores);
  loss.backward();
  return loss.detach();
}

}  // namespace

at::Tensor generator_gradients(Model& generator, const Model& critic, const at::Tensor& z,
                               const GeneratorObjective& o, const at::Tensor& labels) {
  return o.route == Route::kAutograd ? through_autograd(generator, critic, z, o.objective, labels)
                                     : through_sweeps(generator, critic, z, o, labels);
}

at::Tensor generate(const Model& generator, const at::Tensor& z, Precision precision) {
  const torch::NoGradGuard no_grad;
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
