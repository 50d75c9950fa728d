// The monotone plan by merging two sorted sequences, and the delta recursion of piles.
#include "wgan/metrics/transport_1d.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "wgan/core/error.h"
#include "wgan/metrics/transport_input.h"

namespace wgan {
namespace {

constexpr double kDust = 1e-15;                     // of the total mass; what only rounding moves
constexpr double kTransport1dMassTolerance = 1e-9;  // of sums of heights that are to be equal

std::vector<size_t> sorted_order(std::span<const double> values) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t i, size_t j) { return values[i] < values[j]; });
  return order;
}

double line_cost(double x, double y, double order) {
  const double distance = std::abs(x - y);
  return order == 1 ? distance : std::pow(distance, order);
}

at::Tensor checked_line(const at::Tensor& samples, const std::string& name) {
  if (!samples.defined() || samples.dim() != 1 || samples.size(0) < 1) {
    throw Error(ErrorKind::kUsage,
                samples.defined() ? fmt::format("{} has shape [{}], wanted [N] with N >= 1", name,
                                                fmt::join(samples.sizes(), ", "))
                                  : fmt::format("{} is no tensor, wanted [N]", name),
                "samples of more dimensions go through exact_transport or sliced_wasserstein");
  }
  return checked_points(samples.unsqueeze(1), name).squeeze(1).to(torch::kCPU);
}

void check_heights(std::span<const double> heights, const std::string& name) {
  for (const double height : heights) {
    if (!std::isfinite(height) || height < 0) {
      throw Error(ErrorKind::kData,
                  fmt::format("a pile of {} has the height {}, wanted 0 or more", name, height));
    }
  }
}

}  // namespace

SolvedTransport line_transport(std::span<const double> x, std::span<const double> y,
                               std::span<const double> a, std::span<const double> b, double order) {
  const std::vector<size_t> xs = sorted_order(x);
  const std::vector<size_t> ys = sorted_order(y);
  const double dust = kDust * std::accumulate(a.begin(), a.end(), 0.0);
  SolvedTransport solved{.plan = {},
                         .potential_from = std::vector<double>(x.size(), 0.0),
                         .potential_to = std::vector<double>(y.size(), 0.0)};
  std::vector<double>& f = solved.potential_from;
  std::vector<double>& g = solved.potential_to;
  const auto cost = [&](size_t i, size_t j) { return line_cost(x[xs[i]], y[ys[j]], order); };
  size_t i = 0;
  size_t j = 0;
  // In extended precision, so that thirds and ninths of the mass meet to within the dust.
  long double moved = 0;         // mass so far
  long double sum_a = a[xs[0]];  // mass of the points up to the i-th
  long double sum_b = b[ys[0]];
  g[ys[0]] = cost(0, 0);
  while (true) {
    const long double reached = std::min(sum_a, sum_b);
    if (reached - moved > dust) {
      solved.plan.push_back({.from = static_cast<int64_t>(xs[i]),
                             .to = static_cast<int64_t>(ys[j]),
                             .mass = static_cast<double>(reached - moved)});
      moved = reached;
    }
    // Every new point is tied to the other side's current one, which keeps the dual variables
    // feasible, since the costs of sorted points are a Monge array.
    if (i + 1 < x.size() && (sum_a <= sum_b || j + 1 == y.size())) {
      sum_a += a[xs[++i]];
      f[xs[i]] = cost(i, j) - g[ys[j]];
    } else if (j + 1 < y.size()) {
      sum_b += b[ys[++j]];
      g[ys[j]] = cost(i, j) - f[xs[i]];
    } else {
      return solved;
    }
  }
}

LineTransport transport_1d(const at::Tensor& x, const at::Tensor& y, double order,
                           const at::Tensor& weights_x, const at::Tensor& weights_y) {
  const torch::NoGradGuard no_grad;
  if (!(order >= 1) || !std::isfinite(order)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("order {} of the Wasserstein distance, wanted 1 or more", order));
  }
  const at::Tensor from = checked_line(x, "x");
  const at::Tensor to = checked_line(y, "y");
  const at::Tensor a = checked_weights(weights_x, from.size(0), from, "weights_x");
  const at::Tensor b = checked_weights(weights_y, to.size(0), to, "weights_y");
  LineTransport transport;
  transport.plan =
      line_transport(values_of(from), values_of(to), values_of(a), values_of(b), order).plan;
  for (const Flow& flow : transport.plan) {
    transport.cost += flow.mass * line_cost(values_of(from)[static_cast<size_t>(flow.from)],
                                            values_of(to)[static_cast<size_t>(flow.to)], order);
  }
  return transport;
}

double wasserstein_1d(const at::Tensor& x, const at::Tensor& y, double order,
                      const at::Tensor& weights_x, const at::Tensor& weights_y) {
  return std::pow(transport_1d(x, y, order, weights_x, weights_y).cost, 1 / order);
}

EarthMoves earth_mover(std::span<const double> from, std::span<const double> to) {
  if (from.size() != to.size() || from.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} piles to become {}, wanted as many, 1 or more",
                                               from.size(), to.size()));
  }
  check_heights(from, "from");
  check_heights(to, "to");
  const double sum_from = std::accumulate(from.begin(), from.end(), 0.0);
  const double sum_to = std::accumulate(to.begin(), to.end(), 0.0);
  const double largest = std::max(sum_from, sum_to);
  if (std::abs(sum_from - sum_to) > kTransport1dMassTolerance * largest) {
    throw Error(ErrorKind::kUsage,
                fmt::format("piles of {} in all to become {}, wanted equal sums", sum_from, sum_to),
                "divide each by its sum");
  }
  EarthMoves earth;
  earth.deltas.assign(from.size() + 1, 0.0);
  for (size_t i = 0; i < from.size(); ++i) {
    earth.deltas[i + 1] = earth.deltas[i] + from[i] - to[i];
  }
  // Rounding of the sums is not work, and between piles of nothing there is none.
  const double dust = kTransport1dMassTolerance * 1e-3 * largest;
  earth.deltas.back() = 0;
  for (size_t i = 1; i < from.size(); ++i) {
    const double moved = earth.deltas[i];
    earth.work += std::abs(moved);
    // What goes to the right moves from left to right, then what goes to the left from right to
    // left.
    if (moved > dust) {
      earth.moves.push_back(
          {.from = static_cast<int64_t>(i) - 1, .to = static_cast<int64_t>(i), .mass = moved});
    }
  }
  for (size_t i = from.size() - 1; i >= 1; --i) {
    const double moved = -earth.deltas[i];
    if (moved > dust) {
      earth.moves.push_back(
          {.from = static_cast<int64_t>(i), .to = static_cast<int64_t>(i) - 1, .mass = moved});
    }
  }
  return earth;
}

}  // namespace wgan
