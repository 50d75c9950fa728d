// Adam and RMSProp over a flat parameter vector.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "wgan/train/options.h"

namespace wgan {

// Adam (Kingma and Ba 2015, Algorithm 1; epsilon 1e-8) or RMSProp (decay 0.99, epsilon 1e-8), with
// the same arithmetic as torch::optim.
struct Optimizer {
  OptimizerKind kind = OptimizerKind::kAdam;
  double beta1 = 0;
  double beta2 = 0.9;
  int64_t steps = 0;        // taken so far
  at::Tensor mean;          // [P] Adam's first moment; undefined for RMSProp
  at::Tensor mean_square;   // [P]
  double weight_decay = 0;  // w: the loss has w/2 |theta|^2 more
  // Historical averaging (Salimans et al. 2016, section 3.3): the loss has w |theta - mean|^2 more,
  // where `history` is the mean of the parameters before this step and all steps so far.
  double historical_weight = 0;
  at::Tensor history;  // [P]; undefined where the weight is 0
};

// parameters: [P], whose shape and device the moments take. All moments zero; weight decay is for
// the critic (player 1, as in nn/init.h) alone.
Optimizer make_optimizer(const TrainOptions& options, const at::Tensor& parameters,
                         uint64_t player = 0);

// One step down `gradients` [P] in place on `parameters` [P].
void optimizer_step(Optimizer& optimizer, double learning_rate, at::Tensor parameters,
                    const at::Tensor& gradients);

}  // namespace wgan
