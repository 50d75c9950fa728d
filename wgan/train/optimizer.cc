// Optimizer steps as a few in-place operations on whole vectors.
#include "wgan/train/optimizer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

namespace wgan {
namespace {

constexpr double kEpsilon = 1e-8;
constexpr double kRmspropDecay = 0.99;

}  // namespace

Optimizer make_optimizer(const TrainOptions& options, const at::Tensor& parameters) {
  Optimizer optimizer{.kind = options.optimizer,
                      .beta1 = options.beta1,
                      .beta2 = options.beta2,
                      .steps = 0,
                      .mean = {},
                      .mean_square = torch::zeros_like(parameters)};
  if (options.optimizer == OptimizerKind::kAdam) optimizer.mean = torch::zeros_like(parameters);
  return optimizer;
}

void optimizer_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
                    const at::Tensor& gradients) {
  const torch::NoGradGuard no_grad;
  ++optimizer.steps;
  if (optimizer.kind == OptimizerKind::kRmsprop) {
    optimizer.mean_square.mul_(kRmspropDecay).addcmul_(gradients, gradients, 1 - kRmspropDecay);
    parameters.addcdiv_(gradients, optimizer.mean_square.sqrt().add_(kEpsilon), -learning_rate);
    return;
  }
  const double step = static_cast<double>(optimizer.steps);
  const double correction1 = 1 - std::pow(optimizer.beta1, step);
  const double correction2 = 1 - std::pow(optimizer.beta2, step);
  optimizer.mean.mul_(optimizer.beta1).add_(gradients, 1 - optimizer.beta1);
  optimizer.mean_square.mul_(optimizer.beta2).addcmul_(gradients, gradients, 1 - optimizer.beta2);
  const at::Tensor divisor =
      optimizer.mean_square.sqrt().div_(std::sqrt(correction2)).add_(kEpsilon);
  parameters.addcdiv_(optimizer.mean, divisor, -learning_rate / correction1);
}

}  // namespace wgan
