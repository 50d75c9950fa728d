// Checks the input, picks the solver, and turns its answer into a plan with a certificate.
#include "wgan/metrics/transport.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/metrics/assignment.h"
#include "wgan/metrics/network_simplex.h"
#include "wgan/metrics/transport_1d.h"
#include "wgan/metrics/transport_input.h"

namespace wgan {
namespace {

// Up to this many points the assignment is 2 to 8 times as fast as the simplex. Beyond, it is
// slower, on shifted clouds in 2-D many times.
constexpr int64_t kAssignmentPoints = 512;
constexpr double kTransportMassTolerance = 1e-9;  // of sums of masses that are to be equal

// Masses on the two sides and the costs between them, all float64 on the CPU.
struct TransportProblem {
  at::Tensor costs;  // [N, M]
  at::Tensor a;      // [N]
  at::Tensor b;      // [M]
};

void check_pairs(int64_t n, int64_t m) {
  if (n > kMostExactPairs / m) {
    throw Error(ErrorKind::kUsage,
                fmt::format("exact transport between {} and {} points would take {} pairs, at most "
                            "{} are accepted",
                            n, m, static_cast<double>(n) * static_cast<double>(m), kMostExactPairs),
                "take fewer samples, or a sliced distance or the Sinkhorn divergence");
  }
}

bool all_equal(const at::Tensor& masses) {
  return masses.min().item<double>() == masses.max().item<double>();
}

bool is_assignment(const TransportProblem& problem) {
  return problem.a.size(0) == problem.b.size(0) && all_equal(problem.a) && all_equal(problem.b);
}

SolvedTransport solve_assignment(const TransportProblem& problem) {
  Assignment assignment = optimal_assignment(values_of(problem.costs), problem.a.size(0));
  SolvedTransport solved{.plan = {},
                         .potential_from = std::move(assignment.row_potential),
                         .potential_to = std::move(assignment.column_potential)};
  const std::span<const double> masses = values_of(problem.a);
  for (size_t i = 0; i < masses.size(); ++i) {
    solved.plan.push_back(
        {.from = static_cast<int64_t>(i), .to = assignment.column_of[i], .mass = masses[i]});
  }
  return solved;
}

// The greatest f with f_i + g_j <= c_ij, so that the dual variables are feasible in float64
// whatever rounding did: the c-transform of g, a last bit less where the sum would round up.
at::Tensor feasible_potential(const at::Tensor& costs, std::span<const double> g) {
  at::Tensor result = torch::empty({costs.size(0)}, costs.options());
  const std::span<const double> all = values_of(costs);
  double* const f = result.data_ptr<double>();
  for (size_t i = 0; i < static_cast<size_t>(costs.size(0)); ++i) {
    const std::span<const double> row = all.subspan(i * g.size(), g.size());
    f[i] = least_reduced_cost(row, g);
    const auto exceeds = [&] {
      bool found = false;
      for (size_t j = 0; j < g.size(); ++j) found |= f[i] + g[j] > row[j];
      return found;
    };
    while (exceeds()) f[i] = std::nextafter(f[i], -std::numeric_limits<double>::infinity());
  }
  return result;
}

Transport certified(const TransportProblem& problem, SolvedTransport solved, std::string solver) {
  Transport transport;
  const std::span<const double> costs = values_of(problem.costs);
  for (const Flow& flow : solved.plan) {
    transport.cost +=
        flow.mass * costs[static_cast<size_t>(flow.from * problem.b.size(0) + flow.to)];
  }
  transport.potential_from = feasible_potential(problem.costs, solved.potential_to);
  transport.potential_to =
      torch::tensor(solved.potential_to, torch::dtype(torch::kFloat64).device(torch::kCPU));
  const double dual = transport.potential_from.dot(problem.a).item<double>() +
                      transport.potential_to.dot(problem.b).item<double>();
  transport.gap = std::max(0.0, transport.cost - dual);
  transport.plan = std::move(solved.plan);
  transport.solver = std::move(solver);
  return transport;
}

Transport by_network_simplex(const TransportProblem& problem) {
  return certified(
      problem,
      network_simplex(values_of(problem.costs), values_of(problem.a), values_of(problem.b)),
      "network simplex");
}

Transport by_assignment(const TransportProblem& problem) {
  return certified(problem, solve_assignment(problem), "assignment");
}

Transport solved_by_best(const TransportProblem& problem) {
  const bool small = problem.a.size(0) <= kAssignmentPoints || !has_network_simplex();
  return small && is_assignment(problem) ? by_assignment(problem) : by_network_simplex(problem);
}

at::Tensor on_cpu(const at::Tensor& tensor) { return tensor.to(torch::kCPU).contiguous(); }

}  // namespace

Transport exact_transport(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                          const at::Tensor& weights_x, const at::Tensor& weights_y) {
  const torch::NoGradGuard no_grad;
  const at::Tensor from = on_cpu(checked_points(x, "x"));
  const at::Tensor to = on_cpu(checked_points(y, "y"));
  check_same_space(from, to);
  check_pairs(from.size(0), to.size(0));
  const TransportProblem problem{.costs = ground_costs(from, to, cost),
                                 .a = checked_weights(weights_x, from.size(0), from, "weights_x"),
                                 .b = checked_weights(weights_y, to.size(0), to, "weights_y")};
  if (from.size(1) == 1) {
    return certified(problem,
                     line_transport(values_of(from), values_of(to), values_of(problem.a),
                                    values_of(problem.b), cost == GroundCost::kEuclidean ? 1 : 2),
                     "line");
  }
  return solved_by_best(problem);
}

Transport exact_transport_of_costs(const at::Tensor& costs, const at::Tensor& a,
                                   const at::Tensor& b, TransportSolver solver) {
  const torch::NoGradGuard no_grad;
  TransportProblem problem{
      .costs = on_cpu(checked_points(costs, "the cost matrix")), .a = {}, .b = {}};
  const int64_t n = problem.costs.size(0);
  const int64_t m = problem.costs.size(1);
  check_pairs(n, m);
  problem.a = on_cpu(checked_masses(a, n, "a"));
  problem.b = on_cpu(checked_masses(b, m, "b"));
  const double sum_a = problem.a.sum().item<double>();
  const double sum_b = problem.b.sum().item<double>();
  if (std::abs(sum_a - sum_b) > kTransportMassTolerance * std::max(sum_a, sum_b)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("masses with the sums {} and {}, wanted equal sums", sum_a, sum_b),
                "divide each by its sum");
  }
  problem.b *= sum_a / sum_b;
  if (solver == TransportSolver::kAssignment && !is_assignment(problem)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("an assignment of {} to {} points of unequal mass, wanted as many on "
                            "both sides with equal masses",
                            n, m),
                "take the network simplex");
  }
  switch (solver) {
    case TransportSolver::kAssignment:
      return by_assignment(problem);
    case TransportSolver::kNetworkSimplex:
      return by_network_simplex(problem);
    case TransportSolver::kAuto:
      break;
  }
  return solved_by_best(problem);
}

double wasserstein(const at::Tensor& x, const at::Tensor& y, int order) {
  if (order != 1 && order != 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("order {} of the Wasserstein distance, wanted 1 or 2", order),
                "in one dimension, wasserstein_1d takes any order");
  }
  if (order == 1) return exact_transport(x, y, GroundCost::kEuclidean).cost;
  return std::sqrt(exact_transport(x, y, GroundCost::kSquaredEuclidean).cost);
}

}  // namespace wgan
