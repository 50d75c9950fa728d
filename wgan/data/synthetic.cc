// The embedded data sets: two-dimensional point clouds, and the digits of strokes.
#include "wgan/data/synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/data/strokes.h"

namespace wgan {
namespace {

constexpr int64_t kFirstTestRow = int64_t{1} << 40;
constexpr int64_t kTrainEpoch = 60'000;
constexpr int64_t kTestRows = 10'000;
constexpr double kPi = std::numbers::pi;

Draws synthetic_draws(uint64_t seed, int64_t row) {
  return Draws({seed, Stream::kSynthetic, 0, static_cast<uint64_t>(row)});
}

void write_point(float x, float y, std::span<std::byte> out) {
  const float point[2] = {x, y};
  std::memcpy(out.data(), point, sizeof point);
}

std::vector<std::string> numbered_classes(size_t count) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

void fill_gaussians(Dataset& dataset, int64_t first, uint64_t seed) {
  GaussianModes modes = gaussian_modes(dataset.name);
  const auto count = static_cast<uint32_t>(modes.centres.size());
  dataset.class_names = numbered_classes(count);
  dataset.label = [=](int64_t row) {
    return static_cast<int32_t>(synthetic_draws(seed, first + row).below(count));
  };
  dataset.read_row = [=, modes = std::move(modes)](int64_t row, std::span<std::byte> out) {
    Draws draws = synthetic_draws(seed, first + row);
    const auto [x, y] = modes.centres[draws.below(count)];
    const float dx = draws.normal(), dy = draws.normal();
    write_point(x + modes.sigma * dx, y + modes.sigma * dy, out);
  };
}

// sklearn.datasets.make_swiss_roll(noise=0.25), dimensions 0 and 2, divided by 7.5.
void fill_swissroll(Dataset& dataset, int64_t first, uint64_t seed) {
  dataset.read_row = [=](int64_t row, std::span<std::byte> out) {
    Draws draws = synthetic_draws(seed, first + row);
    const double t = 1.5 * kPi * (1 + 2 * static_cast<double>(draws.uniform()));
    const double x = t * std::cos(t) + .25 * static_cast<double>(draws.normal());
    const double z = t * std::sin(t) + .25 * static_cast<double>(draws.normal());
    write_point(static_cast<float>(x / 7.5), static_cast<float>(z / 7.5), out);
  };
}

void fill_strokes(Dataset& dataset, int64_t first, uint64_t seed) {
  dataset.type = RowType::kUint8;
  dataset.shape = {kStrokesSide, kStrokesSide, 1};
  dataset.class_names = numbered_classes(10);
  dataset.label = [=](int64_t row) { return strokes_label(seed, first + row); };
  dataset.read_row = [=](int64_t row, std::span<std::byte> out) {
    draw_strokes(seed, first + row, out);
  };
}

}  // namespace

std::span<const std::string> synthetic_names() {
  static const std::vector<std::string> kNames = {"strokes", "gaussians8", "gaussians25",
                                                  "swissroll"};
  return kNames;
}

GaussianModes gaussian_modes(const std::string& name) {
  // Gulrajani et al. 2017 divide by rounded square roots, so that the variance is about one.
  GaussianModes modes;
  if (name == "gaussians8") {
    for (int k = 0; k < 8; ++k) {
      const double angle = kPi / 4 * k;
      modes.centres.push_back({static_cast<float>(2 * std::cos(angle) / 1.414),
                               static_cast<float>(2 * std::sin(angle) / 1.414)});
    }
    modes.sigma = static_cast<float>(.02 / 1.414);
  } else if (name == "gaussians25") {
    for (int x = -2; x <= 2; ++x) {
      for (int y = -2; y <= 2; ++y) {
        modes.centres.push_back(
            {static_cast<float>(2 * x / 2.828), static_cast<float>(2 * y / 2.828)});
      }
    }
    modes.sigma = static_cast<float>(.05 / 2.828);
  } else {
    throw Error(ErrorKind::kUsage, "'" + name + "' is no mixture of Gaussians",
                "gaussians8 and gaussians25 are");
  }
  return modes;
}

Dataset make_synthetic(const std::string& name, Split split, uint64_t seed) {
  const bool test = split == Split::kTest;
  const int64_t first = test ? kFirstTestRow : 0;
  Dataset dataset;
  dataset.name = name;
  dataset.type = RowType::kFloat32;
  dataset.shape = {2};
  dataset.size = test ? kTestRows : kTrainEpoch;
  dataset.endless = true;
  // The version rises whenever the rows of a seed change.
  dataset.identity = fmt::format("{}-version1-seed{}-{}", name, seed, test ? "test" : "train");
  if (name == "strokes") {
    fill_strokes(dataset, first, seed);
  } else if (name == "swissroll") {
    fill_swissroll(dataset, first, seed);
  } else if (name == "gaussians8" || name == "gaussians25") {
    fill_gaussians(dataset, first, seed);
  } else {
    const std::string near = nearest_name(name, synthetic_names());
    throw Error(ErrorKind::kUsage, "no synthetic data set is called '" + name + "'",
                near.empty() ? "known are strokes, gaussians8, gaussians25, swissroll"
                             : "did you mean " + near + "?");
  }
  return dataset;
}

}  // namespace wgan
