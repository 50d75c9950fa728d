// The generator step, in sweeps where samples do not meet or through autograd, and the average.
#include "wgan/train/generator_step.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/objective.h"

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

at::Tensor through_sweeps(Model& generator, const Model& critic, const at::Tensor& z,
                          Objective objective, const at::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const int64_t rows = z.size(0);
  const Trace fake = forward_sweep(generator, z);
  const Trace judged = forward_sweep(critic, fake.output);
  const at::Tensor scores = chosen_scores(judged.output, labels);
  const at::Tensor seed =
      output_seed(judged.output, labels, score_seed(objective, scores, static_cast<double>(rows)));
  const at::Tensor towards_fake = adjoint_sweep(critic, judged, seed, 0).input;
  generator.gradients.zero_();
  weight_sweep(generator, fake, adjoint_sweep(generator, fake, towards_fake, rows), rows);
  return generator_loss(objective, scores);
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
                               Objective objective, Route route, const at::Tensor& labels) {
  return route == Route::kAutograd ? through_autograd(generator, critic, z, objective, labels)
                                   : through_sweeps(generator, critic, z, objective, labels);
}

at::Tensor generate(const Model& generator, const at::Tensor& z) {
  const torch::NoGradGuard no_grad;
  return forward_sweep(generator, z).output;
}

void update_average(Model& average, const Model& generator, double decay, int64_t step) {
  const torch::NoGradGuard no_grad;
  const double ramp = static_cast<double>(1 + step) / static_cast<double>(10 + step);
  const double weight = 1 - std::min(decay, ramp);
  average.parameters.lerp_(generator.parameters, weight);
  average.state.lerp_(generator.state, weight);
}

}  // namespace wgan
