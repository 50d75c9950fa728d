// The funnels, their rays, and what is moved along them.
#include "wgan/lab/funnels.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr double kDeviation = 0.1, kDegree = 8;
constexpr double kNever = std::numeric_limits<double>::infinity();

// Steps of the stream that belong to this file; sequences of samples take every second from there.
enum FunnelPlace : uint64_t { kCentres, kOffsets, kFunnelDistance, kFunnelSamples };
constexpr uint64_t kIndex = 0x66756e6e656cULL & 0xfffffffffffULL;

at::Tensor numbers(void (*fill)(const RandomAddress&, std::span<float>), uint64_t seed,
                   uint64_t place, const std::vector<int64_t>& shape) {
  at::Tensor values = torch::empty(shape, torch::kFloat32);
  fill({.seed = seed, .stream = Stream::kStudy, .step = place, .index = kIndex},
       {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return values;
}

at::Tensor in_cube(const at::Tensor& shares) { return (2 * shares - 1) * kHalfSide; }

}  // namespace

FunnelPair::FunnelPair(int64_t dimensions, int64_t funnels, uint64_t seed) : seed_(seed) {
  if (dimensions < 1 || funnels < 1) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} in {}: at least one of both is needed", counted(funnels, "funnel"),
                            counted(dimensions, "dimension")));
  }
  centres_ =
      in_cube(numbers(fill_uniform, seed, kCentres, {funnels, dimensions}).to(torch::kFloat64));
  offsets_ = kDeviation * numbers(fill_normal, seed, kOffsets, {funnels}).to(torch::kFloat64);
}

at::Tensor FunnelPair::cube_rows(int64_t count, uint64_t step) const {
  return in_cube(numbers(fill_uniform, seed_, step, {count, centres_.size(1)}));
}

at::Tensor FunnelPair::uniform(int64_t count, uint64_t step) const {
  return cube_rows(count, kFunnelSamples + 2 * step);
}

at::Tensor FunnelPair::moved(int64_t count, uint64_t step) const {
  return transported(cube_rows(count, kFunnelSamples + 2 * step + 1)).to(torch::kFloat32);
}

at::Tensor FunnelPair::potential(const at::Tensor& points) const {
  constexpr int64_t kFromDifferences = 2;  // |x - c|^2 expanded would lose half the digits near c
  return (at::cdist(points.to(torch::kFloat64), centres_, 2, kFromDifferences) + offsets_)
      .amin({1});
}

FunnelPair::Rays FunnelPair::rays(const at::Tensor& points) const {
  const at::Tensor x = points.to(torch::kFloat64);
  const at::Tensor square =
      (x.square().sum(1, true) + centres_.square().sum(1) - 2 * x.matmul(centres_.t()))
          .clamp_min(0);  // |x - c_m|^2, fast
  const auto [u, funnel] = (square.sqrt() + offsets_).min(1);
  const at::Tensor centre = centres_.index_select(0, funnel);
  const at::Tensor offset = x - centre;
  const at::Tensor v = offset / offset.norm(2, {1}, true).clamp_min(1e-300);

  // How far from x along v the cube ends.
  const at::Tensor to_side = (kHalfSide * v.sign() - x) / v;
  const at::Tensor to_edge = at::where(v == 0, kNever, to_side).amin({1}).clamp_min(0);

  // And funnel m: |x + r v - c_m| + b_m = u + r. With d = x - c_m and e = u - b_m this is
  // |d|^2 + 2 r d.v = e^2 + 2 r e. It is never reached unless d.v < e.
  const at::Tensor e = u.unsqueeze(1) - offsets_;
  const at::Tensor along = (x * v).sum(1, true) - v.matmul(centres_.t());  // d.v
  const at::Tensor to_meeting = ((square - e.square()) / (2 * (e - along))).clamp_min(0);
  at::Tensor to_funnel = at::where(e > along, to_meeting, kNever);
  to_funnel.scatter_(1, funnel.unsqueeze(1), kNever);  // its own
  const at::Tensor length = at::minimum(to_edge, to_funnel.amin({1}));
  return {.centre = centre, .edge = x + length.unsqueeze(1) * v};
}

at::Tensor FunnelPair::transported(const at::Tensor& points) const {
  const Rays ray = rays(points);
  const at::Tensor whole = (ray.edge - ray.centre).norm(2, {1}, true);
  const at::Tensor part = (points.to(torch::kFloat64) - ray.centre).norm(2, {1}, true);
  const at::Tensor share = at::where(whole > 0, part / whole, 0.0).clamp_max(1);
  return ray.centre + share.pow(kDegree) * (ray.edge - ray.centre);
}

FunnelPair::Distance FunnelPair::distance(int64_t count) const {
  const at::Tensor x = cube_rows(count, kFunnelDistance).to(torch::kFloat64);
  const at::Tensor lengths = (x - transported(x)).norm(2, {1});
  return {.value = lengths.mean().item<double>(),
          .error = lengths.std().item<double>() / std::sqrt(static_cast<double>(count))};
}

}  // namespace wgan
