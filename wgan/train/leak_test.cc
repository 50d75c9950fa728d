// What the critic sees changed does not show in the samples.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <cstring>
#include <span>
#include <string>

#include "wgan/data/loader.h"
#include "wgan/nn/forward.h"
#include "wgan/train/augmentation.h"
#include "wgan/train/latent.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kSide = 8, kPlainSquares = 512;
constexpr const char* kStrong = "translation,cutout";

Dataset of_rows(const char* name, const at::Tensor& rows) {  // uint8 [N, kSide, kSide]
  Dataset data;
  data.name = data.identity = name;
  data.shape = {kSide, kSide, 1};
  data.size = rows.size(0);
  data.read_row = [rows](int64_t row, std::span<std::byte> out) {
    std::memcpy(out.data(), static_cast<const std::byte*>(rows.data_ptr()) + row * kSide * kSide,
                out.size());
  };
  return data;
}

// Squares of one brightness each, from 200 to 255 of 255: far from the 0 of [-1, 1], 127.5, which
// translation and cutout bring in.
at::Tensor plain_squares() {
  const at::Tensor levels = torch::arange(kPlainSquares).remainder(56).add(200);
  return levels.view({-1, 1, 1}).expand({-1, kSide, kSide}).to(torch::kUInt8).contiguous();
}

// The same with borders and holes in them.
at::Tensor spoiled_squares() {
  const Augment augment = parse_augment(kStrong);
  const at::Tensor signed_rows = plain_squares().to(torch::kFloat32).div(127.5).sub(1);
  const at::Tensor draws = augment_draws(augment, 1, {1, kSide, kSide}, PixelRange::kSigned,
                                         {5, Stream::kAugment, 0, 0}, kPlainSquares);
  const at::Tensor spoiled = augmented(augment, signed_rows.unsqueeze(1), draws).squeeze(1);
  return spoiled.add(1).mul(127.5).round().to(torch::kUInt8).contiguous();
}

// The share of the samples with a pixel below the darkest of the data by half of its distance to
// the colour of borders and holes: by half, since samples are never exact.
double spoiled_share(const Dataset& data, const std::string& augment) {
  TrainOptions o = recipe_options(Recipe::kFast, Objective::kRelativistic, data);
  o.players.net = Net::kMlp;
  o.players.width = 32;
  o.players.depth = 2;
  o.players.latent = 4;
  o.batches.size = 32;
  o.optimizer.critic_lr = o.optimizer.generator_lr = 2e-3;
  o.optimizer.average = 0.99;
  o.augment.kinds = augment;
  o.length.steps = 1500;
  o.cadence.checkpoint_every.seconds = 0;
  o.compute.loader_threads = 0;
  Players players = tiny_players(data, o);
  train(players, data, o, {});
  const torch::NoGradGuard no_grad;
  constexpr int64_t kSamples = 500;
  const at::Tensor z =
      latents(1, Stream::kTest, 0, kSamples, o.players.latent, o.players.latent_dist);
  const at::Tensor samples = forward(players.average, z, {}).view({kSamples, -1});
  const double darkest = 200 / 127.5 - 1;
  return samples.amin(1).lt(darkest / 2).to(torch::kFloat64).mean().item<double>();
}

TEST(Leak, StrongAugmentationLeavesNoBordersAndNoHolesInSamples) {
  const Dataset plain = of_rows("plain", plain_squares());
  EXPECT_LE(spoiled_share(plain, kStrong), 0.01);
  EXPECT_LE(spoiled_share(plain, "none"), 0.01);
  // Data that has them teaches the generator to make them.
  EXPECT_GE(spoiled_share(of_rows("spoiled", spoiled_squares()), "none"), 0.9);
}

}  // namespace
}  // namespace wgan
