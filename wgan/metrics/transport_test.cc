// Exact transport has the cost that other solvers find, and proves it.
#include "wgan/metrics/transport.h"

#include <cmath>
#include <limits>

#include "wgan/metrics/network_simplex.h"
#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

at::Tensor equal_weights(int64_t n) {
  return torch::full({n}, 1.0 / static_cast<double>(n), torch::kFloat64);
}

// Both costs between x and y; also with the weights, where there are any.
void expect_certified_between(const at::Tensor& x, const at::Tensor& y, const at::Tensor& a = {},
                              const at::Tensor& b = {}) {
  for (const GroundCost cost : {GroundCost::kEuclidean, GroundCost::kSquaredEuclidean}) {
    expect_certified(exact_transport(x, y, cost, a, b), ground_costs(x, y, cost),
                     a.defined() ? a / a.sum() : equal_weights(x.size(0)),
                     b.defined() ? b / b.sum() : equal_weights(y.size(0)));
  }
}

TEST(Transport, MatchesLinearProgrammingAndPot) {
  for (const auto& example : transport_fixture("plans")) {
    SCOPED_TRACE(example.at("name"));
    const at::Tensor x = tensor_of(example.at("x"));
    const at::Tensor y = tensor_of(example.at("y"));
    const at::Tensor a = tensor_at(example, "a");
    const at::Tensor b = tensor_at(example, "b");
    const Transport w1 = exact_transport(x, y, GroundCost::kEuclidean, a, b);
    const Transport w2 = exact_transport(x, y, GroundCost::kSquaredEuclidean, a, b);
    EXPECT_NEAR(w1.cost, example.at("euclidean").get<double>(), 1e-12);
    EXPECT_NEAR(w2.cost, example.at("squared").get<double>(), 1e-11);
    expect_certified_between(x, y, a, b);
  }
}

// Between long rows far from the origin: products are taken, and must not be noticed.
TEST(GroundCosts, AreTheDistancesOfLongRowsToo) {
  const at::Tensor x = torch::randn({30, 200}, torch::kFloat64) + 100;
  const at::Tensor y = torch::cat(
      {torch::randn({20, 200}, torch::kFloat64) + 100, x.slice(0, 0, 5), x.slice(0, 5, 10) + 1e-9});
  const at::Tensor differences = (x.unsqueeze(1) - y.unsqueeze(0)).norm(2, {2});
  const at::Tensor found = ground_costs(x, y, GroundCost::kEuclidean);
  EXPECT_TRUE(torch::allclose(found, differences, 1e-9, 0));
  EXPECT_EQ(found[0][20].item<double>(), 0);
  EXPECT_TRUE(torch::allclose(ground_costs(x, y, GroundCost::kSquaredEuclidean),
                              differences.square(), 1e-9, 0));
}

TEST(Transport, SolvesTheTwoByTwoExample) {
  const at::Tensor half = torch::full({2}, 0.5, torch::kFloat64);
  const at::Tensor costs = torch::tensor({{0.0, 1.0}, {1.0, 0.0}}, torch::kFloat64);
  for (const auto solver : {TransportSolver::kNetworkSimplex, TransportSolver::kAssignment}) {
    const Transport transport = exact_transport_of_costs(costs, half, half, solver);
    ASSERT_EQ(transport.plan.size(), 2U);
    for (int64_t i = 0; i < 2; ++i) {
      const Flow& flow = transport.plan[static_cast<size_t>(i)];
      EXPECT_EQ(flow.from, i);
      EXPECT_EQ(flow.to, i);
      EXPECT_EQ(flow.mass, 0.5);
    }
    EXPECT_EQ(transport.cost, 0);
    EXPECT_EQ(transport.gap, 0);
  }
}

TEST(Transport, KeepsMassesThatAreNoProbabilities) {
  const at::Tensor bins = torch::arange(4, torch::kFloat64);
  const at::Tensor costs = (bins.unsqueeze(1) - bins).abs();
  const at::Tensor from = torch::tensor({3.0, 2.0, 1.0, 4.0}, torch::kFloat64);
  const at::Tensor to = torch::tensor({1.0, 2.0, 4.0, 3.0}, torch::kFloat64);
  const Transport transport = exact_transport_of_costs(costs, from, to);
  EXPECT_NEAR(transport.cost, 5, 1e-14);
  expect_certified(transport, costs, from, to);
}

// The dual variables of the transport between N(300, 5^2) and N(400, 10^2) on two rows of bins.
TEST(Transport, SolvesDiscretisedGaussians) {
  const auto density = [](int64_t bins, double mean, double deviation) {
    const at::Tensor z = (torch::arange(bins, torch::kFloat64) - mean) / deviation;
    const at::Tensor unnormalised = (-z.square() / 2).exp();
    return unnormalised / unnormalised.sum();
  };
  const at::Tensor a = density(500, 300, 5);
  const at::Tensor b = density(600, 400, 10);
  const at::Tensor costs =
      (torch::arange(500, torch::kFloat64).unsqueeze(1) - torch::arange(600, torch::kFloat64))
          .abs();
  const Transport transport = exact_transport_of_costs(costs, a, b);
  EXPECT_NEAR(transport.cost, 100, 5e-8);
  const double dual = (transport.potential_from * a).sum().item<double>() +
                      (transport.potential_to * b).sum().item<double>();
  EXPECT_NEAR(dual, 100, 5e-8);
  const at::Tensor sums = transport.potential_from.unsqueeze(1) + transport.potential_to;
  EXPECT_LT((sums - costs).max().item<double>(), 1e-8);
  expect_certified(transport, costs, a, b);
}

TEST(Transport, IsCertifiedOnCloudsLargeEnoughForCandidates) {
  const at::Tensor large = normal_points(530, 2, 7);
  expect_certified_between(large, normal_points(530, 2, 8));
  expect_certified_between(large, normal_points(530, 2, 8) + 3);
  const at::Tensor x = normal_points(350, 2, 0);
  expect_certified_between(x, normal_points(271, 2, 2) * 0.1);
  expect_certified_between(x, normal_points(271, 2, 2), uniform_weights(350, 0),
                           uniform_weights(271, 1));
  expect_certified_between(normal_points(530, 64, 3), normal_points(530, 64, 4));
  expect_certified_between(normal_points(300, 64, 3), normal_points(200, 64, 4));
  expect_certified_between(normal_points(40000, 1, 5).narrow(0, 0, 2000), normal_points(20, 1, 6));
}

TEST(Transport, IsCertifiedOnCollapsedAndTiedPoints) {
  const at::Tensor x = normal_points(530, 2, 0);
  const at::Tensor grid = (2 * x).round();
  const at::Tensor some = x.clone();
  some.narrow(0, 100, 200) = 0;
  at::Tensor weights = uniform_weights(530, 2);
  weights.narrow(0, 50, 100) = 0;
  for (const at::Tensor& y : {torch::zeros_like(x), grid, some, x}) {
    expect_certified_between(x, y);
    expect_certified_between(grid, y);
    expect_certified_between(y, y);
    expect_certified_between(y, grid, weights, {});
    expect_certified_between(x, y.narrow(0, 3, 490), {}, weights.narrow(0, 3, 490));
  }
  EXPECT_EQ(wasserstein(x, x, 1), 0);
  EXPECT_EQ(wasserstein(x, x, 2), 0);
}

TEST(Transport, MovesAShiftedSampleByTheShift) {
  const at::Tensor x = normal_points(60, 20, 0);
  const at::Tensor shift = normal_points(1, 20, 1);
  EXPECT_NEAR(wasserstein(x, x + shift, 2), shift.norm().item<double>(), 1e-12);
  const at::Tensor line = normal_points(50, 1, 2);
  EXPECT_NEAR(wasserstein(line, line + 1, 1), 1, 1e-14);
}

TEST(Transport, TakesTheSolverThatFits) {
  const auto solver = [](const at::Tensor& x, const at::Tensor& y) {
    return exact_transport(x, y, GroundCost::kEuclidean).solver;
  };
  EXPECT_EQ(solver(normal_points(5, 2, 0), normal_points(5, 2, 1)), "assignment");
  EXPECT_EQ(solver(normal_points(5, 2, 0), normal_points(6, 2, 1)), "network simplex");
  EXPECT_EQ(solver(normal_points(600, 2, 0), normal_points(600, 2, 1)), "network simplex");
  EXPECT_EQ(solver(normal_points(5, 1, 0), normal_points(6, 1, 1)), "line");
}

TEST(Transport, TakesWholeNumbersAndOtherTypes) {
  const at::Tensor x = torch::tensor({{0, 0}, {3, 4}}, torch::kInt64);
  EXPECT_NEAR(wasserstein(x, torch::zeros({1, 2}, torch::kFloat32), 1), 2.5, 1e-15);
  EXPECT_NEAR(wasserstein(x.to(torch::kFloat16), x.flip({0}).to(torch::kUInt8), 1), 0, 1e-15);
}

TEST(Transport, CostsMayBeNegativeOrHuge) {
  const at::Tensor costs = normal_points(30, 30, 0);
  const at::Tensor equal = equal_weights(30);
  const double cost = exact_transport_of_costs(costs, equal, equal).cost;
  for (const double scale : {1e-200, 1e200}) {
    const Transport scaled = exact_transport_of_costs(costs * scale, equal, equal);
    EXPECT_NEAR(scaled.cost / scale, cost, 1e-12);
    expect_certified(scaled, costs * scale, equal, equal);
  }
}

TEST(Transport, RefusesWhatDoesNotFit) {
  const at::Tensor x = normal_points(4, 2, 0);
  const auto transport = [](const at::Tensor& from, const at::Tensor& to, const at::Tensor& a = {},
                            const at::Tensor& b = {}) {
    return [=] { exact_transport(from, to, GroundCost::kEuclidean, a, b); };
  };
  expect_error(ErrorKind::kUsage, transport(x, normal_points(4, 3, 0)));
  expect_error(ErrorKind::kUsage, transport(x, at::Tensor()));
  expect_error(ErrorKind::kUsage, transport(x, x[0]));
  expect_error(ErrorKind::kUsage, transport(x, x.narrow(0, 0, 0)));
  expect_error(ErrorKind::kUsage, transport(x, torch::ones({4, 2}, torch::kBool)));
  expect_error(ErrorKind::kUsage, transport(x, x, equal_weights(3)));
  expect_error(ErrorKind::kData, transport(x, x / 0));
  expect_error(ErrorKind::kData,
               transport(x, torch::full({4, 2}, std::numeric_limits<double>::quiet_NaN())));
  expect_error(ErrorKind::kData, transport(x, x, -equal_weights(4)));
  expect_error(ErrorKind::kData, transport(x, x, torch::zeros(4)));
  expect_error(ErrorKind::kUsage, transport(torch::zeros({20000, 2}), torch::zeros({20000, 2})));
  expect_error(ErrorKind::kUsage, [&] { wasserstein(x, x, 3); });
}

TEST(Transport, RefusesMassesThatDoNotFit) {
  const at::Tensor costs = normal_points(3, 3, 0);
  const at::Tensor equal = equal_weights(3);
  expect_error(ErrorKind::kUsage, [&] { exact_transport_of_costs(costs, equal, 2 * equal); });
  expect_error(ErrorKind::kUsage, [&] { exact_transport_of_costs(costs, equal, {}); });
  expect_error(ErrorKind::kUsage, [&] {
    exact_transport_of_costs(costs, equal, torch::tensor({0.5, 0.25, 0.25}),
                             TransportSolver::kAssignment);
  });
}

}  // namespace
}  // namespace wgan
