// The generator step, in sweeps where samples do not meet or through autograd, and the average.
#include "wgan/train/generator_step.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/train/objective.h"
#include "wgan/train/row_chunks.h"

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
  const auto batch = static_cast<double>(z.size(0));
  const bool samples_meet = has_batch_norm(generator.network) || has_batch_norm(critic.network);
  const int64_t size = chunk_size(z.size(0), z.device(), samples_meet);
  const at::Tensor loss_sum = accumulate_over_chunks(
      generator, z.size(0), size, [&](int64_t first, int64_t count, const auto& gradients) {
        const Trace fake = forward_sweep(generator, z.narrow(0, first, count));
        const Trace judged = forward_sweep(critic, fake.output);
        const at::Tensor classes = labels.defined() ? labels.narrow(0, first, count) : labels;
        const at::Tensor scores = chosen_scores(judged.output, classes);
        const at::Tensor seed =
            output_seed(judged.output, classes, score_seed(objective, scores, batch));
        const at::Tensor towards_fake = adjoint_sweep(critic, judged, seed, 0).input;
        const Adjoint adjoint = adjoint_sweep(generator, fake, towards_fake, count);
        weight_sweep(generator, fake, adjoint, count, gradients);
        return generator_loss(objective, scores) * static_cast<double>(count);
      });
  return loss_sum / batch;
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
  Shape shape = output_shape(generator.network);
  shape.insert(shape.begin(), z.size(0));
  const at::Tensor fakes = torch::empty(
      shape, z.options().memory_format(shape.size() == 4 ? at::MemoryFormat::ChannelsLast
                                                         : at::MemoryFormat::Contiguous));
  const int64_t size = chunk_size(z.size(0), z.device(), has_batch_norm(generator.network));
  for_each_chunk(z.size(0), size, [&](int64_t first, int64_t count) {
    fakes.narrow(0, first, count).copy_(forward_sweep(generator, z.narrow(0, first, count)).output);
  });
  return fakes;
}

void update_average(Model& average, const Model& generator, double decay, int64_t step) {
  const torch::NoGradGuard no_grad;
  const double ramp = static_cast<double>(1 + step) / static_cast<double>(10 + step);
  const double weight = 1 - std::min(decay, ramp);
  average.parameters.lerp_(generator.parameters, weight);
  average.state.lerp_(generator.state, weight);
}

}  // namespace wgan
