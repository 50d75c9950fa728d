// Sorts projections, many directions at a time, and climbs from some of them.
#include "wgan/metrics/sliced.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/metrics/transport_input.h"

namespace wgan {
namespace {

constexpr int64_t kBlockValues = int64_t{1} << 22;  // projections held at a time
constexpr double kFirstAngle = 0.5;  // radians that the ascent tries to turn at first
constexpr double kLastAngle = 1e-12;

// Which ranks of N and M points of equal mass the monotone plan pairs, and with what mass.
struct RankPairs {
  at::Tensor x;     // [K] int64
  at::Tensor y;     // [K] int64
  at::Tensor mass;  // [K] float64, of sum 1
};

RankPairs rank_pairs(int64_t n, int64_t m, const at::Device& device) {
  std::vector<int64_t> x;
  std::vector<int64_t> y;
  std::vector<double> mass;
  int64_t reached = 0;  // in units of 1 / (n m)
  for (int64_t i = 0, j = 0; i < n && j < m;) {
    const int64_t end = std::min((i + 1) * m, (j + 1) * n);
    x.push_back(i);
    y.push_back(j);
    mass.push_back(static_cast<double>(end - reached) / static_cast<double>(n) /
                   static_cast<double>(m));
    reached = end;
    i += end == (i + 1) * m ? 1 : 0;
    j += end == (j + 1) * n ? 1 : 0;
  }
  return {.x = torch::tensor(x, torch::kInt64).to(device),
          .y = torch::tensor(y, torch::kInt64).to(device),
          .mass = torch::tensor(mass, torch::kFloat64).to(device)};
}

// [count, D] of length 1: the directions first, first + 1, ... of that seed.
at::Tensor directions(int64_t first, int64_t count, const at::Tensor& like, uint64_t seed) {
  const int64_t dimensions = like.size(1);
  at::Tensor drawn = torch::empty({count, dimensions}, torch::kFloat32);
  for (int64_t i = 0; i < count; ++i) {
    fill_normal(
        {.seed = seed, .stream = Stream::kTransport, .index = static_cast<uint64_t>(first + i)},
        {drawn[i].data_ptr<float>(), static_cast<size_t>(dimensions)});
  }
  drawn = drawn.to(torch::kFloat64);
  return (drawn / drawn.norm(2, {1}, true)).to(like.device());
}

struct Samples {
  at::Tensor x;
  at::Tensor y;
  RankPairs pairs;
};

Samples checked(const at::Tensor& x, const at::Tensor& y, double order) {
  if (!(order >= 1) || !std::isfinite(order)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("order {} of the Wasserstein distance, wanted 1 or more", order));
  }
  Samples samples{.x = checked_points(x, "x"), .y = checked_points(y, "y"), .pairs = {}};
  check_same_space(samples.x, samples.y);
  samples.pairs = rank_pairs(samples.x.size(0), samples.y.size(0), samples.x.device());
  return samples;
}

// The differences of the paired projections, [L, K], and the points that they belong to.
struct Projected {
  at::Tensor differences;
  at::Tensor from;  // [L, K] int64, rows of x
  at::Tensor to;    // rows of y
};

Projected project(const Samples& samples, const at::Tensor& along) {
  const auto [x, from] = along.mm(samples.x.t()).sort(1);
  const auto [y, to] = along.mm(samples.y.t()).sort(1);
  const RankPairs& pairs = samples.pairs;
  return {.differences = x.index_select(1, pairs.x) - y.index_select(1, pairs.y),
          .from = from.index_select(1, pairs.x),
          .to = to.index_select(1, pairs.y)};
}

// W_p^p of the projections onto each direction, [L].
at::Tensor costs_along(const Samples& samples, const Projected& projected, double order) {
  return projected.differences.abs().pow(order).matmul(samples.pairs.mass);
}

// The gradients of those costs in the directions, [L, D], along the sphere. The pairing is locally
// constant.
at::Tensor gradients_along(const Samples& samples, const Projected& projected,
                           const at::Tensor& along, double order) {
  const at::Tensor& differences = projected.differences;
  const at::Tensor slopes =
      order * differences.abs().pow(order - 1) * differences.sign() * samples.pairs.mass;
  const int64_t count = along.size(0);
  const at::Tensor of_x = torch::zeros({count, samples.x.size(0)}, along.options())
                              .scatter_add_(1, projected.from, slopes);
  const at::Tensor of_y = torch::zeros({count, samples.y.size(0)}, along.options())
                              .scatter_add_(1, projected.to, slopes);
  const at::Tensor gradients = of_x.mm(samples.x) - of_y.mm(samples.y);
  return gradients - (gradients * along).sum(1, true) * along;
}

// Where the ascent starts: the direction from one mean to the other, then drawn ones.
at::Tensor starts(const Samples& samples, const MaxSlicedOptions& options) {
  at::Tensor along = directions(0, options.restarts, samples.x, options.seed);
  const at::Tensor between = samples.x.mean(0) - samples.y.mean(0);
  const double length = between.norm().item<double>();
  if (length > 0) along[0] = between / length;
  return along;
}

}  // namespace

double sliced_wasserstein(const at::Tensor& x, const at::Tensor& y, const SlicedOptions& options) {
  const torch::NoGradGuard no_grad;
  const Samples samples = checked(x, y, options.order);
  if (options.projections < 1) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} projections, wanted 1 or more", options.projections));
  }
  const int64_t values = samples.x.size(0) + samples.y.size(0) + samples.x.size(1);
  const int64_t block = std::max<int64_t>(1, kBlockValues / values);
  double sum = 0;
  for (int64_t first = 0; first < options.projections; first += block) {
    const at::Tensor along =
        directions(first, std::min(block, options.projections - first), samples.x, options.seed);
    sum += costs_along(samples, project(samples, along), options.order).sum().item<double>();
  }
  return std::pow(sum / static_cast<double>(options.projections), 1 / options.order);
}

MaxSliced max_sliced_wasserstein(const at::Tensor& x, const at::Tensor& y,
                                 const MaxSlicedOptions& options) {
  const torch::NoGradGuard no_grad;
  const Samples samples = checked(x, y, options.order);
  if (options.restarts < 1 || options.iterations < 1) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} of {}, wanted 1 or more", counted(options.restarts, "restart"),
                            counted(options.iterations, "iteration")));
  }
  at::Tensor along = starts(samples, options);
  Projected projected = project(samples, along);
  at::Tensor costs = costs_along(samples, projected, options.order);
  at::Tensor gradients = gradients_along(samples, projected, along, options.order);
  at::Tensor angles = torch::full({options.restarts, 1}, kFirstAngle, along.options());
  for (int64_t i = 0; i < options.iterations; ++i) {
    // Each direction turns towards its gradient, by twice the angle after a success, by a quarter
    // after a failure.
    const at::Tensor lengths = gradients.norm(2, {1}, true);
    const at::Tensor uphill = gradients / lengths.clamp_min(1e-300);
    at::Tensor turned = along * angles.cos() + uphill * angles.sin();
    turned = turned / turned.norm(2, {1}, true);
    projected = project(samples, turned);
    const at::Tensor turned_costs = costs_along(samples, projected, options.order);
    const at::Tensor better = turned_costs > costs;
    const at::Tensor chosen = better.unsqueeze(1);
    costs = torch::where(better, turned_costs, costs);
    along = torch::where(chosen, turned, along);
    gradients =
        torch::where(chosen, gradients_along(samples, projected, turned, options.order), gradients);
    angles = torch::where(chosen, (2 * angles).clamp_max(kFirstAngle), angles / 4);
    if (angles.max().item<double>() < kLastAngle) break;
  }
  const int64_t best = costs.argmax().item<int64_t>();
  return {.distance = std::pow(costs[best].item<double>(), 1 / options.order),
          .direction = along[best].clone()};
}

}  // namespace wgan
