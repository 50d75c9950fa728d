// Recipes give the published settings, and options that make no sense are refused by name.
#include "wgan/train/recipe.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "wgan/io/test_support.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr Objective kObjectives[] = {Objective::kMinimax, Objective::kNonSaturating,
                                     Objective::kWgan, Objective::kWganGp};

Dataset images() { return bars_dataset(64, 3, 6400); }
Dataset digits() { return bars_dataset(28, 1); }
Dataset points() { return vectors_dataset({0, 0}, {1, 1}); }

TEST(Recipe, SampleShapePutsChannelsFirst) {
  Dataset data = images();
  data.shape = {20, 30, 3};
  EXPECT_EQ(sample_shape(data), (Shape{3, 20, 30}));
  EXPECT_EQ(sample_shape(points()), (Shape{2}));
}

TEST(Recipe, PaperWganIsMainPy) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWgan, images());
  EXPECT_EQ(o.optimizer, OptimizerKind::kRmsprop);
  EXPECT_EQ(o.critic_lr, 5e-5);
  EXPECT_EQ(o.generator_lr, 5e-5);
  EXPECT_EQ(o.clip, 0.01);
  EXPECT_EQ(o.n_critic, 5);
  EXPECT_TRUE(o.critic_bursts);
  EXPECT_EQ(o.batch, 64);
  EXPECT_EQ(o.average, 0);
  EXPECT_EQ(o.steps, 25 * 6400 / (64 * 5));
  const Networks networks = build_networks(o, {3, 64, 64});
  EXPECT_EQ(parameter_count(networks.generator), 3'576'704);
  EXPECT_EQ(parameter_count(networks.critic), 2'765'568);
  EXPECT_EQ(pixel_range(networks.generator), PixelRange::kSigned);
}

TEST(Recipe, PaperWganGpIsGanMnist) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWganGp, digits());
  EXPECT_EQ(o.optimizer, OptimizerKind::kAdam);
  EXPECT_EQ(o.critic_lr, 1e-4);
  EXPECT_EQ(o.beta1, 0.5);
  EXPECT_EQ(o.beta2, 0.9);
  EXPECT_EQ(o.lambda, 10);
  EXPECT_EQ(o.n_critic, 5);
  EXPECT_EQ(o.batch, 50);
  EXPECT_EQ(o.latent, 128);
  const Networks networks = build_networks(o, {1, 28, 28});
  EXPECT_EQ(parameter_count(networks.generator), 1'554'177);
  EXPECT_EQ(parameter_count(networks.critic), 1'030'145);
  EXPECT_EQ(pixel_range(networks.generator), PixelRange::kUnit);
}

TEST(Recipe, PaperWganGpIsGanToyForVectors) {
  const TrainOptions o = recipe_options(Recipe::kPaper, Objective::kWganGp, points());
  EXPECT_EQ(o.lambda, 0.1);
  EXPECT_EQ(o.batch, 256);
  const Networks networks = build_networks(o, {2});
  EXPECT_EQ(parameter_count(networks.generator), 527'874);
  EXPECT_EQ(parameter_count(networks.critic), 527'361);
}

TEST(Recipe, EveryRecipePassesItsOwnCheck) {
  for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
    for (const Objective objective : kObjectives) {
      for (const Dataset& data : {images(), digits(), points()}) {
        const TrainOptions o = recipe_options(recipe, objective, data);
        EXPECT_EQ(o.recipe, recipe);
        EXPECT_EQ(o.objective, objective);
        EXPECT_NO_THROW(check_options(o, data)) << data.name;
        const Networks networks = build_networks(o, sample_shape(data));
        EXPECT_EQ(output_shape(networks.generator), sample_shape(data));
        EXPECT_EQ(networks.critic.input, sample_shape(data));
      }
    }
  }
}

void expect_refused(const char* fragment, const std::function<void(TrainOptions&)>& spoil,
                    const Dataset& data = digits()) {
  TrainOptions o;
  if (!data.is_image()) o.net = Net::kMlp;
  ASSERT_NO_THROW(check_options(o, data)) << "the options must be good before";
  spoil(o);
  expect_error(ErrorKind::kUsage, fragment, [&] { check_options(o, data); });
}

TEST(CheckOptions, RefusesNumbersOutOfRange) {
  for (const int64_t bad : {int64_t{0}, int64_t{-1}, INT64_MAX}) {
    expect_refused("--width is", [&](auto& o) { o.width = bad; });
    expect_refused("--depth is", [&](auto& o) { o.depth = bad; });
    expect_refused("--latent is", [&](auto& o) { o.latent = bad; });
    expect_refused("--batch is", [&](auto& o) { o.batch = bad; });
    expect_refused("--n-critic is", [&](auto& o) { o.n_critic = bad; });
    expect_refused("--tick-every is", [&](auto& o) { o.tick_every = bad; });
    expect_refused("--samples-every is", [&](auto& o) { o.samples_every = bad; });
  }
  for (const int64_t bad : {int64_t{-1}, INT64_MIN}) {
    expect_refused("--seed is", [&](auto& o) { o.seed = bad; });
    expect_refused("--steps is", [&](auto& o) { o.steps = bad; });
    expect_refused("--keep is", [&](auto& o) { o.keep = bad; });
    expect_refused("--threads is", [&](auto& o) { o.threads = bad; });
    expect_refused("--loader-threads is", [&](auto& o) { o.loader_threads = bad; });
  }
}

TEST(CheckOptions, RefusesRatesThatAreNoRates) {
  for (const double bad : {-1e-9, 1e300, HUGE_VAL, std::nan("")}) {
    expect_refused("--lambda is", [&](auto& o) { o.lambda = bad; });
    expect_refused("--critic-lr is", [&](auto& o) { o.critic_lr = bad; });
    expect_refused("--generator-lr is", [&](auto& o) { o.generator_lr = bad; });
    expect_refused("--beta1 is", [&](auto& o) { o.beta1 = bad; });
    expect_refused("--beta2 is", [&](auto& o) { o.beta2 = bad; });
    expect_refused("--average is", [&](auto& o) { o.average = bad; });
  }
  expect_refused("--beta1 is 1", [](auto& o) { o.beta1 = 1; });
  for (const double bad : {-0.01, 1e300, std::nan("")}) {
    expect_refused("--clip is", [&](auto& o) { o.clip = bad; });
  }
}

TEST(CheckOptions, RefusesBatchesOfOneWhereBatchStatisticsAreTaken) {
  const auto one = [](TrainOptions& o) {
    o.recipe = Recipe::kPaper;
    o.batch = 1;
  };
  expect_refused("--batch is 1", one, images());  // the generator of gan_cifar.py
  TrainOptions o;
  o.net = Net::kMlp;
  o.batch = 1;
  EXPECT_NO_THROW(check_options(o, images()));
}

TEST(CheckOptions, RefusesConvolutionsOnVectors) {
  expect_refused(
      "--net mlp", [](auto& o) { o.net = Net::kDcgan; }, points());
}

TEST(CheckOptions, RefusesImagesThatConvolutionsCannotHalve) {
  for (const int64_t side : {4, 7, 1025}) {
    const Dataset data = bars_dataset(side, 1);
    TrainOptions o;
    expect_error(ErrorKind::kUsage, "--size", [&] { check_options(o, data); });
    o.net = Net::kMlp;
    EXPECT_NO_THROW(check_options(o, data)) << side;
  }
}

}  // namespace
}  // namespace wgan
