// Losses equal their formulas, and do not overflow.
#include "wgan/train/objective.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace wgan {
namespace {

const double kReal[] = {0.5, -1.5, 2};
const double kFake[] = {-0.25, 1, 3};

at::Tensor tensor_of(const double (&values)[3]) {
  return torch::tensor({values[0], values[1], values[2]}, torch::kFloat64);
}

double d(double score) { return 1 / (1 + std::exp(-score)); }  // D = sigmoid(f)

template <class Function>
double mean(const double (&scores)[3], Function function) {
  return (function(scores[0]) + function(scores[1]) + function(scores[2])) / 3;
}

TEST(Objective, WassersteinIsTheDifferenceOfMeans) {
  for (const Objective objective : {Objective::kWgan, Objective::kWganGp}) {
    EXPECT_NEAR(critic_loss(objective, tensor_of(kReal), tensor_of(kFake)).item<double>(),
                (-0.25 + 1 + 3) / 3 - (0.5 - 1.5 + 2) / 3, 1e-14);
    EXPECT_NEAR(generator_loss(objective, tensor_of(kFake)).item<double>(), -(-0.25 + 1 + 3) / 3,
                1e-14);
  }
}

TEST(Objective, DiscriminatorsFollowGoodfellow) {
  const double critic = -mean(kReal, [](double f) { return std::log(d(f)); }) -
                        mean(kFake, [](double f) { return std::log(1 - d(f)); });
  for (const Objective objective : {Objective::kMinimax, Objective::kNonSaturating}) {
    EXPECT_NEAR(critic_loss(objective, tensor_of(kReal), tensor_of(kFake)).item<double>(), critic,
                1e-13);
  }
  EXPECT_NEAR(generator_loss(Objective::kMinimax, tensor_of(kFake)).item<double>(),
              mean(kFake, [](double f) { return std::log(1 - d(f)); }), 1e-13);
  EXPECT_NEAR(generator_loss(Objective::kNonSaturating, tensor_of(kFake)).item<double>(),
              -mean(kFake, [](double f) { return std::log(d(f)); }), 1e-13);
}

TEST(Objective, IsFiniteForConfidentDiscriminators) {
  const at::Tensor sure = torch::full({4}, 500.0), unsure = torch::full({4}, -500.0);
  for (const Objective objective : {Objective::kMinimax, Objective::kNonSaturating}) {
    EXPECT_EQ(critic_loss(objective, sure, unsure).item<float>(), 0);
    EXPECT_NEAR(critic_loss(objective, unsure, sure).item<float>(), 1000, 1e-3);
  }
  EXPECT_NEAR(generator_loss(Objective::kMinimax, sure).item<float>(), -500, 1e-3);
  EXPECT_NEAR(generator_loss(Objective::kNonSaturating, unsure).item<float>(), 500, 1e-3);
}

TEST(Objective, PenaltyIsOneOrTwoSided) {
  const at::Tensor norms = torch::tensor({0.0, 1.0, 3.0, 0.5}, torch::kFloat64);
  EXPECT_NEAR(gradient_penalty(Penalty::kTwoSided, 10, norms).item<double>(),
              10 * (1 + 0 + 4 + 0.25) / 4, 1e-14);
  EXPECT_NEAR(gradient_penalty(Penalty::kOneSided, 10, norms).item<double>(), 10 * 4.0 / 4, 1e-14);
}

}  // namespace
}  // namespace wgan
