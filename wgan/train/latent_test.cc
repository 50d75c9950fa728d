// Latent vectors are functions of their place and have the right distribution.
#include "wgan/train/latent.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

at::Tensor draw(uint64_t seed, Stream stream, uint64_t step, int64_t count) {
  return latents(seed, stream, step, count, 8, LatentDist::kNormal);
}

TEST(Latent, IsAFunctionOfItsPlace) {
  const at::Tensor z = draw(1, Stream::kCriticLatent, 2, 5);
  EXPECT_TRUE(bits_equal(z, draw(1, Stream::kCriticLatent, 2, 5)));
  EXPECT_FALSE(bits_equal(z, draw(2, Stream::kCriticLatent, 2, 5)));
  EXPECT_FALSE(bits_equal(z, draw(1, Stream::kGeneratorLatent, 2, 5)));
  EXPECT_FALSE(bits_equal(z, draw(1, Stream::kCriticLatent, 3, 5)));
}

TEST(Latent, RowsDoNotDependOnTheBatchSize) {
  EXPECT_TRUE(bits_equal(draw(1, Stream::kCriticLatent, 2, 5),
                         draw(1, Stream::kCriticLatent, 2, 9).narrow(0, 0, 5)));
}

TEST(Latent, RowsDiffer) {
  const at::Tensor z = draw(1, Stream::kCriticLatent, 2, 20);
  for (int64_t i = 0; i < 20; ++i) {
    for (int64_t j = 0; j < i; ++j) EXPECT_GT((z[i] - z[j]).norm().item<float>(), 0.1f);
  }
}

TEST(Latent, NormalHasTheMomentsOfANormal) {
  const at::Tensor z = latents(1, Stream::kCriticLatent, 0, 500, 200, LatentDist::kNormal);
  // 1e5 numbers: five standard errors.
  EXPECT_NEAR(z.mean().item<double>(), 0, 5 / 316.2);
  EXPECT_NEAR(z.square().mean().item<double>(), 1, 5 * std::sqrt(2.0) / 316.2);
  EXPECT_NEAR(z.pow(4).mean().item<double>(), 3, 5 * std::sqrt(96.0) / 316.2);
}

TEST(Latent, UniformLiesBetweenMinusOneAndOne) {
  const at::Tensor z = latents(1, Stream::kCriticLatent, 0, 500, 200, LatentDist::kUniform);
  EXPECT_GE(z.min().item<float>(), -1);
  EXPECT_LT(z.max().item<float>(), 1);
  EXPECT_LT(z.min().item<float>(), -0.999f);
  EXPECT_GT(z.max().item<float>(), 0.999f);
  EXPECT_NEAR(z.mean().item<double>(), 0, 5 * std::sqrt(1.0 / 3) / 316.2);
  EXPECT_NEAR(z.square().mean().item<double>(), 1.0 / 3, 5 * std::sqrt(4.0 / 45) / 316.2);
}

TEST(Latent, OfASeedDoesNotDependOnItsNeighbours) {
  for (const LatentDist dist : {LatentDist::kNormal, LatentDist::kUniform}) {
    const uint64_t many[] = {4, 0, UINT64_MAX, 17}, one[] = {17};
    const at::Tensor z = latents_of_seeds(many, 7, dist);
    EXPECT_TRUE(bits_equal(z.narrow(0, 3, 1), latents_of_seeds(one, 7, dist)));
    EXPECT_FALSE(bits_equal(z[0], z[1]));
  }
}

TEST(Latent, OfASeedBeginsAlikeInEveryDimension) {
  const uint64_t seeds[] = {5};
  EXPECT_TRUE(bits_equal(latents_of_seeds(seeds, 20, LatentDist::kNormal).narrow(1, 0, 7),
                         latents_of_seeds(seeds, 7, LatentDist::kNormal)));
}

}  // namespace
}  // namespace wgan
