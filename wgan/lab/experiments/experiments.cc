// The list of all experiments.
#include "wgan/lab/experiments/experiments.h"

#include <fmt/format.h>

#include <array>

namespace wgan {

std::span<const Experiment> all_experiments() {
  static const std::array kAll = {divergences_experiment(),
                                  optimal_discriminator_experiment(),
                                  nash_experiment(),
                                  manifolds_experiment(),
                                  vanishing_gradient_experiment(),
                                  mode_collapse_experiment(),
                                  stacked_modes_experiment(),
                                  earth_mover_experiment(),
                                  couplings_experiment(),
                                  parallel_lines_experiment(),
                                  continuity_experiment(),
                                  critic_vs_discriminator_experiment(),
                                  convergence_experiment(),
                                  algorithm_experiment(),
                                  clipping_experiment(),
                                  lipschitz_experiment(),
                                  unbounded_loss_experiment(),
                                  loss_and_quality_experiment(),
                                  optimizer_experiment(),
                                  does_it_estimate_w_experiment(),
                                  kantorovich_experiment(),
                                  remedies_experiment(),
                                  pokemon_experiment(),
                                  cats_experiment()};
  return kAll;
}

const Experiment& find_experiment(const std::string& name) {
  std::vector<std::string> names;
  for (const Experiment& experiment : all_experiments()) {
    if (name == experiment.name) return experiment;
    names.emplace_back(experiment.name);
  }
  const std::string near = nearest_name(name, names);
  throw Error(ErrorKind::kUsage, fmt::format("there is no experiment '{}'", name),
              near.empty() ? "wgan lab lists them" : fmt::format("did you mean '{}'?", near));
}

}  // namespace wgan
