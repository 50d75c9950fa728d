// How gradients pass through deep critics under clipping and under the gradient penalty (Gulrajani
// et al. 2017, Fig. 1b, left).
#pragma once

#include "wgan/lab/experiment.h"

namespace wgan {

// Settings: lambda.
Outcome gradients_of_deep_critics(const ExperimentOptions& options);

}  // namespace wgan
