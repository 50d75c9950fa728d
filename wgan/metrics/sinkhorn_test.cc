// Sinkhorn's values beside closed forms, POT and plain iterations of another program.
#include "wgan/metrics/sinkhorn.h"

#include <cmath>
#include <numbers>

#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

const SinkhornOptions kExact{.marginal_error = 1e-13};

SinkhornOptions exact_with(double epsilon) {
  SinkhornOptions options = kExact;
  options.epsilon = epsilon;
  return options;
}

at::Tensor line(std::initializer_list<double> points) {
  return torch::tensor(std::vector<double>(points), torch::kFloat64).unsqueeze(1);
}

TEST(Sinkhorn, HasTheClosedFormOfTwoPoints) {
  const at::Tensor half = torch::full({2}, 0.5, torch::kFloat64);
  const at::Tensor costs = torch::tensor({{0.0, 1.0}, {1.0, 0.0}}, torch::kFloat64);
  const Sinkhorn solved = sinkhorn_of_costs(costs, half, half, exact_with(1));
  EXPECT_TRUE(solved.converged);
  EXPECT_NEAR(solved.sharp, 1 / (1 + std::numbers::e), 1e-15);
  EXPECT_NEAR(solved.sharp, 0.2689414213699951, 1e-15);
  // P_ii = 1/2 - s/2, P_ij = s/2: <P, C> + KL(P | 1/4).
  const double s = solved.sharp;
  EXPECT_NEAR(solved.dual, s + (1 - s) * std::log(2 * (1 - s)) + s * std::log(2 * s), 1e-15);
}

TEST(Sinkhorn, HasTheReferenceValueOfTwoPoints) {
  const Sinkhorn solved =
      sinkhorn(line({0, 1}), line({0, 1}), GroundCost::kEuclidean, exact_with(0.1));
  EXPECT_NEAR(solved.sharp, 4.5397868702e-05, 5e-16);
}

TEST(Sinkhorn, HasTheReferenceValuesOfTheDivergence) {
  const SinkhornDivergence divergence = sinkhorn_divergence(
      line({0, 1}), line({0, 1, 2, 3}), GroundCost::kSquaredEuclidean, exact_with(0.1));
  EXPECT_TRUE(divergence.converged);
  EXPECT_NEAR(divergence.sharp, 1.499965952629, 5e-13);
  EXPECT_NEAR(divergence.dual, 1.465346045838, 5e-13);
  EXPECT_LT(divergence.iterations, 20000);  // 2e5 without over-relaxation
}

TEST(Sinkhorn, MatchesPotAndPlainIterations) {
  for (const auto& example : transport_fixture("sinkhorn")) {
    const at::Tensor x = tensor_of(example.at("x"));
    const at::Tensor y = tensor_of(example.at("y"));
    const at::Tensor a = tensor_of(example.at("a"));
    const at::Tensor b = tensor_of(example.at("b"));
    const SinkhornOptions options = exact_with(example.at("epsilon"));
    for (const auto& [key, cost] : {std::pair{"euclidean", GroundCost::kEuclidean},
                                    {"squared", GroundCost::kSquaredEuclidean}}) {
      const auto& values = example.at(key);
      const Sinkhorn solved = sinkhorn(x, y, cost, options, a, b);
      EXPECT_NEAR(solved.sharp, values.at("sharp").get<double>(), 1e-10);
      EXPECT_NEAR(solved.dual, values.at("dual").get<double>(), 1e-11);
      const SinkhornDivergence divergence = sinkhorn_divergence(x, y, cost, options, a, b);
      EXPECT_NEAR(divergence.sharp, values.at("divergence_sharp").get<double>(), 1e-10);
      EXPECT_NEAR(divergence.dual, values.at("divergence_dual").get<double>(), 1e-11);
      EXPECT_GE(divergence.dual, 0);
    }
  }
}

// <P, C> and the row marginals of the plan that the potentials stand for.
TEST(Sinkhorn, SaysHowFarItsPlanIsFromTheMarginals) {
  const at::Tensor x = normal_points(40, 3, 0);
  const at::Tensor y = normal_points(30, 3, 1) + 1;
  const at::Tensor a = uniform_weights(40, 0);
  at::Tensor b = uniform_weights(30, 1);
  b.narrow(0, 5, 5) = 0;
  for (const int64_t iterations : {3, 20, 10000}) {
    SinkhornOptions options = exact_with(0.3);
    options.iterations = iterations;
    options.scaling = iterations == 20 ? 1 : 0.5;
    const Sinkhorn solved = sinkhorn(x, y, GroundCost::kEuclidean, options, a, b);
    EXPECT_EQ(solved.converged, iterations == 10000);
    EXPECT_EQ(solved.converged, solved.marginal_error <= 1e-13);
    EXPECT_TRUE(solved.converged || solved.iterations == iterations);
    const at::Tensor costs = ground_costs(x, y, GroundCost::kEuclidean);
    const at::Tensor exponents =
        (solved.potential_from.unsqueeze(1) + solved.potential_to - costs) / 0.3;
    const at::Tensor plan = (a / a.sum()).unsqueeze(1) * (b / b.sum()) * exponents.exp();
    const double error = (plan.sum(1) - a / a.sum()).abs().sum().item<double>();
    EXPECT_NEAR(error, solved.marginal_error, 1e-13);
    EXPECT_LE((plan.sum(0) - b / b.sum()).abs().sum().item<double>(), 1e-13);
    EXPECT_NEAR((plan * costs).sum().item<double>(), solved.sharp, 1e-12);
  }
}

TEST(Sinkhorn, NearsTheExactOptimumFromAboveAsEpsilonFalls) {
  const at::Tensor x = normal_points(30, 2, 0);
  const at::Tensor y = normal_points(30, 2, 1) + 1;
  const double exact = wasserstein(x, y, 1);
  double before = 1e9;
  for (const double epsilon : {1.0, 0.1, 0.01}) {
    const double sharp =
        sinkhorn(x, y, GroundCost::kEuclidean, {.epsilon = epsilon, .marginal_error = 1e-10}).sharp;
    EXPECT_LT(sharp, before);
    before = sharp;
    // The entropy of a plan between 30 points is at most log 30 more than that of its marginals.
    EXPECT_GE(sharp, exact - 1e-9);
    EXPECT_LE(sharp, exact + epsilon * std::log(30));
  }
}

TEST(Sinkhorn, GivesTheSameWithAndWithoutScaling) {
  const at::Tensor x = normal_points(25, 2, 0);
  const at::Tensor y = normal_points(35, 2, 1);
  SinkhornOptions options = exact_with(0.05);
  const Sinkhorn scaled = sinkhorn(x, y, GroundCost::kEuclidean, options);
  options.scaling = 1;
  const Sinkhorn plain = sinkhorn(x, y, GroundCost::kEuclidean, options);
  EXPECT_TRUE(scaled.converged && plain.converged);
  EXPECT_NEAR(scaled.sharp, plain.sharp, 1e-12);
  EXPECT_NEAR(scaled.dual, plain.dual, 1e-12);
}

TEST(Sinkhorn, DivergenceOfEqualSamplesIsZero) {
  const at::Tensor x = normal_points(40, 2, 0);
  for (const double epsilon : {0.1, 10.0}) {
    const SinkhornDivergence divergence =
        sinkhorn_divergence(x, x.flip({0}), GroundCost::kEuclidean, exact_with(epsilon));
    EXPECT_NEAR(divergence.sharp, 0, 1e-11);
    EXPECT_NEAR(divergence.dual, 0, 1e-11);
  }
}

TEST(Sinkhorn, CopesWithCollapsedPointsAndTinyEpsilons) {
  const at::Tensor x = normal_points(20, 2, 0);
  const at::Tensor y = torch::zeros({20, 2});
  const Sinkhorn solved = sinkhorn(x, y, GroundCost::kEuclidean, {.epsilon = 1e-6});
  EXPECT_TRUE(solved.converged);
  EXPECT_NEAR(solved.sharp, x.norm(2, {1}).mean().item<double>(), 1e-9);
}

TEST(Sinkhorn, RefusesWhatDoesNotFit) {
  const at::Tensor x = normal_points(4, 2, 0);
  const auto with = [&](const SinkhornOptions& options) {
    return [=] { sinkhorn(x, x, GroundCost::kEuclidean, options); };
  };
  expect_error(ErrorKind::kUsage, with({.epsilon = 0}));
  expect_error(ErrorKind::kUsage, with({.marginal_error = 0}));
  expect_error(ErrorKind::kUsage, with({.iterations = 0}));
  expect_error(ErrorKind::kUsage, with({.scaling = 0}));
  expect_error(ErrorKind::kUsage, with({.scaling = 1.5}));
  expect_error(ErrorKind::kUsage,
               [&] { sinkhorn(x, normal_points(4, 3, 0), GroundCost::kEuclidean, {}); });
  expect_error(ErrorKind::kUsage,
               [&] { sinkhorn_divergence(x, x, GroundCost::kEuclidean, {}, torch::ones(3)); });
  expect_error(ErrorKind::kData,
               [&] { sinkhorn_of_costs(x / 0, torch::ones(4), torch::ones(2), {}); });
  expect_error(ErrorKind::kData,
               [&] { sinkhorn_of_costs(x, -torch::ones(4), torch::ones(2), {}); });
}

}  // namespace
}  // namespace wgan
