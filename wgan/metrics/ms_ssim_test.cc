// MS-SSIM equals SciPy's filters at every number of scales, and behaves as a similarity.
#include "wgan/metrics/ms_ssim.h"

#include <cmath>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

// The picture that oracle/measures.py makes: [1, H, W, C] int64 in 0 .. 255.
at::Tensor picture(int64_t height, int64_t width, int64_t channels, int64_t a, int64_t b) {
  const at::Tensor i = torch::arange(height).view({1, -1, 1, 1});
  const at::Tensor j = torch::arange(width).view({1, 1, -1, 1});
  const at::Tensor c = torch::arange(channels).view({1, 1, 1, -1});
  const at::Tensor mixed = (i * j * (c + 1)).floor_divide(5);
  return (a * i * i + b * i * j + 7 * j + 40 * c + mixed).floor_divide(8).remainder(256);
}

at::Tensor noise(at::IntArrayRef shape, uint64_t seed) {
  at::Tensor values = torch::empty(shape);
  fill_uniform({.seed = seed}, {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return (values * 256).floor().to(torch::kUInt8);
}

TEST(MsSsim, EqualsSciPysFilters) {
  for (const auto& fixture : measure_fixtures().at("ms_ssim")) {
    const int64_t height = fixture.at("height"), width = fixture.at("width");
    const int64_t channels = fixture.at("channels");
    SCOPED_TRACE(testing::Message() << height << "x" << width << "x" << channels);
    const at::Tensor x = picture(height, width, channels, 1, 3);
    const at::Tensor y = (3 * x + picture(height, width, channels, 2, 3)).floor_divide(4);
    const Similarities found = ms_ssim(x.to(torch::kUInt8), y.to(torch::kUInt8));
    EXPECT_EQ(found.scales, fixture.at("scales").get<int64_t>());
    EXPECT_NEAR(found.values.item<double>(), fixture.at("value").get<double>(), 1e-12);
  }
}

TEST(MsSsim, UsesTheScalesThatTheSizeAllows) {
  for (const auto& [side, scales] : {std::pair<int64_t, int64_t>{10, 0},
                                     {11, 1},
                                     {20, 1},
                                     {21, 2},
                                     {32, 2},
                                     {40, 2},
                                     {41, 3},
                                     {64, 3},
                                     {80, 3},
                                     {81, 4},
                                     {128, 4},
                                     {160, 4},
                                     {161, 5},
                                     {1024, 5}}) {
    EXPECT_EQ(ms_ssim_scales(side, 2 * side), scales) << side;
    EXPECT_EQ(ms_ssim_scales(2 * side, side), scales) << side;
  }
}

TEST(MsSsim, IsOneForEqualImagesSymmetricAndZeroForInvertedOnes) {
  const at::Tensor x = noise({3, 32, 40, 3}, 1), y = noise({3, 32, 40, 3}, 2);
  EXPECT_LT((ms_ssim(x, x).values - 1).abs().max().item<double>(), 1e-12);
  EXPECT_LT((ms_ssim(x, y).values - ms_ssim(y, x).values).abs().max().item<double>(), 1e-14);
  EXPECT_LT(ms_ssim(x, y).values.max().item<double>(), 0.1);
  EXPECT_EQ(ms_ssim(x, 255 - x).values.max().item<double>(), 0);
}

TEST(MsSsim, DoesNotDependOnTheBlocks) {
  const at::Tensor x = noise({7, 300, 300, 3}, 3);  // one pair is half a block
  const at::Tensor y = (x / 2).to(torch::kUInt8);
  const Similarities together = ms_ssim(x, y);
  for (int64_t i = 0; i < 7; ++i) {
    EXPECT_NEAR(ms_ssim(x.slice(0, i, i + 1), y.slice(0, i, i + 1)).values.item<double>(),
                together.values[i].item<double>(), 1e-13);
  }
  EXPECT_EQ(ms_ssim(x.slice(0, 0, 0), y.slice(0, 0, 0)).values.size(0), 0);
}

TEST(MsSsim, OfPairsTellsCollapseFromDiversity) {
  const at::Tensor diverse = noise({40, 28, 28, 1}, 4);
  const at::Tensor collapsed = diverse.slice(0, 0, 1).repeat({40, 1, 1, 1}) / 2 + diverse / 16;
  const MsSsimDiversity low = ms_ssim_diversity(diverse, {.pairs = 200, .seed = 1});
  const MsSsimDiversity high =
      ms_ssim_diversity(collapsed.to(torch::kUInt8), {.pairs = 200, .seed = 1});
  EXPECT_LT(low.mean, 0.2);
  EXPECT_GT(high.mean, 0.9);
  EXPECT_EQ(low.scales, 2);
  EXPECT_NEAR(low.mean, low.values.mean().item<double>(), 1e-15);
  EXPECT_NEAR(low.standard_error, low.deviation / std::sqrt(199), 1e-15);
  EXPECT_TRUE(
      ms_ssim_diversity(diverse, {.pairs = 9, .seed = 1}).values.equal(low.values.slice(0, 0, 9)));
  EXPECT_FALSE(
      ms_ssim_diversity(diverse, {.pairs = 9, .seed = 2}).values.equal(low.values.slice(0, 0, 9)));
}

// No image is paired with itself: two images have one pair, whose value is known.
TEST(MsSsim, PairsDifferentImages) {
  const at::Tensor two = noise({2, 16, 16, 1}, 5);
  const MsSsimDiversity found = ms_ssim_diversity(two, {.pairs = 20});
  const double truth = ms_ssim(two.slice(0, 0, 1), two.slice(0, 1)).values.item<double>();
  EXPECT_NEAR(found.values.min().item<double>(), truth, 1e-14);
  EXPECT_NEAR(found.values.max().item<double>(), truth, 1e-14);
}

TEST(MsSsim, RefusesWhatAreNoImagesOrTooSmall) {
  const at::Tensor x = noise({2, 16, 16, 1}, 6);
  expect_error(ErrorKind::kUsage, "16x10 pixels, wanted at least 11",
               [&] { ms_ssim(x.slice(1, 0, 10), x.slice(1, 0, 10)); });
  expect_error(ErrorKind::kUsage, "uint8 [N, H, W, C]",
               [&] { ms_ssim(x.to(torch::kFloat32), x.to(torch::kFloat32)); });
  expect_error(ErrorKind::kUsage, "uint8 [N, H, W, C]", [&] { ms_ssim_diversity(x[0]); });
  expect_error(ErrorKind::kUsage, "wanted one shape", [&] { ms_ssim(x, x.slice(0, 0, 1)); });
  expect_error(ErrorKind::kUsage, "1000 pairs of 1 image,",
               [&] { ms_ssim_diversity(x.slice(0, 0, 1)); });
  expect_error(ErrorKind::kUsage, "1 pair of", [&] { ms_ssim_diversity(x, {.pairs = 1}); });
}

}  // namespace
}  // namespace wgan
