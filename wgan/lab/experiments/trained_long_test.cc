// The experiments that train networks: their claims hold whatever the seed.
#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "wgan/io/temporary_folder.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/run_experiment.h"

namespace wgan {
namespace {

class Trained : public testing::TestWithParam<std::tuple<Experiment (*)(), uint64_t>> {};

TEST_P(Trained, Holds) {
  const Experiment experiment = std::get<0>(GetParam())();
  EXPECT_TRUE(experiment.trained);
  const TemporaryFolder folder;
  const Outcome outcome = run_experiment(experiment,
                                         {.quick = true,
                                          .seed = std::get<1>(GetParam()),
                                          .settings = default_settings(experiment)},
                                         folder.path())
                              .outcome;
  EXPECT_FALSE(outcome.checks.empty());
  for (const Check& check : outcome.checks) {
    EXPECT_TRUE(check.holds()) << check.claim << ": " << check.seen << " in [" << check.low << ", "
                               << check.high << "]";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Experiments, Trained,
    testing::Combine(testing::Values(optimal_discriminator_experiment, manifolds_experiment,
                                     vanishing_gradient_experiment, mode_collapse_experiment,
                                     parallel_lines_experiment, critic_vs_discriminator_experiment,
                                     algorithm_experiment, clipping_experiment,
                                     lipschitz_experiment, unbounded_loss_experiment,
                                     loss_and_quality_experiment, optimizer_experiment,
                                     does_it_estimate_w_experiment, kantorovich_experiment,
                                     remedies_experiment),
                     testing::Range(uint64_t{0}, uint64_t{5})),
    [](const auto& tested) {
      std::string name = std::get<0>(tested.param)().name;
      std::erase(name, '-');
      return name + std::to_string(std::get<1>(tested.param));
    });

}  // namespace
}  // namespace wgan
