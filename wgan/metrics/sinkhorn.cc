// Log-domain iterations over blocks of rows, with epsilon scaling and over-relaxation.
#include "wgan/metrics/sinkhorn.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/metrics/transport_input.h"

namespace wgan {
namespace {

constexpr int64_t kKeptPairs = int64_t{1} << 25;   // 256 MiB of costs (and as much transposed)
constexpr int64_t kBlockPairs = int64_t{1} << 22;  // worked on at a time
constexpr int64_t kCheckEvery = 10;                // iterations
constexpr int64_t kScalingIterations = 5;          // at each of the larger epsilons
constexpr double kLeastWeight = 1e-300;            // so that the logarithm of 0 is finite

// A cost matrix by blocks of its rows, kept or computed from points.
struct CostRows {
  at::Tensor matrix;  // [N, M], or undefined
  at::Tensor x;       // [N, D]
  at::Tensor y;       // [M, D]
  GroundCost cost = GroundCost::kEuclidean;

  int64_t rows() const { return matrix.defined() ? matrix.size(0) : x.size(0); }
  int64_t columns() const { return matrix.defined() ? matrix.size(1) : y.size(0); }

  // Calls visit(first, costs of a block of rows).
  template <typename Visit>
  void visit_blocks(const Visit& visit) const {
    const int64_t block = std::max<int64_t>(1, kBlockPairs / columns());
    for (int64_t first = 0; first < rows(); first += block) {
      const int64_t count = std::min(block, rows() - first);
      visit(first, matrix.defined() ? matrix.narrow(0, first, count)
                                    : ground_costs(x.narrow(0, first, count), y, cost));
    }
  }
};

struct SinkhornProblem {
  CostRows costs;       // from x to y
  CostRows transposed;  // from y to x
  at::Tensor a;
  at::Tensor b;
  at::Tensor log_a;
  at::Tensor log_b;
  bool symmetric = false;  // both sides are the same, so f = g
};

SinkhornProblem make_problem(CostRows costs, const at::Tensor& a, const at::Tensor& b) {
  CostRows transposed{.matrix = {}, .x = costs.y, .y = costs.x, .cost = costs.cost};
  if (costs.matrix.defined()) transposed.matrix = costs.matrix.t().contiguous();
  return {.costs = std::move(costs),
          .transposed = std::move(transposed),
          .a = a,
          .b = b,
          .log_a = a.clamp_min(kLeastWeight).log(),
          .log_b = b.clamp_min(kLeastWeight).log()};
}

SinkhornProblem problem_of_points(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                                  const at::Tensor& a, const at::Tensor& b) {
  const bool kept = x.size(0) <= kKeptPairs / y.size(0);
  return make_problem(
      {.matrix = kept ? ground_costs(x, y, cost) : at::Tensor(), .x = x, .y = y, .cost = cost}, a,
      b);
}

void check(const SinkhornOptions& options) {
  if (!(options.epsilon > 0) || !std::isfinite(options.epsilon) || !(options.marginal_error > 0) ||
      options.iterations < 1 || !(options.scaling > 0) || !(options.scaling <= 1)) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("Sinkhorn with epsilon {}, marginal error {}, {} iterations and scaling "
                    "{}, wanted positive numbers and a scaling of at most 1",
                    options.epsilon, options.marginal_error, options.iterations, options.scaling));
  }
}

double largest_cost(const CostRows& costs) {
  double largest = 0;
  costs.visit_blocks([&](int64_t, const at::Tensor& block) {
    largest = std::max(largest, block.abs().max().item<double>());
  });
  return largest;
}

// The potential of the rows that fits the columns': -epsilon log sum_j b_j exp((g_j - c_ij) /
// epsilon).
at::Tensor fitting_potential(const CostRows& costs, const at::Tensor& g, const at::Tensor& log_b,
                             double epsilon) {
  at::Tensor f = torch::empty({costs.rows()}, g.options());
  const at::Tensor offset = g / epsilon + log_b;
  costs.visit_blocks([&](int64_t first, const at::Tensor& block) {
    const at::Tensor exponents = torch::add(offset, block, -1 / epsilon);
    f.narrow(0, first, block.size(0)).copy_(torch::logsumexp(exponents, 1).mul_(-epsilon));
  });
  return f;
}

// |P 1 - a|_1 of a potential of the rows, given the one that would make it 0.
double row_error(const at::Tensor& a, const at::Tensor& f, const at::Tensor& fitting,
                 double epsilon) {
  return a.dot(((f - fitting) / epsilon).expm1().abs()).item<double>();
}

// Chooses the over-relaxation from the errors that it sees. The iteration is near its limit a
// Gauss-Seidel iteration; for the rate q of the plain one the best factor is 2 / (1 + sqrt(1 - q))
// (Lehmann et al. 2022; Young 1954).
class Relaxation {
 public:
  double factor() const { return factor_; }

  // error: of the marginals, once in kCheckEvery iterations.
  void observe(double error) {
    const double rate = std::pow(error / last_error_, 1.0 / kCheckEvery);
    const double before = std::exchange(last_rate_, rate);
    last_error_ = error;
    least_error_ = std::min(least_error_, error);
    if (!(error <= kGrowth * least_error_)) {
      factor_ = 1;
      failed_ = true;
    }
    const bool steady = std::abs(std::log(rate) - std::log(before)) < kSteady * -std::log(rate);
    if (failed_ || !steady || rate <= factor_ - 1) return;
    // The rate that the plain iteration would have, from the one under this factor.
    const double plain = std::pow(rate + factor_ - 1, 2) / (rate * factor_ * factor_);
    if (plain < 1) factor_ = std::max(factor_, 2 / (1 + std::sqrt(1 - plain)));
  }

 private:
  static constexpr double kGrowth = 1e3;  // of the error, beyond which over-relaxation is given up
  static constexpr double kSteady = 0.2;  // change of the logarithm of the rate

  double factor_ = 1;
  double last_error_ = std::numeric_limits<double>::infinity();
  double last_rate_ = 1;
  double least_error_ = std::numeric_limits<double>::infinity();
  bool failed_ = false;
};

// One update of both potentials; in a symmetric problem of the mean of the potential and the
// fitting one, which converges much faster (Feydy et al. 2019, 3.1).
void update(const SinkhornProblem& problem, const at::Tensor& fitting, double epsilon,
            double factor, Sinkhorn& state) {
  if (problem.symmetric) {
    state.potential_from = (state.potential_from + fitting) / 2;
    state.potential_to = state.potential_from;
    return;
  }
  state.potential_from = torch::lerp(state.potential_from, fitting, factor);
  state.potential_to = torch::lerp(
      state.potential_to,
      fitting_potential(problem.transposed, state.potential_from, problem.log_a, epsilon), factor);
}

void iterate(const SinkhornProblem& problem, const SinkhornOptions& options, Sinkhorn& state) {
  const auto fitting = [&](double epsilon) {
    return fitting_potential(problem.costs, state.potential_to, problem.log_b, epsilon);
  };
  if (options.scaling < 1) {
    for (double epsilon = largest_cost(problem.costs); epsilon > options.epsilon;
         epsilon *= options.scaling) {
      for (int64_t i = 0; i < kScalingIterations && state.iterations + 1 < options.iterations;
           ++i) {
        update(problem, fitting(epsilon), epsilon, 1, state);
        ++state.iterations;
      }
    }
  }
  Relaxation relaxation;
  bool exact_columns = false;  // the last update was a plain one, with the final epsilon
  for (int64_t since_check = 0;; ++since_check) {
    const at::Tensor next = fitting(options.epsilon);
    const bool last = state.iterations >= options.iterations;
    if (last || since_check % kCheckEvery == 0 || exact_columns) {
      state.marginal_error = row_error(problem.a, state.potential_from, next, options.epsilon);
      state.converged = state.marginal_error <= options.marginal_error && exact_columns;
      if (last || state.converged) return;
      if (since_check % kCheckEvery == 0 && !problem.symmetric) {
        relaxation.observe(state.marginal_error);
      }
    }
    // Over-relaxed columns miss their marginals: a plain update comes before the end.
    const bool plain = relaxation.factor() == 1 || state.marginal_error <= options.marginal_error ||
                       state.iterations + 1 == options.iterations;
    update(problem, next, options.epsilon, plain ? 1 : relaxation.factor(), state);
    exact_columns = plain;
    ++state.iterations;
  }
}

Sinkhorn solve(const SinkhornProblem& problem, const SinkhornOptions& options) {
  Sinkhorn state;
  state.potential_from = torch::zeros_like(problem.a);
  state.potential_to = torch::zeros_like(problem.b);
  iterate(problem, options, state);
  problem.costs.visit_blocks([&](int64_t first, const at::Tensor& block) {
    const int64_t count = block.size(0);
    const at::Tensor rows = state.potential_from.narrow(0, first, count) / options.epsilon +
                            problem.log_a.narrow(0, first, count);
    const at::Tensor columns = state.potential_to / options.epsilon + problem.log_b;
    const at::Tensor plan =
        torch::add(rows.unsqueeze(1) + columns, block, -1 / options.epsilon).exp_();
    state.sharp += plan.mul_(block).sum().item<double>();
  });
  state.dual = state.potential_from.dot(problem.a).item<double>() +
               state.potential_to.dot(problem.b).item<double>();
  return state;
}

Sinkhorn solve_symmetric(const at::Tensor& x, GroundCost cost, const at::Tensor& a,
                         const SinkhornOptions& options) {
  SinkhornProblem problem = problem_of_points(x, x, cost, a, a);
  problem.symmetric = true;
  return solve(problem, options);
}

// Points of one space with their masses.
struct WeightedPoints {
  at::Tensor x, y;  // [N, D], [M, D]
  at::Tensor a, b;  // [N], [M]
};

WeightedPoints checked_pair(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weights_x,
                            const at::Tensor& weights_y) {
  const at::Tensor from = checked_points(x, "x");
  const at::Tensor to = checked_points(y, "y");
  check_same_space(from, to);
  return {from, to, checked_weights(weights_x, from.size(0), from, "weights_x"),
          checked_weights(weights_y, to.size(0), to, "weights_y")};
}

}  // namespace

Sinkhorn sinkhorn(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                  const SinkhornOptions& options, const at::Tensor& weights_x,
                  const at::Tensor& weights_y) {
  const torch::NoGradGuard no_grad;
  check(options);
  const WeightedPoints p = checked_pair(x, y, weights_x, weights_y);
  return solve(problem_of_points(p.x, p.y, cost, p.a, p.b), options);
}

Sinkhorn sinkhorn_of_costs(const at::Tensor& costs, const at::Tensor& a, const at::Tensor& b,
                           const SinkhornOptions& options) {
  const torch::NoGradGuard no_grad;
  check(options);
  const at::Tensor matrix = checked_points(costs, "the cost matrix");
  return solve(make_problem({.matrix = matrix, .x = {}, .y = {}},
                            checked_weights(a, matrix.size(0), matrix, "a"),
                            checked_weights(b, matrix.size(1), matrix, "b")),
               options);
}

SinkhornDivergence sinkhorn_divergence(const at::Tensor& x, const at::Tensor& y, GroundCost cost,
                                       const SinkhornOptions& options, const at::Tensor& weights_x,
                                       const at::Tensor& weights_y) {
  const torch::NoGradGuard no_grad;
  check(options);
  const WeightedPoints p = checked_pair(x, y, weights_x, weights_y);
  const Sinkhorn xy = solve(problem_of_points(p.x, p.y, cost, p.a, p.b), options);
  const Sinkhorn xx = solve_symmetric(p.x, cost, p.a, options);
  const Sinkhorn yy = solve_symmetric(p.y, cost, p.b, options);
  return {.sharp = xy.sharp - (xx.sharp + yy.sharp) / 2,
          .dual = xy.dual - (xx.dual + yy.dual) / 2,
          .iterations = xy.iterations + xx.iterations + yy.iterations,
          .marginal_error = std::max({xy.marginal_error, xx.marginal_error, yy.marginal_error}),
          .converged = xy.converged && xx.converged && yy.converged};
}

}  // namespace wgan
