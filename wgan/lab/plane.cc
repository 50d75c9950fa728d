// Points, surfaces and modes.
#include "wgan/lab/plane.h"

#include <torch/types.h>

#include <utility>

#include "wgan/lab/fit.h"

namespace wgan {

std::vector<double> numbers_of(const at::Tensor& values) {
  const at::Tensor flat = values.to(torch::kCPU, torch::kFloat64).contiguous().flatten();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

Series cloud(const std::string& title, const at::Tensor& points, int colour) {
  return {.title = title,
          .mark = Mark::kDots,
          .x = numbers_of(points.select(1, 0)),
          .y = numbers_of(points.select(1, 1)),
          .colour = colour};
}

Panel framed(const std::string& title, std::vector<Series> series) {
  return {.title = title,
          .x = {.low = -kFrame, .high = kFrame},
          .y = {.low = -kFrame, .high = kFrame},
          .series = std::move(series),
          .equal_axes = true};
}

Surface surface_of(const Model& critic, double reach, int64_t side, int64_t levels) {
  const at::Tensor axis = torch::linspace(-reach, reach, side);
  const at::Tensor points =
      torch::stack({axis.repeat({side}), axis.repeat_interleave(side)}, 1);  // the bottom row first
  const at::Tensor scores = scores_at(critic, points);
  return {.rows = side,
          .columns = side,
          .left = -reach,
          .right = reach,
          .bottom = -reach,
          .top = reach,
          .values = numbers_of(scores - scores.mean()),
          .levels = levels};
}

NearestModes nearest_modes(const at::Tensor& points, const GaussianModes& modes) {
  const auto count = static_cast<int64_t>(modes.centres.size());
  const at::Tensor centres = torch::empty({count, 2});
  for (int64_t k = 0; k < count; ++k) {
    centres[k][0] = modes.centres[static_cast<size_t>(k)][0];
    centres[k][1] = modes.centres[static_cast<size_t>(k)][1];
  }
  const auto [distance, mode] = torch::cdist(points.to(torch::kFloat32), centres).min(1);
  return {.distance = distance, .mode = mode};
}

ModeReach reach_modes(const at::Tensor& points, const GaussianModes& modes, double sigmas) {
  const auto count = static_cast<int64_t>(modes.centres.size());
  const auto [distance, nearest] = nearest_modes(points, modes);
  const at::Tensor close = distance <= sigmas * modes.sigma;
  const at::Tensor each = torch::bincount(nearest.masked_select(close), {}, count);
  const double due = static_cast<double>(points.size(0)) / static_cast<double>(count);
  return {.found = (each >= due / 4).sum().item<int64_t>(),
          .close = close.to(torch::kFloat64).mean().item<double>()};
}

}  // namespace wgan
