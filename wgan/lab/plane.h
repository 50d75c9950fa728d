// What experiments on points of the plane share: clouds of points, critics as surfaces, and how
// many modes samples reach.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wgan/data/synthetic.h"
#include "wgan/lab/figure.h"
#include "wgan/nn/parameters.h"

namespace wgan {

// All of them, in order.
std::vector<double> numbers_of(const at::Tensor& values);

// points: [N, 2]. colour: as in Series.
Series cloud(const std::string& title, const at::Tensor& points, int colour);

// A panel of the square [-kFrame, kFrame]^2, in which the sets of points in the plane lie.
inline constexpr double kFrame = 2;
Panel framed(const std::string& title, std::vector<Series> series);

// f over the square [-reach, reach]^2, `side` values a row, minus its mean there.
Surface surface_of(const Model& critic, double reach, int64_t side, int64_t levels);

// Of each point: how far the nearest centre is, and which one it is. [N] each.
struct NearestModes {
  at::Tensor distance;
  at::Tensor mode;
};

// points: [N, 2].
NearestModes nearest_modes(const at::Tensor& points, const GaussianModes& modes);

struct ModeReach {
  int64_t found = 0;  // modes that at least a quarter of their due share of the points is close to
  double close = 0;   // share of the points that are close to any
};

// points: [N, 2]. Close: within `sigmas` times the modes' sigma of a centre.
ModeReach reach_modes(const at::Tensor& points, const GaussianModes& modes, double sigmas);

}  // namespace wgan
