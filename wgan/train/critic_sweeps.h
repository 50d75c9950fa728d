// The critic step in sweeps (nn/sweeps.h), without autograd.
#pragma once

#include "wgan/train/critic_step.h"

namespace wgan {

// critic_gradients for critics whose sweeps are exact: takes_sweeps must hold.
CriticMetrics critic_sweeps(Model& critic, const StepRows& rows, const CriticObjective& objective,
                            Profile* profile);

// How many rows, fakes and interpolates among them, pass the sweeps together on a CPU in a step of
// `count` real ones.
int64_t rows_at_once(const Network& critic, int64_t count, const CriticObjective& objective);

// The labels of so many batches upon one another.
at::Tensor repeated(const at::Tensor& labels, int64_t copies);

}  // namespace wgan
