// Losses equal their formulas, and do not overflow.
#include "wgan/train/objective.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/nn/test_support.h"

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
    EXPECT_NEAR(critic_loss(objective, {tensor_of(kReal), tensor_of(kFake)}).item<double>(),
                (-0.25 + 1 + 3) / 3 - (0.5 - 1.5 + 2) / 3, 1e-14);
    EXPECT_NEAR(generator_loss(objective, {.fake = tensor_of(kFake)}).item<double>(),
                -(-0.25 + 1 + 3) / 3, 1e-14);
  }
}

TEST(Objective, DiscriminatorsFollowGoodfellow) {
  const double critic = -mean(kReal, [](double f) { return std::log(d(f)); }) -
                        mean(kFake, [](double f) { return std::log(1 - d(f)); });
  for (const Objective objective : {Objective::kMinimax, Objective::kNonSaturating}) {
    EXPECT_NEAR(critic_loss(objective, {tensor_of(kReal), tensor_of(kFake)}).item<double>(), critic,
                1e-13);
  }
  EXPECT_NEAR(generator_loss(Objective::kMinimax, {.fake = tensor_of(kFake)}).item<double>(),
              mean(kFake, [](double f) { return std::log(1 - d(f)); }), 1e-13);
  EXPECT_NEAR(generator_loss(Objective::kNonSaturating, {.fake = tensor_of(kFake)}).item<double>(),
              -mean(kFake, [](double f) { return std::log(d(f)); }), 1e-13);
}

TEST(Objective, IsFiniteForConfidentDiscriminators) {
  const at::Tensor sure = torch::full({4}, 500.0), unsure = torch::full({4}, -500.0);
  for (const Objective objective : {Objective::kMinimax, Objective::kNonSaturating}) {
    EXPECT_EQ(critic_loss(objective, {sure, unsure}).item<float>(), 0);
    EXPECT_NEAR(critic_loss(objective, {unsure, sure}).item<float>(), 1000, 1e-3);
  }
  EXPECT_NEAR(generator_loss(Objective::kMinimax, {.fake = sure}).item<float>(), -500, 1e-3);
  EXPECT_NEAR(generator_loss(Objective::kNonSaturating, {.fake = unsure}).item<float>(), 500, 1e-3);
}

TEST(Objective, LabelSmoothingEqualsItsFormula) {
  const auto fixture = remedies_fixture("label_smoothing");
  const at::Tensor real = fixture_tensor(fixture.at("real")).requires_grad_(true);
  const at::Tensor fake = fixture_tensor(fixture.at("fake")).requires_grad_(true);
  for (const auto& expected : fixture.at("cases")) {
    const Targets targets{expected.at("real_target"), expected.at("fake_target")};
    const at::Tensor loss = critic_loss(Objective::kNonSaturating, {real, fake}, targets);
    EXPECT_NEAR(loss.item<double>(), expected.at("loss").get<double>(), 1e-13);
    const auto gradients = torch::autograd::grad({loss}, {real, fake});
    const auto told = [&](double count) {
      return critic_score_gradients(Objective::kNonSaturating, {real.detach(), fake.detach()},
                                    count, targets);
    };
    EXPECT_LT(relative_error(told(7).real, gradients[0]), 1e-12);
    EXPECT_LT(relative_error(told(5).fake, gradients[1]), 1e-12);
  }
}

TEST(Objective, ScoreGradientsAreThoseOfTheLosses) {
  const at::Tensor real = tensor_of(kReal).requires_grad_(true);
  const at::Tensor fake = tensor_of(kFake).requires_grad_(true);
  for (const auto& [objective, name] : EnumNames<Objective>::kNames) {
    if (objective == Objective::kCTransform) continue;  // no function of scores
    const auto critic = torch::autograd::grad({critic_loss(objective, {real, fake})}, {real, fake});
    const auto generator = torch::autograd::grad({generator_loss(objective, {real, fake})}, {fake});
    const CriticScores scores{real.detach(), fake.detach()};
    const CriticScores told = critic_score_gradients(objective, scores, 3, {});
    EXPECT_LT(relative_error(told.real, critic[0]), 1e-12) << name;
    EXPECT_LT(relative_error(told.fake, critic[1]), 1e-12) << name;
    EXPECT_LT(relative_error(generator_score_gradient(objective, scores, 3), generator[0]), 1e-12)
        << name;
  }
}

TEST(Objective, RelativisticLossesComparePairs) {
  const auto at = [](double value) { return torch::full({1}, value, torch::kFloat64); };
  const Objective o = Objective::kRelativistic;
  EXPECT_NEAR(critic_loss(o, {at(7), at(7)}).item<double>(), 0.693147, 1e-6);
  EXPECT_NEAR(critic_loss(o, {at(3), at(2)}).item<double>(), 0.313262, 1e-6);
  EXPECT_NEAR(generator_loss(o, {at(3), at(2)}).item<double>(), 1.313262, 1e-6);
  EXPECT_NEAR(critic_score_gradients(o, {at(3), at(2)}, 1, {}).real.item<double>(), -0.268941,
              1e-6);
  // Other pairs of the same scores are another loss.
  const at::Tensor real = tensor_of(kReal), fake = tensor_of(kFake);
  EXPECT_GT(
      std::abs(
          (critic_loss(o, {real, fake}) - critic_loss(o, {real, fake.flip(0)})).item<double>()),
      0.1);
}

// Real points 0 and 10 of scores 1 and 4, fakes 1, 7 and 20: min(1 - 1, 9 - 4) = 0,
// min(7 - 1, 3 - 4) = -1, min(20 - 1, 10 - 4) = 6.
TEST(Objective, CTransformIsTheLeastOverTheBatch) {
  const auto column = [](std::vector<double> values) {
    return torch::tensor(values, torch::kFloat64).view({-1, 1}).set_requires_grad(true);
  };
  const at::Tensor real = column({0, 10}), scores = column({1, 4}), fake = column({1, 7, 20});
  const at::Tensor transformed = c_transform(scores.view({-1}), real, fake);
  EXPECT_TRUE(torch::allclose(transformed, torch::tensor({0.0, -1.0, 6.0}, torch::kFloat64)));
  const auto gradients = torch::autograd::grad({transformed.sum()}, {scores, fake});
  EXPECT_TRUE(torch::allclose(gradients[0], torch::tensor({{-1.0}, {-2.0}}, torch::kFloat64)));
  EXPECT_TRUE(
      torch::allclose(gradients[1], torch::tensor({{1.0}, {-1.0}, {1.0}}, torch::kFloat64)));
}

TEST(Objective, FeatureDistanceEqualsItsFormula) {
  for (const auto& fixture : remedies_fixture("feature_matching")) {
    const at::Tensor real = fixture_tensor(fixture.at("real"));
    const at::Tensor fake = fixture_tensor(fixture.at("fake"));
    EXPECT_NEAR(feature_distance(FeatureMatching::kMean, real, fake).item<double>(),
                fixture.at("mean").get<double>(), 1e-13);
    EXPECT_NEAR(feature_distance(FeatureMatching::kMedian, real, fake).item<double>(),
                fixture.at("median").get<double>(), 1e-13);
  }
}

}  // namespace
}  // namespace wgan
