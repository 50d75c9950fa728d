// Bounds from critics that are known: linear ones, whose slope is a closed form, and random ones.
#include "wgan/judge/critic_bound.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "wgan/io/test_support.h"
#include "wgan/net/presets.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

// f(x) = w.x + 1
Model linear_critic(const at::Tensor& w) {
  Model critic = make_model({.input = {w.size(0)}, .layers = {Linear{.in = w.size(0), .out = 1}}},
                            torch::kFloat32, Training::kNo);
  critic.frozen[0].copy_(w.unsqueeze(0));
  critic.frozen[1].fill_(1);
  return critic;
}

// Samples that are the data moved by s: W1 is |s|, and the linear critic along s attains it.
TEST(CriticBound, IsTightForALinearCriticAndAShift) {
  const at::Tensor shift = torch::tensor({-3.0F, 0.0F, 4.0F});
  const at::Tensor real = random_tensor({60, 3}, 1);
  const CriticBound b =
      bound_by_critic(linear_critic(-2 * shift), {real, {}}, {real + shift, {}}, 0);
  EXPECT_NEAR(b.estimate, 2 * 25, 1e-4);
  EXPECT_NEAR(b.largest_slope, 2 * 5, 1e-5);
  EXPECT_NEAR(b.slope_bound, 5, 1e-5);
  EXPECT_NEAR(b.pair_slope, 10, 1e-4);
  EXPECT_NEAR(b.pair_bound, 5, 1e-5);
  EXPECT_NEAR(b.exact_w1, 5, 1e-5);
}

TEST(CriticBound, NeverExceedsTheExactDistance) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const Shape points{4};
    Model critic = make_model(mlp_critic(points, {16, 2, 0.2}), torch::kFloat32, Training::kNo);
    critic.parameters.copy_(random_tensor(critic.parameters.sizes().vec(), 10 + seed));
    const CriticRows real{random_tensor({50, 4}, 30 + seed), {}};
    const CriticRows fake{random_tensor({40, 4}, 60 + seed) * 2 + 0.3, {}};
    const CriticBound b = bound_by_critic(critic, real, fake, seed);
    EXPECT_LE(b.pair_bound, b.exact_w1 * (1 + 1e-6)) << seed;
    EXPECT_LE(b.pair_slope, b.largest_slope * 1.5) << seed;  // slopes of chords and of tangents
    EXPECT_GT(b.exact_w1, 0);
  }
}

// Two classes a shift apart from one another: within each class the samples are exact.
TEST(CriticBound, ComparesConditionalCriticsClassByClass) {
  const int64_t n = 40;
  const at::Tensor labels = torch::arange(n) % 2;
  const at::Tensor real = random_tensor({n, 2}, 5) + 10 * labels.unsqueeze(1);
  Model critic = make_model({.input = {2}, .layers = {Linear{.in = 2, .out = 2}}}, torch::kFloat32,
                            Training::kNo);
  critic.frozen[0].copy_(torch::tensor({{1.0F, 0.0F}, {0.0F, 1.0F}}));
  // The same rows, the classes in another order.
  const at::Tensor order = torch::cat({torch::arange(0, n, 2), torch::arange(1, n, 2)});
  const CriticBound same = bound_by_critic(
      critic, {real, labels}, {real.index_select(0, order), labels.index_select(0, order)}, 0);
  EXPECT_NEAR(same.exact_w1, 0, 1e-9);
  EXPECT_NEAR(same.estimate, 0, 1e-6);
  const at::Tensor moved = real + torch::tensor({1.0F, 0.0F});
  const CriticBound apart = bound_by_critic(critic, {real, labels}, {moved, labels}, 0);
  EXPECT_NEAR(apart.exact_w1, 1, 1e-6);
  EXPECT_NEAR(apart.estimate, -0.5, 1e-5);  // class 0 falls by 1, class 1 does not see it
}

TEST(CriticBound, RefusesRowsThatDoNotFit) {
  const Model critic = linear_critic(torch::ones({3}));
  const at::Tensor good = random_tensor({5, 3}, 1), bad = random_tensor({5, 2}, 1);
  expect_error(ErrorKind::kUsage, "5x2", [&] {
    bound_by_critic(critic, {good, {}}, {bad, {}}, 0);
  });
  expect_error(ErrorKind::kUsage, "too few", [&] {
    bound_by_critic(critic, {good.slice(0, 0, 1), {}}, {good, {}}, 0);
  });
}

}  // namespace
}  // namespace wgan
