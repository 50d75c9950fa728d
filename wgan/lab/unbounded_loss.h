// What a critic's loss does without a constraint, and with each of several.
#pragma once

#include "wgan/lab/experiment.h"

namespace wgan {

Outcome unbounded_loss(const ExperimentOptions& options);

}  // namespace wgan
