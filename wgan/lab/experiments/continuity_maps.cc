// Generators that keep the conditions of Theorem 1 of the WGAN paper, and ones that break them.
#include "wgan/lab/experiments/continuity_maps.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include "wgan/metrics/divergence.h"
#include "wgan/metrics/transport.h"

namespace wgan {
namespace {

constexpr int kWaves = 32;  // of Weierstrass's sum; the rest is below 2^-32

// Sum of (1 - cos(3^n pi theta)) / 2^n, over 4: a function of Weierstrass upside down, 0 at 0.
double waves(double theta) {
  double sum = 0, height = 1, frequency = std::numbers::pi;
  for (int n = 0; n < kWaves; ++n, height /= 2, frequency *= 3) {
    sum += height * (1 - std::cos(std::fmod(frequency * theta, 2 * std::numbers::pi)));
  }
  return sum / 4;
}

double signed_like(double size, double theta) { return std::copysign(size, theta); }

const Mapping kMappings[] = {
    {"shift", "shift: h = theta", [](double theta, double) { return theta; },
     [](double theta) { return std::abs(theta); }},
    {"jump", "jump: h = theta, + 1/2 above 0",
     [](double theta, double) { return theta > 0 ? theta + 0.5 : theta; },
     [](double theta) { return theta > 0 ? theta + 0.5 : -theta; }},
    {"root", "root: h = 2 z sqrt|theta|, signed",
     [](double theta, double z) { return signed_like(2 * z * std::sqrt(std::abs(theta)), theta); },
     [](double theta) { return std::sqrt(std::abs(theta)); }},
    {"reciprocal", "reciprocal: h = min(1, |theta|/z), signed",
     [](double theta, double z) { return signed_like(std::min(1.0, std::abs(theta) / z), theta); },
     [](double theta) {
       const double size = std::abs(theta);
       return size > 0 ? size * (1 - std::log(size)) : 0;
     }},
    {"waves", "waves: h = a Weierstrass function",
     [](double theta, double) { return waves(theta); }, waves},
    {"turn", "turn: (theta, z), (theta, 1 - z) above 0", [](double theta, double) { return theta; },
     [](double theta) { return std::abs(theta); },
     /*turns_at_0=*/true}};

const Mapping kReal{"real", "", [](double, double) { return 0.0; }, [](double) { return 0.0; }};

using LinePoints = std::vector<std::pair<double, double>>;

// n points of P_theta, z in the middle of n equal parts of [0, 1].
LinePoints line_points(const Mapping& map, double theta, int64_t n) {
  LinePoints points;
  for (int64_t i = 0; i < n; ++i) {
    const double z = (static_cast<double>(i) + 0.5) / static_cast<double>(n);
    points.emplace_back(map.h(theta, z), map.turns_at_0 && theta > 0 ? 1 - z : z);
  }
  return points;
}

at::Tensor rows_of_points(const LinePoints& points) {
  const at::Tensor rows = torch::empty({static_cast<int64_t>(points.size()), 2}, torch::kFloat64);
  auto row = rows.accessor<double, 2>();
  for (size_t i = 0; i < points.size(); ++i) {
    row[static_cast<int64_t>(i)][0] = points[i].first;
    row[static_cast<int64_t>(i)][1] = points[i].second;
  }
  return rows;
}

}  // namespace

std::span<const Mapping> continuity_maps() { return kMappings; }

Separation separation_at(const Mapping& map, double theta, int64_t n) {
  const LinePoints real = line_points(kReal, 0, n);
  const LinePoints fake = line_points(map, theta, n);
  std::map<std::pair<double, double>, size_t> places;  // that hold a point of either
  for (const LinePoints* points : {&real, &fake}) {
    for (const auto& point : *points) places.try_emplace(point, places.size());
  }
  std::vector<double> p(places.size()), q(places.size());
  for (const auto& point : real) ++p[places.at(point)];
  for (const auto& point : fake) ++q[places.at(point)];
  return {
      .w = exact_transport(rows_of_points(real), rows_of_points(fake), GroundCost::kEuclidean).cost,
      .js = js_divergence(p, q),
      .kl = kl_divergence(p, q)};
}

double mean_of_h(const Mapping& map, double theta) {
  constexpr int kParts = 8000;
  constexpr double kWidth = 5e-3;
  double sum = 0, mass = 0;
  for (int i = 0; i < kParts; ++i) {
    const double z = std::exp(-kWidth * (i + 0.5));
    sum += map.h(theta, z) * z;
    mass += z;
  }
  return std::abs(sum / mass);
}

}  // namespace wgan
