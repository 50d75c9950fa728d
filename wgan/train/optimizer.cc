// Optimizer steps: one pass over the vectors where there is one for the device, since memory bounds
// them, and a few in-place operations elsewhere.
#include "wgan/train/optimizer.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "wgan/core/row_kernel.h"

namespace wgan {
namespace {

constexpr double kOptimizerEpsilon = 1e-8;
constexpr double kRmspropDecay = 0.99;
constexpr int64_t kGrain = 1 << 15;  // numbers that are worth a thread

// Adam's factors of one step.
struct AdamFactors {
  double beta1;
  double beta2;
  double deviation;  // 1 / sqrt(1 - beta2^t)
  double step;       // learning rate / (1 - beta1^t)
};

WGAN_ROW_KERNEL void adam_range(const AdamFactors& f, int64_t count,
                                const float* __restrict gradient, float* __restrict mean,
                                float* __restrict mean_square, float* __restrict parameter) {
  const auto keep1 = static_cast<float>(f.beta1), keep2 = static_cast<float>(f.beta2);
  const auto new1 = static_cast<float>(1 - f.beta1), new2 = static_cast<float>(1 - f.beta2);
  const auto deviation = static_cast<float>(f.deviation), step = static_cast<float>(f.step);
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = keep1 * mean[i] + new1 * g;
    const float v = keep2 * mean_square[i] + new2 * g * g;
    mean[i] = m;
    mean_square[i] = v;
    parameter[i] -= step * m / (std::sqrt(v) * deviation + static_cast<float>(kOptimizerEpsilon));
  }
}

WGAN_ROW_KERNEL void rmsprop_range(double learning_rate, int64_t count,
                                   const float* __restrict gradient, float* __restrict mean_square,
                                   float* __restrict parameter) {
  const auto keep = static_cast<float>(kRmspropDecay),
             fresh = static_cast<float>(1 - kRmspropDecay);
  const auto step = static_cast<float>(learning_rate);
  for (int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float v = keep * mean_square[i] + fresh * g * g;
    mean_square[i] = v;
    parameter[i] -= step * g / (std::sqrt(v) + static_cast<float>(kOptimizerEpsilon));
  }
}

bool takes_one_pass(const at::Tensor& parameters, const at::Tensor& gradients) {
  return parameters.is_cpu() && parameters.scalar_type() == torch::kFloat32 &&
         parameters.is_contiguous() && gradients.is_contiguous();
}

void adam_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
               const at::Tensor& gradients) {
  const auto step = static_cast<double>(optimizer.steps);
  const AdamFactors f{.beta1 = optimizer.beta1,
                      .beta2 = optimizer.beta2,
                      .deviation = 1 / std::sqrt(1 - std::pow(optimizer.beta2, step)),
                      .step = learning_rate / (1 - std::pow(optimizer.beta1, step))};
  if (takes_one_pass(parameters, gradients)) {
    const float* g = gradients.data_ptr<float>();
    float* m = optimizer.mean.data_ptr<float>();
    float* v = optimizer.mean_square.data_ptr<float>();
    float* p = parameters.data_ptr<float>();
    at::parallel_for(0, parameters.numel(), kGrain, [&](int64_t begin, int64_t end) {
      adam_range(f, end - begin, g + begin, m + begin, v + begin, p + begin);
    });
    return;
  }
  if (parameters.is_cuda()) {
    at::_fused_adam_({parameters}, {gradients}, {optimizer.mean}, {optimizer.mean_square}, {},
                     {torch::full({}, step, parameters.options().dtype(torch::kFloat32))},
                     learning_rate, optimizer.beta1, optimizer.beta2, /*weight_decay=*/0,
                     kOptimizerEpsilon,
                     /*amsgrad=*/false, /*maximize=*/false);
    return;
  }
  optimizer.mean.mul_(f.beta1).add_(gradients, 1 - f.beta1);
  optimizer.mean_square.mul_(f.beta2).addcmul_(gradients, gradients, 1 - f.beta2);
  const at::Tensor divisor = optimizer.mean_square.sqrt().mul_(f.deviation).add_(kOptimizerEpsilon);
  parameters.addcdiv_(optimizer.mean, divisor, -f.step);
}

void rmsprop_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
                  const at::Tensor& gradients) {
  if (takes_one_pass(parameters, gradients)) {
    const float* g = gradients.data_ptr<float>();
    float* v = optimizer.mean_square.data_ptr<float>();
    float* p = parameters.data_ptr<float>();
    at::parallel_for(0, parameters.numel(), kGrain, [&](int64_t begin, int64_t end) {
      rmsprop_range(learning_rate, end - begin, g + begin, v + begin, p + begin);
    });
    return;
  }
  optimizer.mean_square.mul_(kRmspropDecay).addcmul_(gradients, gradients, 1 - kRmspropDecay);
  parameters.addcdiv_(gradients, optimizer.mean_square.sqrt().add_(kOptimizerEpsilon),
                      -learning_rate);
}

// The gradients with those of the terms that look at the parameters alone.
at::Tensor regularised(Optimizer& optimizer, const at::Tensor& parameters,
                       const at::Tensor& gradients) {
  at::Tensor sum = gradients;
  if (optimizer.weight_decay > 0) sum = sum + optimizer.weight_decay * parameters;
  if (optimizer.history.defined()) {
    optimizer.history.lerp_(parameters, 1 / static_cast<double>(optimizer.steps));
    sum = sum + 2 * optimizer.historical_weight * (parameters - optimizer.history);
  }
  return sum;
}

}  // namespace

Optimizer make_optimizer(const TrainOptions& options, const at::Tensor& parameters,
                         uint64_t player) {
  Optimizer optimizer{.kind = options.optimizer.kind,
                      .beta1 = options.optimizer.beta1,
                      .beta2 = options.optimizer.beta2.start,
                      .steps = 0,
                      .mean = {},
                      .mean_square = torch::zeros_like(parameters),
                      .weight_decay = player == 1 ? options.stabilisers.weight_decay : 0,
                      .historical_weight = options.stabilisers.historical_averaging,
                      .history = {}};
  if (optimizer.historical_weight > 0) optimizer.history = torch::zeros_like(parameters);
  if (options.optimizer.kind == OptimizerKind::kAdam)
    optimizer.mean = torch::zeros_like(parameters);
  return optimizer;
}

void optimizer_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
                    const at::Tensor& gradients) {
  const torch::NoGradGuard no_grad;
  ++optimizer.steps;
  const at::Tensor whole = regularised(optimizer, parameters, gradients);
  if (optimizer.kind == OptimizerKind::kRmsprop) {
    rmsprop_step(optimizer, learning_rate, parameters, whole);
  } else {
    adam_step(optimizer, learning_rate, parameters, whole);
  }
}

}  // namespace wgan
