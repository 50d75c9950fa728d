// Recipes give the published settings, and options that make no sense are refused by name.
#include "wgan/train/recipe.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "wgan/io/test_support.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr Objective kRecipeObjectives[] = {Objective::kMinimax, Objective::kNonSaturating,
                                           Objective::kWgan, Objective::kWganGp};

Dataset images() { return bars_dataset(64, 3, 6400); }
Dataset digits() { return bars_dataset(28, 1); }
Dataset points() { return vectors_dataset({0, 0}, {1, 1}); }

TEST(Recipe, PaperWganIsMainPy) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWgan, images());
  EXPECT_EQ(o.optimizer.kind, OptimizerKind::kRmsprop);
  EXPECT_EQ(o.optimizer.critic_lr, 5e-5);
  EXPECT_EQ(o.optimizer.generator_lr, 5e-5);
  EXPECT_EQ(o.penalty.clip, 0.01);
  EXPECT_EQ(o.objective.n_critic, 5);
  EXPECT_TRUE(o.objective.critic_bursts);
  EXPECT_EQ(o.batches.size, 64);
  EXPECT_EQ(o.optimizer.average, 0);
  EXPECT_EQ(o.length.steps, 25 * 6400 / (64 * 5));
  const Networks networks = build_networks(o, {3, 64, 64});
  EXPECT_EQ(parameter_count(networks.generator), 3'576'704);
  EXPECT_EQ(parameter_count(networks.critic), 2'765'568);
  EXPECT_EQ(pixel_range(networks.generator), PixelRange::kSigned);
}

TEST(Recipe, PaperWganGpIsGanMnist) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWganGp, digits());
  EXPECT_EQ(o.optimizer.kind, OptimizerKind::kAdam);
  EXPECT_EQ(o.optimizer.critic_lr, 1e-4);
  EXPECT_EQ(o.optimizer.beta1, 0.5);
  EXPECT_EQ(o.optimizer.beta2, 0.9);
  EXPECT_EQ(o.penalty.lambda, 10);
  EXPECT_EQ(o.objective.n_critic, 5);
  EXPECT_EQ(o.batches.size, 50);
  EXPECT_EQ(o.players.latent, 128);
  const Networks networks = build_networks(o, {1, 28, 28});
  EXPECT_EQ(parameter_count(networks.generator), 1'554'177);
  EXPECT_EQ(parameter_count(networks.critic), 1'030'145);
  EXPECT_EQ(pixel_range(networks.generator), PixelRange::kUnit);
}

TEST(Recipe, PaperWganGpIsGanToyForVectors) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWganGp, points());
  EXPECT_EQ(o.penalty.lambda, 0.1);
  EXPECT_EQ(o.batches.size, 256);
  const Networks networks = build_networks(o, {2});
  EXPECT_EQ(parameter_count(networks.generator), 527'874);
  EXPECT_EQ(parameter_count(networks.critic), 527'361);
}

TEST(Recipe, EveryRecipePassesItsOwnCheck) {
  for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
    for (const Objective objective : kRecipeObjectives) {
      for (const Dataset& data : {images(), digits(), points()}) {
        const TrainOptions o = recipe_options(recipe, objective, data);
        EXPECT_EQ(o.recipe, recipe);
        EXPECT_EQ(o.objective.kind, objective);
        EXPECT_NO_THROW(check_options(o, data)) << data.name;
        const Networks networks = build_networks(o, sample_shape(data.shape));
        EXPECT_EQ(output_shape(networks.generator), sample_shape(data.shape));
        EXPECT_EQ(networks.critic.input, sample_shape(data.shape));
      }
    }
  }
}

void expect_refused(const char* fragment, const std::function<void(TrainOptions&)>& spoil,
                    const Dataset& data = digits()) {
  TrainOptions o;
  if (!data.is_image()) o.players.net = Net::kMlp;
  ASSERT_NO_THROW(check_options(o, data)) << "the options must be good before";
  spoil(o);
  expect_error(ErrorKind::kUsage, fragment, [&] { check_options(o, data); });
}

TEST(CheckOptions, RefusesNumbersOutOfRange) {
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, INT64_MAX}) {
    expect_refused("--width is", [&](auto& o) { o.players.width = bad; });
    expect_refused("--depth is", [&](auto& o) { o.players.depth = bad; });
    expect_refused("--latent is", [&](auto& o) { o.players.latent = bad; });
    expect_refused("--batch is", [&](auto& o) { o.batches.size = bad; });
    expect_refused("--n-critic is", [&](auto& o) { o.objective.n_critic = bad; });
    expect_refused("--tick-every is", [&](auto& o) { o.cadence.tick_every = bad; });
    expect_refused("--samples-every is", [&](auto& o) { o.cadence.samples_every = bad; });
  }
  for (const int64_t bad : {int64_t{-1}, INT64_MIN}) {
    expect_refused("--seed is", [&](auto& o) { o.seed = bad; });
    expect_refused("--steps is", [&](auto& o) { o.length.steps = bad; });
    expect_refused("--loader-threads is", [&](auto& o) { o.compute.loader_threads = bad; });
  }
}

TEST(CheckOptions, RefusesRatesThatAreNoRates) {
  for (const double bad : {-1e-9, 1e300, HUGE_VAL, std::nan("")}) {
    expect_refused("--lambda is", [&](auto& o) { o.penalty.lambda = bad; });
    expect_refused("--critic-lr is", [&](auto& o) { o.optimizer.critic_lr = bad; });
    expect_refused("--generator-lr is", [&](auto& o) { o.optimizer.generator_lr = bad; });
    expect_refused("--beta1 is", [&](auto& o) { o.optimizer.beta1 = bad; });
    expect_refused("--beta2 is", [&](auto& o) { o.optimizer.beta2 = bad; });
    expect_refused("--average is", [&](auto& o) { o.optimizer.average = bad; });
  }
  expect_refused("--beta1 is 1", [](auto& o) { o.optimizer.beta1 = 1; });
  for (const double bad : {-0.01, 1e300, std::nan("")}) {
    expect_refused("--clip is", [&](auto& o) { o.penalty.clip = bad; });
  }
}

TEST(CheckOptions, RefusesBatchesOfOneWhereBatchStatisticsAreTaken) {
  const auto one = [](TrainOptions& o) {
    o.recipe = Recipe::kPaper;
    o.batches.size = 1;
  };
  expect_refused("--batch is 1", one, images());  // the generator of gan_cifar.py
  TrainOptions o;
  o.players.net = Net::kMlp;
  o.batches.size = 1;
  EXPECT_NO_THROW(check_options(o, images()));
}

TEST(CheckOptions, RefusesConvolutionsOnVectors) {
  expect_refused(
      "--net mlp", [](auto& o) { o.players.net = Net::kDcgan; }, points());
}

TEST(CheckOptions, RefusesImagesThatConvolutionsCannotHalve) {
  for (const int64_t side : {4, 7, 1025}) {
    const Dataset data = bars_dataset(side, 1);
    TrainOptions o;
    const std::string nearest = fmt::format("--size {};", side < 8 ? 8 : 1024);
    expect_error(ErrorKind::kUsage, nearest, [&] { check_options(o, data); });
    o.players.net = Net::kMlp;
    EXPECT_NO_THROW(check_options(o, data)) << side;
  }
}

}  // namespace
}  // namespace wgan
