// The point clouds against their closed-form moments, the digits against a nearest neighbour.
#include "wgan/data/synthetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/strokes.h"

namespace wgan {
namespace {

using Point = std::array<float, 2>;
using Picture = std::vector<uint8_t>;

Point point(const Dataset& dataset, int64_t row) {
  Point p;
  dataset.read_row(row, std::as_writable_bytes(std::span(p)));
  return p;
}

Picture picture(const Dataset& dataset, int64_t row) {
  Picture pixels(784);
  dataset.read_row(row, std::as_writable_bytes(std::span(pixels)));
  return pixels;
}

TEST(Synthetic, GaussianModesAreThePublishedOnes) {
  const GaussianModes eight = gaussian_modes("gaussians8");
  ASSERT_EQ(eight.centres.size(), 8U);
  EXPECT_FLOAT_EQ(eight.sigma, 0.014144272F);  // .02 / 1.414
  for (const auto& [x, y] : eight.centres) EXPECT_NEAR(std::hypot(x, y), 1.41442716, 1e-6);
  EXPECT_FLOAT_EQ(eight.centres[1][0], 1.00015101F);  // sqrt(2) / 1.414
  const GaussianModes grid = gaussian_modes("gaussians25");
  ASSERT_EQ(grid.centres.size(), 25U);
  EXPECT_FLOAT_EQ(grid.sigma, 0.017680339F);          // .05 / 2.828
  EXPECT_FLOAT_EQ(grid.centres[0][0], -1.41442716F);  // -4 / 2.828
  EXPECT_FLOAT_EQ(grid.centres[24][1], 1.41442716F);
  EXPECT_THROW(gaussian_modes("swissroll"), Error);
}

TEST(Synthetic, GaussianRowsScatterAboutTheModeTheirLabelNames) {
  for (const char* name : {"gaussians8", "gaussians25"}) {
    const Dataset dataset = make_synthetic(name, Split::kTrain, 7);
    const GaussianModes modes = gaussian_modes(name);
    constexpr int kRows = 20'000;
    std::vector<int> counts(modes.centres.size());
    double square = 0, sum = 0;
    for (int64_t row = 0; row < kRows; ++row) {
      const auto label = static_cast<size_t>(dataset.label(row));
      ++counts.at(label);
      const Point p = point(dataset, row);
      for (size_t k = 0; k < 2; ++k) {
        const double z = (p[k] - modes.centres[label][k]) / modes.sigma;
        sum += z, square += z * z;
      }
    }
    EXPECT_NEAR(sum / (2 * kRows), 0, 5 / std::sqrt(2. * kRows)) << name;
    EXPECT_NEAR(square / (2 * kRows), 1, 5 * std::sqrt(2 / (2. * kRows))) << name;
    const double expected = static_cast<double>(kRows) / static_cast<double>(counts.size());
    for (const int count : counts) EXPECT_NEAR(count, expected, 5 * std::sqrt(expected)) << name;
  }
}

TEST(Synthetic, SwissrollLiesOnItsSpiral) {
  const Dataset dataset = make_synthetic("swissroll", Split::kTrain, 7);
  EXPECT_FALSE(dataset.labelled());
  // The radius is t, uniform on [1.5 pi, 4.5 pi], up to the noise of 0.25 a coordinate, so that
  // E |7.5 p|^2 = E t^2 + 2 * 0.25^2, with E t^2 = pi^2 (4.5^3 - 1.5^3) / 9 = 96.2287.
  double square = 0, worst = 0;
  constexpr int kRows = 20'000;
  for (int64_t row = 0; row < kRows; ++row) {
    const auto [px, py] = point(dataset, row);
    const double x = 7.5 * px, y = 7.5 * py, radius = std::hypot(x, y);
    square += radius * radius;
    const double turn = std::remainder(std::atan2(y, x) - radius, 2 * M_PI);
    // Off the spiral by the noise along the radius and along the arc, 0.25 each.
    worst = std::max(worst, std::abs(turn) / std::hypot(.25, .25 / radius));
  }
  EXPECT_NEAR(square / kRows, 96.2287 + .125, 5 * 58 / std::sqrt(1. * kRows));
  EXPECT_LT(worst, 5.5);
}

TEST(Synthetic, RowsDependOnSeedAndRowAlone) {
  for (const std::string& name : synthetic_names()) {
    const Dataset one = make_synthetic(name, Split::kTrain, 1);
    const Dataset again = make_synthetic(name, Split::kTrain, 1);
    const Dataset other = make_synthetic(name, Split::kTrain, 2);
    const Dataset held_out = make_synthetic(name, Split::kTest, 1);
    EXPECT_EQ(one.identity, again.identity);
    EXPECT_NE(one.identity, other.identity);
    EXPECT_NE(one.identity, held_out.identity);
    std::vector<std::byte> a(static_cast<size_t>(one.row_bytes())), b(a);
    again.read_row(17, a);
    one.read_row(3, b);
    EXPECT_NE(a, b) << name;
    one.read_row(17, b);
    EXPECT_EQ(a, b) << name;
    other.read_row(17, b);
    EXPECT_NE(a, b) << name;
    held_out.read_row(17, b);
    EXPECT_NE(a, b) << name;
    one.read_row((int64_t{1} << 40) + 17, a);
    EXPECT_EQ(a, b) << name << ": the test split starts at row 2^40";
  }
}

TEST(Synthetic, RefusesAnUnknownNameWithTheNearestOne) {
  try {
    make_synthetic("stroks", Split::kTrain, 1);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kUsage);
    EXPECT_NE(error.hint().find("strokes"), std::string::npos);
  }
}

TEST(Strokes, AreCentredInkOnBlack) {
  const Dataset dataset = make_synthetic("strokes", Split::kTrain, 3);
  double total = 0;
  for (int64_t row = 0; row < 2000; ++row) {
    const Picture pixels = picture(dataset, row);
    double ink = 0, x_mean = 0, y_mean = 0, border = 0;
    for (int y = 0; y < 28; ++y) {
      for (int x = 0; x < 28; ++x) {
        const double v = pixels[static_cast<size_t>(28 * y + x)];
        ink += v, x_mean += v * (x + .5), y_mean += v * (y + .5);
        if (x == 0 || y == 0 || x == 27 || y == 27) border += v;
      }
    }
    EXPECT_EQ(border, 0) << row;
    EXPECT_EQ(*std::max_element(pixels.begin(), pixels.end()), 255) << row;
    EXPECT_NEAR(x_mean / ink, 14, 3) << row;
    EXPECT_NEAR(y_mean / ink, 14, 3) << row;
    total += ink / 784 / 255;
  }
  EXPECT_NEAR(total / 2000, .13, .04);  // MNIST's pixels have a mean of 0.1307
}

TEST(Strokes, LabelsAreUniform) {
  int counts[10] = {};
  for (int64_t row = 0; row < 10'000; ++row) ++counts[strokes_label(5, row)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

// The labels name what the pictures show: the nearest of 3,000 train rows has a test row's label.
TEST(Strokes, NearestNeighbourReadsHeldOutDigits) {
  const Dataset train = make_synthetic("strokes", Split::kTrain, 3);
  const Dataset test = make_synthetic("strokes", Split::kTest, 3);
  std::vector<Picture> known;
  for (int64_t row = 0; row < 3000; ++row) known.push_back(picture(train, row));
  int right = 0;
  for (int64_t row = 0; row < 200; ++row) {
    const Picture pixels = picture(test, row);
    int64_t nearest = 0;
    int best = std::numeric_limits<int>::max();
    for (size_t k = 0; k < known.size(); ++k) {
      int distance = 0;
      for (size_t i = 0; i < 784; ++i) {
        const int difference = pixels[i] - known[k][i];
        distance += difference * difference;
      }
      if (distance < best) best = distance, nearest = static_cast<int64_t>(k);
    }
    right += train.label(nearest) == test.label(row);
  }
  EXPECT_GE(right, 184);  // 92 %
}

}  // namespace
}  // namespace wgan
