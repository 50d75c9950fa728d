// What a generator is told of a sample is what it makes: numbers beside the data.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstring>
#include <vector>

#include "wgan/nn/test_support.h"
#include "wgan/train/gaussians_test_support.h"
#include "wgan/train/latent.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

// A calorimeter in one number: particles of energy c give 2 c, give or take 1. Both standardised;
// energies are N(0, 1) in units of 10 about 50.
Dataset showers() {
  const float deviation = std::sqrt(5.F);
  Dataset data;
  data.name = "showers";
  data.type = RowType::kFloat32;
  data.shape = {1};
  data.size = 4096;
  data.identity = "showers";
  data.scale = {{0}, {deviation}};
  data.condition_scale = {{50}, {10}};
  const auto drawn = [](int64_t row) {
    std::vector<float> numbers(2);
    fill_normal({9, Stream::kTest, 2, static_cast<uint64_t>(row)}, numbers);
    return numbers;
  };
  data.condition = [=](int64_t row, std::span<float> out) { out[0] = drawn(row)[0]; };
  data.read_row = [=](int64_t row, std::span<std::byte> out) {
    const std::vector<float> numbers = drawn(row);
    const float value = (2 * numbers[0] + numbers[1]) / deviation;
    std::memcpy(out.data(), &value, sizeof value);
  };
  return data;
}

TEST(Conditions, DecideWhatTheGeneratorMakesOverFiveSeeds) {
  const Dataset data = showers();
  for (int64_t seed = 0; seed < 5; ++seed) {
    TrainOptions options = recipe_options(Recipe::kFast, Objective::kWganGp, data);
    options.players.width = 32;
    options.players.depth = 2;
    options.batches.size = 128;
    options.length.steps = 500;
    options.seed = seed;
    ASSERT_TRUE(options.players.conditional);
    const Generator generator = trained_generator(data, options);
    std::vector<uint64_t> seeds(500);
    std::iota(seeds.begin(), seeds.end(), uint64_t{0});
    for (const float energy : {40.F, 50.F, 60.F}) {
      const at::Tensor made =
          sample(generator, seeds, {.conditions = torch::tensor({{energy}})}).view({-1});
      EXPECT_NEAR(made.mean().item<double>(), 2 * (energy - 50) / 10, 0.3) << seed;
      EXPECT_GT(made.std().item<double>(), 0.6) << seed;
      EXPECT_LT(made.std().item<double>(), 1.4) << seed;
    }
  }
}

TEST(Conditions, StandBehindImagesAsConstantChannels) {
  const at::Tensor images = random_batch({3, 4, 5}, 2, 1);
  const at::Tensor conditions = torch::tensor({{1.F, 2.F}, {3.F, 4.F}});
  const at::Tensor seen = with_conditions(images, conditions);
  ASSERT_EQ(seen.sizes(), (std::vector<int64_t>{2, 5, 4, 5}));
  EXPECT_TRUE(bits_equal(seen.narrow(1, 0, 3).contiguous(), images));
  EXPECT_TRUE((seen[1][3] == 3).all().item<bool>());
  EXPECT_TRUE((seen[0][4] == 2).all().item<bool>());
  EXPECT_TRUE(bits_equal(with_conditions(images, {}), images));
}

TEST(Conditions, GoWithImagesAndWithClasses) {
  Dataset data = bars_dataset(16, 1);
  data.class_names = {"a", "b"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row % 2); };
  data.condition_scale = {{0}, {1}};
  data.condition = [](int64_t row, std::span<float> out) { out[0] = static_cast<float>(row % 3); };
  for (const Objective objective :
       {Objective::kWganGp, Objective::kWgan, Objective::kNonSaturating}) {
    TrainOptions options = tiny_options(Recipe::kFast, objective, data);
    ASSERT_TRUE(options.players.conditional);
    options.stabilisers.instance_noise = 0.1;
    const Generator generator = trained_generator(data, options);
    EXPECT_EQ(class_count(generator), 2);
    EXPECT_EQ(condition_count(generator), 1);
    EXPECT_TRUE(generator.model.parameters.isfinite().all().item<bool>());
  }
}

}  // namespace
}  // namespace wgan
