// Samples belong to their seeds alone and come in the units of the data.
#include "wgan/train/sampler.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/latent.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

Generator generator_for(const Dataset& data, Recipe recipe, Objective objective) {
  const TrainOptions options = tiny_options(recipe, objective, data);
  return averaged_generator(tiny_players(data, options), data, options);
}

TEST(Sampler, ASeedsSampleDoesNotDependOnItsNeighbours) {
  for (const Dataset& data :
       {bars_dataset(28, 1), bars_dataset(16, 3), vectors_dataset({1, 2}, {3, 4})}) {
    for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
      const Generator generator = generator_for(data, recipe, Objective::kWganGp);
      std::vector<uint64_t> many(150);
      std::iota(many.begin(), many.end(), uint64_t{0});
      const at::Tensor all = sample(generator, many);
      ASSERT_EQ(all.size(0), 150);
      for (const std::vector<uint64_t>& few :
           {std::vector<uint64_t>{0}, {149, 3}, {77, 77, 5}, {63, 64, 65, 1, 2}}) {
        const at::Tensor rows = sample(generator, few);
        for (size_t i = 0; i < few.size(); ++i) {
          EXPECT_TRUE(bits_equal(rows[static_cast<int64_t>(i)], all[static_cast<int64_t>(few[i])]))
              << data.name << " seed " << few[i];
        }
      }
      EXPECT_FALSE(bits_equal(all[0], all[1]));
    }
  }
}

TEST(Sampler, ImagesAreBytesInRowsOfPixels) {
  const Dataset data = bars_dataset(16, 3);
  const Generator generator = generator_for(data, Recipe::kFast, Objective::kWganGp);
  const uint64_t seeds[] = {1, 2};
  const at::Tensor rows = sample(generator, seeds);
  EXPECT_EQ(rows.scalar_type(), torch::kUInt8);
  EXPECT_EQ(rows.sizes(), (at::IntArrayRef{2, 16, 16, 3}));
}

// All weights zero: tanh gives 0, which is grey 127.5; a sigmoid gives 1/2, which is the same.
TEST(Sampler, ZeroOutputIsGrey) {
  for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
    Generator generator = generator_for(bars_dataset(28, 1), recipe, Objective::kWganGp);
    generator.model.parameters.zero_();
    const uint64_t seeds[] = {1};
    EXPECT_TRUE((sample(generator, seeds) == 128).all().item<bool>());
  }
}

TEST(Sampler, VectorsComeBackInOriginalUnits) {
  Generator generator =
      generator_for(vectors_dataset({10, -5}, {2, 100}), Recipe::kFast, Objective::kWganGp);
  generator.model.parameters.zero_();
  generator.model.frozen.back().copy_(torch::tensor({1.5f, -2.0f}));
  const uint64_t seeds[] = {1, 2, 3};
  const at::Tensor rows = sample(generator, seeds);
  EXPECT_TRUE(bits_equal(rows, torch::tensor({13.0f, -205.0f}).expand({3, 2})));
}

TEST(Sampler, LargeOffsetsComeBackInFloat64) {
  Generator generator = generator_for(vectors_dataset({1.7e9 + .125, -5}, {1. / 1024, 100}),
                                      Recipe::kFast, Objective::kWganGp);
  generator.model.parameters.zero_();
  generator.model.frozen.back().copy_(torch::tensor({1.5f, -2.0f}));
  const uint64_t seeds[] = {1};
  const at::Tensor rows = sample(generator, seeds);
  const at::Tensor wanted =
      torch::tensor({1.7e9 + .125 + 1.5 / 1024, -205.0}, torch::kFloat64).view({1, 2});
  EXPECT_TRUE(bits_equal(rows, wanted));
  EXPECT_TRUE(
      bits_equal(to_standard_units(rows, generator.data.scale), torch::tensor({{1.5f, -2.0f}})));
}

TEST(Sampler, InterpolationPassesThroughTheSeeds) {
  for (const Objective objective : {Objective::kWganGp, Objective::kMinimax}) {
    const Generator generator = generator_for(vectors_dataset({0}, {1}), Recipe::kPaper, objective);
    const std::vector<uint64_t> seeds{4, 9, 2};
    const at::Tensor z = latents_of_seeds(seeds, generator.latent, generator.latent_dist);
    const at::Tensor path = interpolate_latents(generator, seeds, 12);
    ASSERT_EQ(path.sizes(), (at::IntArrayRef{12, generator.latent}));
    for (int64_t i = 0; i < 3; ++i) {
      EXPECT_LT(relative_error(path[4 * i], z[i]), 1e-6) << i;
      EXPECT_GT(relative_error(path[4 * i + 1], z[i]), 1e-2) << i;
    }
    if (generator.latent_dist == LatentDist::kUniform) {
      EXPECT_LT(relative_error(path[2], (z[0] + z[1]) / 2), 1e-6);
      EXPECT_LE(path.abs().max().item<float>(), 1);
    } else {  // half way, the angles to both ends are equal and the length is not lost
      const auto cosine = [](const at::Tensor& a, const at::Tensor& b) {
        return (a.dot(b) / a.norm() / b.norm()).item<double>();
      };
      const at::Tensor sum = z[0] + z[1];
      EXPECT_NEAR(cosine(path[2], sum), 1, 1e-6);
      EXPECT_GT(path[2].norm().item<double>(), (sum / 2).norm().item<double>());
    }
  }
}

TEST(Sampler, LeavesOutClassesWithoutRows) {
  Dataset data = bars_dataset(16, 1);
  data.class_names = {"none", "low", "high"};
  data.label = [](int64_t row) { return static_cast<int32_t>(1 + row % 2); };
  EXPECT_EQ(data.class_sizes(), (std::vector<int64_t>{0, 32, 32}));
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.players.conditional = true;
  const Players players = make_players(
      build_networks(options, sample_shape(data.shape), {.classes = 3}), options, "cpu");
  const Generator generator{.model = players.average,
                            .latent = options.players.latent,
                            .latent_dist = options.players.latent_dist,
                            .data = describe_data(data),
                            .step = 0,
                            .checkpoint = {}};
  EXPECT_EQ(class_of_seed(generator, 4), 1);
  EXPECT_EQ(class_of_seed(generator, 5), 2);
  const std::vector<uint64_t> seeds{4, 5};
  EXPECT_TRUE(
      bits_equal(sample(generator, seeds)[1], sample(generator, seeds, {.class_number = 2})[1]));
  EXPECT_EQ(class_number(generator, "1"), 1);
  for (const char* name : {"none", "0"}) {
    expect_error(ErrorKind::kUsage, "those with rows are low, high",
                 [&] { class_number(generator, name); });
  }
}

TEST(Sampler, DrawsTheClassThatIsAskedFor) {
  Dataset data = bars_dataset(16, 1);
  data.class_names = {"low", "high", "7"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row % 3); };
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.players.conditional = true;
  const Players players = make_players(
      build_networks(options, sample_shape(data.shape), {.classes = 3}), options, "cpu");
  const Generator generator = averaged_generator(players, data, options);
  EXPECT_EQ(class_number(generator, "high"), 1);
  EXPECT_EQ(class_number(generator, "0"), 0);
  EXPECT_EQ(class_number(generator, "7"), 2) << "names come first";
  const std::vector<uint64_t> seeds{3, 4, 5};
  const at::Tensor turns = sample(generator, seeds),
                   second = sample(generator, seeds, {.class_number = 1});
  EXPECT_FALSE(bits_equal(turns[0], second[0]));  // seed 3 is class 0 by turn
  EXPECT_TRUE(bits_equal(turns[1], second[1]));
  const at::Tensor each =
      sample(generator, seeds, {.classes = torch::tensor({0, 1, 1}, torch::kInt64)});
  EXPECT_TRUE(bits_equal(each[0], turns[0]));
  EXPECT_TRUE(bits_equal(each[2], second[2]));
  EXPECT_EQ(shown_classes(generator), (std::vector<int64_t>{0, 1, 2}));
  const at::Tensor path = interpolate_latents(generator, seeds, 6, {.class_number = 1});
  EXPECT_TRUE((path.select(1, options.players.latent + 1) == 1).all().item<bool>());
  for (const char* name : {"3", "-1", "", "1x", "Low"}) {
    expect_error(ErrorKind::kUsage, "low, high, 7", [&] { class_number(generator, name); });
  }
  const Generator plain = generator_for(bars_dataset(16, 1), Recipe::kFast, Objective::kWganGp);
  expect_error(ErrorKind::kUsage, "is not conditioned on classes",
               [&] { class_number(plain, "0"); });
}

TEST(Sampler, TruncationShrinksLatentsAndLeavesClassesAlone) {
  for (const Objective objective : {Objective::kWganGp, Objective::kMinimax}) {  // normal, uniform
    Dataset data = vectors_dataset({0, 0}, {1, 1});
    data.class_names = {"a", "b"};
    data.label = [](int64_t row) { return static_cast<int32_t>(row % 2); };
    TrainOptions options = tiny_options(Recipe::kPaper, objective, data);
    options.players.conditional = true;
    const Generator generator{
        .model = make_players(build_networks(options, data), options, "cpu").average,
        .latent = options.players.latent,
        .latent_dist = options.players.latent_dist,
        .data = describe_data(data),
        .step = 0,
        .checkpoint = {}};
    const std::vector<uint64_t> seeds{3, 4};
    const at::Tensor z = latents_of_seeds(seeds, generator.latent, generator.latent_dist);
    const at::Tensor classes = torch::tensor({{0.F, 1.F}, {1.F, 0.F}});
    EXPECT_TRUE(bits_equal(sample(generator, seeds, {.truncation = 0.5}),
                           sample_latents(generator, torch::cat({z * 0.5, classes}, 1))));
    EXPECT_TRUE(bits_equal(sample(generator, seeds, {.truncation = 1}), sample(generator, seeds)));
    const at::Tensor path = interpolate_latents(generator, seeds, 2, {.truncation = 0.25});
    EXPECT_LT(relative_error(path.narrow(1, 0, generator.latent), z * 0.25), 1e-6);
    EXPECT_TRUE(bits_equal(path.narrow(1, generator.latent, 2).contiguous(), classes));
    for (const double psi : {0.0, -1.0, 1.01, std::nan("")}) {
      expect_error(ErrorKind::kUsage, "--truncation",
                   [&] { sample(generator, seeds, {.truncation = psi}); });
    }
  }
}

TEST(Sampler, RefusesWhatItCannotDraw) {
  const Generator generator =
      generator_for(vectors_dataset({0}, {1}), Recipe::kFast, Objective::kWganGp);
  const uint64_t one[] = {1}, two[] = {1, 2};
  expect_error(ErrorKind::kUsage, "two seeds", [&] { interpolate_latents(generator, one, 5); });
  expect_error(ErrorKind::kUsage, "0 frames", [&] { interpolate_latents(generator, two, 0); });
  expect_error(ErrorKind::kUsage, "no samples", [&] { sample(generator, {}); });
  expect_error(ErrorKind::kUsage, "wanted [N, 6]", [&] {
    sample_latents(generator, torch::zeros({2, 5}));
  });
}

TEST(Sampler, GivesEachSampleTheConditionThatIsAskedFor) {
  Dataset data = vectors_dataset({1}, {1});
  data.condition_scale = {{10, -1}, {2, 0.5F}};
  data.condition = [](int64_t row, std::span<float> out) {
    std::ranges::fill(out, static_cast<float>(row));
  };
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  ASSERT_TRUE(options.players.conditional) << "where there are conditions, they are told";
  const Players players = make_players(build_networks(options, data), options, "cpu");
  Generator generator = averaged_generator(players, data, options);
  EXPECT_EQ(condition_count(generator), 2);
  EXPECT_EQ(class_count(generator), 0);
  const std::vector<uint64_t> seeds{3, 4, 5};
  const at::Tensor wanted = torch::tensor({{12.F, -1.F}});
  const at::Tensor all = sample(generator, seeds, {.conditions = wanted});
  const at::Tensor input =
      torch::cat({latents_of_seeds(seeds, options.players.latent, options.players.latent_dist),
                  torch::tensor({{1.F, 0.F}}).expand({3, 2})},
                 1);
  EXPECT_TRUE(bits_equal(all, sample_latents(generator, input)));
  const at::Tensor each = torch::tensor({{12.F, -1.F}, {8.F, 0.F}, {12.F, -1.F}});
  const at::Tensor mixed = sample(generator, seeds, {.conditions = each});
  EXPECT_TRUE(bits_equal(mixed[2], all[2]));
  EXPECT_FALSE(bits_equal(mixed[1], all[1]));
  const at::Tensor kept = conditions_of_data(generator);
  ASSERT_EQ(kept.sizes(), (std::vector<int64_t>{data.size, 2}));
  for (const uint64_t seed : {3, 64 + 3}) {
    const std::vector<uint64_t> one{seed};
    EXPECT_TRUE(bits_equal(sample(generator, one),
                           sample(generator, one, {.conditions = kept.narrow(0, 3, 1)})));
  }
  generator.data.conditions.clear();  // of an older checkpoint
  expect_error(ErrorKind::kUsage, "none given", [&] { sample(generator, seeds); });
  expect_error(ErrorKind::kUsage, "[1, 2] or [3, 2]", [&] {
    sample(generator, seeds, {.conditions = torch::zeros({2, 2})});
  });
  expect_error(ErrorKind::kUsage, "not finite", [&] {
    sample(generator, seeds, {.conditions = torch::tensor({{1.F, std::nanf("")}})});
  });
}

}  // namespace
}  // namespace wgan
