// The experiments, one a file; this is their list, in the order of the report.
#pragma once

#include "wgan/lab/experiment.h"

namespace wgan {

Experiment divergences_experiment();
Experiment optimal_discriminator_experiment();
Experiment nash_experiment();
Experiment manifolds_experiment();
Experiment earth_mover_experiment();
Experiment couplings_experiment();
Experiment parallel_lines_experiment();
Experiment convergence_experiment();

}  // namespace wgan
