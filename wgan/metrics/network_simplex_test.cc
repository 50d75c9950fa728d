// The network simplex and the assignment agree, and both with another assignment solver.
#include "wgan/metrics/network_simplex.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "wgan/metrics/assignment.h"
#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

double total_cost(const std::vector<double>& costs, const Assignment& assignment) {
  const size_t n = assignment.column_of.size();
  double total = 0;
  for (size_t i = 0; i < n; ++i) {
    total += costs[i * n + static_cast<size_t>(assignment.column_of[i])];
  }
  return total;
}

void expect_permutation(std::vector<int64_t> columns) {
  std::sort(columns.begin(), columns.end());
  for (size_t i = 0; i < columns.size(); ++i) EXPECT_EQ(columns[i], static_cast<int64_t>(i));
}

// Whatever another assignment would cost, it is no less than what these dual variables say.
void expect_optimal(const std::vector<double>& costs, const Assignment& assignment) {
  const size_t n = assignment.column_of.size();
  expect_permutation(assignment.column_of);
  double dual = 0;
  for (size_t i = 0; i < n; ++i) {
    dual += assignment.row_potential[i] + assignment.column_potential[i];
    for (size_t j = 0; j < n; ++j) {
      EXPECT_LE(assignment.row_potential[i] + assignment.column_potential[j],
                costs[i * n + j] + 1e-12);
    }
  }
  EXPECT_NEAR(dual, total_cost(costs, assignment), 1e-12 * static_cast<double>(n));
}

TEST(Assignment, MatchesScipy) {
  for (const auto& example : transport_fixture("assignments")) {
    std::vector<double> costs;
    for (const auto& row : example.at("costs")) {
      for (const double cost : row) costs.push_back(cost);
    }
    const auto n = static_cast<int64_t>(example.at("costs").size());
    const Assignment assignment = optimal_assignment(costs, n);
    EXPECT_NEAR(total_cost(costs, assignment), example.at("total").get<double>(), 1e-12);
    expect_optimal(costs, assignment);
  }
}

TEST(Assignment, CostsWhatTheNetworkSimplexFinds) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    Draws draws({.seed = seed});
    const auto n = static_cast<int64_t>(1 + draws.below(24));
    const uint32_t kinds = seed % 3;  // few different costs, many, a continuum
    std::vector<double> costs;
    for (int64_t i = 0; i < n * n; ++i) {
      costs.push_back(kinds == 2 ? draws.normal() : draws.below(kinds == 0 ? 3 : 1000));
    }
    const std::vector<double> ones(static_cast<size_t>(n), 1.0);
    const Assignment assignment = optimal_assignment(costs, n);
    expect_optimal(costs, assignment);
    double cost = 0;
    for (const Flow& flow : network_simplex(costs, ones, ones).plan) {
      EXPECT_EQ(flow.mass, 1);
      cost += costs[static_cast<size_t>(flow.from * n + flow.to)];
    }
    ASSERT_NEAR(total_cost(costs, assignment), cost, 1e-9) << "seed " << seed << ", n " << n;
  }
}

// Three rows that want the same two columns, and differ little there: each bid raises a price by
// next to nothing, so that bidding alone would go on for 1e12 rounds.
TEST(Assignment, EndsPriceWars) {
  const int64_t n = 300;
  std::vector<double> costs;
  Draws draws({.seed = 1});
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      costs.push_back(j < n / 2 ? 1e-12 * draws.uniform() : 1 + draws.uniform());
    }
  }
  expect_optimal(costs, optimal_assignment(costs, n));
}

TEST(NetworkSimplex, KeepsTheMarginalsOfAnyWeights) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Draws draws({.seed = seed});
    std::vector<double> from(1 + draws.below(30));
    std::vector<double> to(1 + draws.below(30));
    const auto fill = [&](std::vector<double>& masses) {
      double sum = 0;
      for (double& mass : masses) sum += mass = draws.below(4) == 0 ? 0.0 : draws.uniform();
      masses[0] += 1;
      for (double& mass : masses) mass /= sum + 1;
    };
    fill(from);
    fill(to);
    std::vector<double> costs(from.size() * to.size());
    for (double& cost : costs) cost = draws.below(5);
    std::vector<double> left_from = from;
    std::vector<double> left_to = to;
    for (const Flow& flow : network_simplex(costs, from, to).plan) {
      EXPECT_GT(flow.mass, 0);
      left_from[static_cast<size_t>(flow.from)] -= flow.mass;
      left_to[static_cast<size_t>(flow.to)] -= flow.mass;
    }
    for (const double left : left_from) EXPECT_NEAR(left, 0, 1e-15);
    for (const double left : left_to) EXPECT_NEAR(left, 0, 1e-15);
  }
}

}  // namespace
}  // namespace wgan
