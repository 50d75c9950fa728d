// Lines lie where their points are.
#include "wgan/run/picture.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <array>

namespace wgan {
namespace {

std::array<int, 3> pixel(const Image& image, int64_t x, int64_t y) {
  const auto at = static_cast<size_t>((y * image.width + x) * 3);
  return {image.pixels[at], image.pixels[at + 1], image.pixels[at + 2]};
}

constexpr std::array<int, 3> kWhite{255, 255, 255};

// The frame is [0, 10] x [1e9, 1e9 + 10] with a tenth of it on each side: one unit is 512/12
// pixels, and 0 lies a unit from the edge.
TEST(LinePlot, DrawsLinesFromBlueToOrangeOverGreyPoints) {
  const double far = 1e9;  // which float32 would round to 64
  const auto points = [&](std::vector<double> numbers) {
    const at::Tensor rows = torch::tensor(numbers, torch::kFloat64).view({-1, 2});
    return rows + torch::tensor({0.0, far}, torch::kFloat64);
  };
  const at::Tensor lines =
      torch::stack({points({0, 0, 10, 0}), points({0, 10, 10, 10})});  // bottom, top
  const Image image = line_plot(points({5, 5}), lines);
  const auto place = [](double unit) { return static_cast<int64_t>((unit + 1) * 512 / 12); };
  const auto bottom = pixel(image, place(5), place(10)), top = pixel(image, place(5), place(0));
  EXPECT_GT(bottom[2], bottom[0]) << "blue";
  EXPECT_LT(bottom[0], 60);
  EXPECT_GT(top[0], bottom[0]) << "half way to orange";
  EXPECT_NE(pixel(image, place(5), place(5)), kWhite);
  EXPECT_EQ(pixel(image, place(3), place(5)), kWhite);
  EXPECT_EQ(pixel(image, place(-0.5), place(0)), kWhite) << "lines end where they end";
  EXPECT_NE(pixel(image, place(0.2), place(0)), kWhite);
}

TEST(LinePlot, DrawsALineOfOnePoint) {
  const Image image = line_plot(torch::empty({0, 2}), torch::zeros({1, 1, 2}));
  EXPECT_NE(pixel(image, 256, 256), kWhite);
  EXPECT_EQ(pixel(image, 10, 10), kWhite);
}

}  // namespace
}  // namespace wgan
