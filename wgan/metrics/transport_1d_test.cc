// Transport on the line: quantile functions integrated by another program, and piles by hand.
#include "wgan/metrics/transport_1d.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

TEST(Transport1d, MatchesIntegratedQuantilesAndScipy) {
  for (const auto& example : transport_fixture("lines")) {
    const at::Tensor x = tensor_of(example.at("x"));
    const at::Tensor y = tensor_of(example.at("y"));
    const at::Tensor a = tensor_of(example.at("a"));
    const at::Tensor b = tensor_of(example.at("b"));
    for (const auto& [order, distance] : example.at("distances").items()) {
      EXPECT_NEAR(wasserstein_1d(x, y, std::stod(order), a, b), distance.get<double>(), 1e-12);
    }
  }
}

TEST(Transport1d, MovesAShiftedSampleByTheShift) {
  const at::Tensor x = normal_points(100, 1, 0).squeeze(1);
  for (const double order : {1.0, 1.5, 2.0, 7.0}) {
    EXPECT_NEAR(wasserstein_1d(x, x + 1, order), 1, 1e-14);
    EXPECT_EQ(wasserstein_1d(x, x.flip({0}), order), 0);
  }
}

TEST(Transport1d, HasTheMarginalsInItsPlan) {
  const at::Tensor x = normal_points(70, 1, 0).squeeze(1);
  const at::Tensor y = normal_points(90, 1, 1).squeeze(1);
  at::Tensor a = uniform_weights(70, 0);
  at::Tensor b = uniform_weights(90, 1);
  a.narrow(0, 10, 5) = 0;
  b.narrow(0, 80, 10) = 0;
  at::Tensor left_a = a / a.sum();
  at::Tensor left_b = b / b.sum();
  for (const Flow& flow : transport_1d(x, y, 2, a, b).plan) {
    EXPECT_GT(flow.mass, 0);
    left_a[flow.from] -= flow.mass;
    left_b[flow.to] -= flow.mass;
  }
  EXPECT_LE(left_a.abs().max().item<double>(), 1e-15);
  EXPECT_LE(left_b.abs().max().item<double>(), 1e-15);
}

TEST(Transport1d, PairsEqualNumbersOnce) {
  const at::Tensor x = normal_points(333, 1, 0).squeeze(1);
  EXPECT_EQ(transport_1d(x, normal_points(333, 1, 1).squeeze(1), 1).plan.size(), 333U);
  EXPECT_EQ(transport_1d(x, normal_points(111, 1, 1).squeeze(1), 1).plan.size(), 333U);
}

TEST(Transport1d, AgreesWithTheSolverForAnyCosts) {
  const at::Tensor x = normal_points(40, 1, 0).squeeze(1);
  const at::Tensor y = normal_points(30, 1, 1).squeeze(1).round();
  const at::Tensor a = uniform_weights(40, 0);
  const at::Tensor b = uniform_weights(30, 1);
  for (const double order : {1.0, 1.5, 3.0}) {
    const at::Tensor costs = (x.unsqueeze(1) - y).abs().pow(order);
    EXPECT_NEAR(transport_1d(x, y, order, a, b).cost,
                exact_transport_of_costs(costs, a / a.sum(), b / b.sum()).cost, 1e-11);
  }
}

TEST(Transport1d, RefusesWhatDoesNotFit) {
  const at::Tensor x = torch::ones(3);
  expect_error(ErrorKind::kUsage, [&] { transport_1d(x, x, 0.5); });
  expect_error(ErrorKind::kUsage,
               [&] { transport_1d(x, x, std::numeric_limits<double>::infinity()); });
  expect_error(ErrorKind::kUsage, [&] { transport_1d(x, torch::ones({3, 1}), 1); });
  expect_error(ErrorKind::kUsage, [&] { transport_1d(x, torch::empty(0), 1); });
  expect_error(ErrorKind::kUsage, [&] { transport_1d(x, x, 1, torch::ones(2)); });
  expect_error(ErrorKind::kData, [&] { transport_1d(x, x / 0, 1); });
}

// Does the moves one after the other, and expects that none takes what is not there.
void expect_moved(std::vector<double> piles, const std::vector<double>& to,
                  const EarthMoves& earth) {
  double work = 0;
  for (const Flow& move : earth.moves) {
    EXPECT_EQ(std::abs(move.from - move.to), 1);
    piles[static_cast<size_t>(move.from)] -= move.mass;
    piles[static_cast<size_t>(move.to)] += move.mass;
    EXPECT_GE(piles[static_cast<size_t>(move.from)], -1e-13);
    work += move.mass;
  }
  for (size_t i = 0; i < piles.size(); ++i) EXPECT_NEAR(piles[i], to[i], 1e-12);
  EXPECT_NEAR(work, earth.work, 1e-12);
}

TEST(EarthMover, SolvesTheExampleOfFourPiles) {
  const std::vector<double> from{3, 2, 1, 4};
  const std::vector<double> to{1, 2, 4, 3};
  const EarthMoves earth = earth_mover(from, to);
  EXPECT_EQ(earth.deltas, (std::vector<double>{0, 2, 2, -1, 0}));
  EXPECT_EQ(earth.work, 5);
  EXPECT_EQ(earth.moves.size(), 3U);
  expect_moved(from, to, earth);
}

TEST(EarthMover, NeverTakesWhatIsNotThere) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Draws draws({.seed = seed});
    std::vector<double> from(1 + draws.below(12));
    std::vector<double> to(from.size());
    double balance = 0;
    for (size_t i = 0; i < from.size(); ++i) {
      from[i] = draws.below(4);
      to[i] = draws.below(4);
      balance += from[i] - to[i];
    }
    (balance > 0 ? to : from)[draws.below(static_cast<uint32_t>(to.size()))] += std::abs(balance);
    const EarthMoves earth = earth_mover(from, to);
    expect_moved(from, to, earth);
    const at::Tensor bins = torch::arange(static_cast<int64_t>(from.size()), torch::kFloat64);
    const double total = std::accumulate(from.begin(), from.end(), 0.0);
    if (total > 0) {
      const double w1 = wasserstein_1d(bins, bins, 1, torch::tensor(from), torch::tensor(to));
      EXPECT_NEAR(earth.work, total * w1, 1e-12 * total);
    }
  }
}

TEST(EarthMover, RefusesPilesThatDoNotFit) {
  const std::vector<double> piles{1, 2};
  expect_error(ErrorKind::kUsage, [&] { earth_mover(piles, std::vector<double>{1, 2, 3}); });
  expect_error(ErrorKind::kUsage, [&] { earth_mover(piles, std::vector<double>{1, 1}); });
  expect_error(ErrorKind::kUsage, [&] { earth_mover({}, {}); });
  expect_error(ErrorKind::kData, [&] { earth_mover(piles, std::vector<double>{4, -1}); });
}

}  // namespace
}  // namespace wgan
