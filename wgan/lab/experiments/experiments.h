// The experiments, one a file; this is their list, in the order of the report.
#pragma once

#include "wgan/lab/experiment.h"

namespace wgan {

Experiment divergences_experiment();
Experiment optimal_discriminator_experiment();
Experiment nash_experiment();
Experiment manifolds_experiment();
Experiment vanishing_gradient_experiment();
Experiment mode_collapse_experiment();
Experiment stacked_modes_experiment();
Experiment earth_mover_experiment();
Experiment couplings_experiment();
Experiment parallel_lines_experiment();
Experiment continuity_experiment();
Experiment critic_vs_discriminator_experiment();
Experiment convergence_experiment();
Experiment algorithm_experiment();
Experiment clipping_experiment();
Experiment lipschitz_experiment();
Experiment unbounded_loss_experiment();
Experiment loss_and_quality_experiment();
Experiment optimizer_experiment();
Experiment does_it_estimate_w_experiment();
Experiment kantorovich_experiment();
Experiment remedies_experiment();
Experiment pokemon_experiment();
Experiment cats_experiment();

}  // namespace wgan
