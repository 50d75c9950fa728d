// Penalties equal their formulas.
#include "wgan/train/slope_penalty.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace wgan {
namespace {

TEST(SlopePenalty, IsTwoSidedOneSidedOrZeroCentred) {
  const at::Tensor norms = torch::tensor({0.0, 1.0, 3.0, 0.5}, torch::kFloat64);
  const auto value = [&](const SlopePenalty& penalty) {
    return penalty_of_norms(penalty, norms, 4).item<double>();
  };
  EXPECT_NEAR(value({.kind = Penalty::kTwoSided}), 10 * (1 + 0 + 4 + 0.25) / 4, 1e-14);
  EXPECT_NEAR(value({.kind = Penalty::kOneSided}), 10 * 4.0 / 4, 1e-14);
  EXPECT_NEAR(value({.kind = Penalty::kZeroCentred, .gamma = 3, .scale = 2}),
              2 * 1.5 * (1 + 9 + 0.25) / 4, 1e-14);
}

TEST(SlopePenalty, BelongsToObjectivesThatHaveIt) {
  for (const auto& [objective, name] : EnumNames<Objective>::kNames) {
    SCOPED_TRACE(name);
    EXPECT_EQ(has_penalty(objective, {}), objective == Objective::kWganGp);
    EXPECT_EQ(has_penalty(objective, {.kind = Penalty::kZeroCentred}),
              objective != Objective::kCTransform);
    EXPECT_FALSE(has_penalty(objective, {.kind = Penalty::kZeroCentred, .gamma = 0}));
    EXPECT_FALSE(has_penalty(objective, {.scale = 0}));
  }
}

}  // namespace
}  // namespace wgan
