// The generator step through autograd, and the average of its results.
#include "wgan/train/generator_step.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/train/objective.h"

namespace wgan {

at::Tensor generator_gradients(Model& generator, const Model& critic, const at::Tensor& z,
                               Objective objective) {
  generator.gradients.zero_();
  const at::Tensor fake = forward(generator, z, {.training = true, .gradients = true});
  const at::Tensor scores =
      forward(critic, fake, {.training = true, .gradients = false}).view({-1});
  const at::Tensor loss = generator_loss(objective, scores);
  loss.backward();
  return loss.detach();
}

void update_average(Model& average, const Model& generator, double decay, int64_t step) {
  const torch::NoGradGuard no_grad;
  const double ramp = static_cast<double>(1 + step) / static_cast<double>(10 + step);
  const double weight = 1 - std::min(decay, ramp);
  average.parameters.lerp_(generator.parameters, weight);
  average.state.lerp_(generator.state, weight);
}

}  // namespace wgan
