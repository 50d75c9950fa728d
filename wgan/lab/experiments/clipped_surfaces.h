// The surfaces and the weights of clipped critics beside those of critics with a gradient penalty
// (Gulrajani et al. 2017, Fig. 1a and Fig. 1b, right).
#pragma once

#include "wgan/lab/experiment.h"

namespace wgan {

// Critics trained to optimality between data of the plane and the same data with unit noise.
// Settings: clip, lambda.
Outcome surfaces_of_clipped_critics(const ExperimentOptions& options);

}  // namespace wgan
