// Modes that generators cover: where a plain GAN collapses, WGAN-GP does not, over five seeds.
#include <gtest/gtest.h>

#include <algorithm>

#include "wgan/train/gaussians_test_support.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

// Modes of gaussians25 that get at least a tenth of their fair share of the samples.
int64_t modes_covered(Objective objective, int64_t seed) {
  constexpr int64_t kSamples = 5000;
  const Dataset data = make_synthetic("gaussians25", Split::kTrain, static_cast<uint64_t>(seed));
  TrainOptions o = recipe_options(Recipe::kFast, objective, data);
  o.players.width = 64;
  o.batches.size = 64;
  o.optimizer.average = 0;
  o.optimizer.lr_decay = false;
  o.seed = seed;
  o.length.steps = 1000;
  o.optimizer.beta1 = 0.5;
  o.optimizer.beta2 = 0.9;
  o.optimizer.generator_lr = 1e-3;
  o.optimizer.critic_lr = objective == Objective::kWganGp ? 1e-3 : 2e-4;
  const at::Tensor points = samples_of(trained_generator(data, o), kSamples);
  const ModeShares shares = mode_shares(points, gaussian_modes("gaussians25"), 3);
  return std::ranges::count_if(shares.nearest, [](double share) { return share >= 0.1 / 25; });
}

TEST(Coverage, WganGpKeepsAllModesWhereThePlainGanCollapses) {
  for (int64_t seed = 0; seed < 5; ++seed) {
    EXPECT_LE(modes_covered(Objective::kNonSaturating, seed), 12) << seed;
    EXPECT_EQ(modes_covered(Objective::kWganGp, seed), 25) << seed;
  }
}

}  // namespace
}  // namespace wgan
