// Adam and RMSProp over a flat parameter vector.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/train/options.h"

namespace wgan {

// Adam (Kingma and Ba 2015, Algorithm 1; epsilon 1e-8) or RMSProp (decay 0.99, epsilon 1e-8), with
// the same arithmetic as torch::optim.
struct Optimizer {
  OptimizerKind kind = OptimizerKind::kAdam;
  double beta1 = 0;
  double beta2 = 0.9;
  int64_t steps = 0;       // taken so far
  at::Tensor mean;         // [P] Adam's first moment; undefined for RMSProp
  at::Tensor mean_square;  // [P]
};

// parameters: [P], whose shape and device the moments take. All moments zero.
Optimizer make_optimizer(const TrainOptions& options, const at::Tensor& parameters);

// One step down `gradients` [P] in place on `parameters` [P].
void optimizer_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
                    const at::Tensor& gradients);

}  // namespace wgan
