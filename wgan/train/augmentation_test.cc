// The changes are those published, affine, and their adjoints exact.
#include "wgan/train/augmentation.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr Augment kAll{.flip = true, .color = true, .translation = true, .cutout = true};

at::Tensor draws_of(const Augment& augment, double strength, const Shape& sample, int64_t rows,
                    PixelRange range = PixelRange::kSigned) {
  return augment_draws(augment, strength, sample, range, {3, Stream::kAugment, 0, 0}, rows);
}

// What changes nothing, to be changed by a test: flip, brightness, saturation, contrast, down,
// right, top, left of the hole.
at::Tensor one_draw(std::vector<double> values) {
  return torch::tensor(values, torch::kFloat32).view({1, kAugmentDraws});
}
const std::vector<double> kNothing{0, 0, 1, 1, 0, 0, 1e6, 1e6};

at::Tensor changed(size_t which, double value, const at::Tensor& x, const Augment& augment = kAll) {
  std::vector<double> values = kNothing;
  values[which] = value;
  if (which == 6) values[7] = 0;
  return augmented(augment, x, one_draw(values));
}

TEST(Augmentation, NeutralDrawsAndNoDrawsChangeNothing) {
  const at::Tensor x = random_batch({3, 5, 6}, 1, 1, torch::kFloat64);
  EXPECT_TRUE(torch::allclose(augmented(kAll, x, one_draw(kNothing)), x, 1e-14, 1e-14));
  EXPECT_TRUE(bits_equal(augmented(kAll, x, {}), x));
  EXPECT_TRUE(
      torch::allclose(augmented(kAll, x, draws_of(kAll, 0, {3, 5, 6}, 1)), x, 1e-14, 1e-14));
}

TEST(Augmentation, ChangesColorsAsPublished) {
  const at::Tensor x = random_batch({3, 5, 6}, 1, 1, torch::kFloat64);
  const auto same = [](const at::Tensor& a, const at::Tensor& b) {
    return torch::allclose(a, b, 1e-12, 1e-12);
  };
  EXPECT_TRUE(same(changed(1, 0.25, x), x + 0.25));
  const at::Tensor grey = x.mean({1}, true), mean = x.mean({1, 2, 3}, true);
  EXPECT_TRUE(same(changed(2, 0.5, x), (x - grey) * 0.5 + grey));
  EXPECT_TRUE(same(changed(3, 1.25, x), (x - mean) * 1.25 + mean));
}

TEST(Augmentation, MovesCutsAndFlipsWholePixels) {
  const at::Tensor x = torch::arange(1, 17, torch::kFloat64).view({1, 1, 4, 4});
  // The pixel one further down and two further right comes here; zeros come in.
  at::Tensor moved = torch::zeros_like(x);
  moved.slice(2, 0, 3).copy_(x.slice(2, 1, 4));
  EXPECT_TRUE(bits_equal(changed(4, 1, x), moved));
  moved.zero_().slice(3, 2, 4).copy_(x.slice(3, 0, 2));
  EXPECT_TRUE(bits_equal(changed(5, -2, x), moved));
  EXPECT_TRUE(bits_equal(changed(0, 1, x), x.flip(3)));
  at::Tensor cut = x.clone();
  cut.slice(2, 0, 1).slice(3, 0, 2).zero_();  // of a 2x2 square whose upper half is outside
  EXPECT_TRUE(bits_equal(changed(6, -1, x), cut));
}

TEST(Augmentation, LeavesAlphaItsColorsAndConditionsAltogether) {
  const at::Tensor x = random_batch({6, 8, 8}, 7, 1, torch::kFloat64);
  Augment augment{.color = true, .conditions = 2};
  const at::Tensor draws = draws_of(augment, 1, {4, 8, 8}, 7);
  const at::Tensor y = augmented(augment, x, draws);
  EXPECT_TRUE(bits_equal(y.slice(1, 3), x.slice(1, 3)));
  EXPECT_FALSE(bits_equal(y.slice(1, 0, 3), x.slice(1, 0, 3)));
  augment.color = false, augment.translation = augment.cutout = true;
  const at::Tensor z = augmented(augment, x, draws_of(augment, 1, {4, 8, 8}, 7));
  EXPECT_TRUE(bits_equal(z.slice(1, 4), x.slice(1, 4)));
  EXPECT_FALSE(bits_equal(z.slice(1, 3, 4), x.slice(1, 3, 4)));
}

TEST(Augmentation, AdjointAndTangentAreThoseOfTheMap) {
  for (const Shape& shape : {Shape{1, 9, 8}, Shape{3, 12, 7}, Shape{4, 8, 8}, Shape{6, 5, 5}}) {
    Augment augment = kAll;
    if (shape[0] == 6) augment.conditions = 2;
    const int64_t rows = 40;
    const Shape sample{shape[0] - augment.conditions, shape[1], shape[2]};
    const at::Tensor draws = draws_of(augment, 0.7, sample, rows);
    const at::Tensor x = random_batch(shape, rows, 1, torch::kFloat64);
    const at::Tensor t = random_batch(shape, rows, 2, torch::kFloat64);
    const at::Tensor d = random_batch(shape, rows, 3, torch::kFloat64);
    const at::Tensor along = augmented_tangent(augment, t, draws);
    const at::Tensor difference = augmented(augment, x + t, draws) - augmented(augment, x, draws);
    EXPECT_LE(relative_error(along, difference), 1e-13);
    // Row by row: <A t, d> = <t, A^T d>.
    const at::Tensor left = (along * d).flatten(1).sum({1});
    const at::Tensor right = (t * augmented_adjoint(augment, d, draws)).flatten(1).sum({1});
    EXPECT_LE(relative_error(right, left), 1e-12);
    const at::Tensor leaf = x.clone().requires_grad_(true);
    (augmented(augment, leaf, draws) * d).sum().backward();
    EXPECT_LE(relative_error(augmented_adjoint(augment, d, draws), leaf.grad()), 1e-12);
  }
}

TEST(Augmentation, DrawsHaveThePublishedRanges) {
  constexpr int64_t kRows = 20'000;
  const at::Tensor all = draws_of(kAll, 1, {3, 32, 64}, kRows).to(torch::kFloat64);
  const auto expect_range = [&](int64_t column, double low, double high, double mean) {
    const at::Tensor values = all.select(1, column);
    EXPECT_GE(values.min().item<double>(), low) << column;
    EXPECT_LE(values.max().item<double>(), high) << column;
    EXPECT_NEAR(values.min().item<double>(), low, 0.01) << column;
    EXPECT_NEAR(values.max().item<double>(), high, 0.01) << column;
    EXPECT_NEAR(values.mean().item<double>(), mean, 0.02 * (high - low)) << column;
  };
  expect_range(0, 0, 1, 0.5);
  expect_range(1, -0.5, 0.5, 0);
  expect_range(2, 0, 2, 1);
  expect_range(3, 0.5, 1.5, 1);
  expect_range(4, -4, 4, 0);  // an eighth of 32
  expect_range(5, -8, 8, 0);
  expect_range(6, -8, 24, 8);  // the centre from 0 to 32, less half a square of 16
  expect_range(7, -16, 48, 16);
  // In [0, 1] the range is half as wide, and so is the change of brightness.
  const at::Tensor unit = draws_of(kAll, 1, {3, 32, 64}, kRows, PixelRange::kUnit).select(1, 1);
  EXPECT_NEAR(unit.abs().max().item<double>(), 0.25, 0.01);
}

TEST(Augmentation, StrengthIsTheShareOfPicturesThatAreChanged) {
  const at::Tensor some = draws_of(kAll, 0.3, {3, 32, 64}, 20'000);
  const auto share = [](const at::Tensor& which) {
    return which.to(torch::kFloat64).mean().item<double>();
  };
  EXPECT_NEAR(share(some.select(1, 0) > 0), 0.15, 0.01);  // half of the flips are none
  EXPECT_NEAR(share(some.select(1, 2) != 1), 0.3, 0.01);
  EXPECT_NEAR(share(some.select(1, 6) < 1e5), 0.3, 0.01);
  // Each kind for itself: one that is not asked for changes nothing of the others.
  const at::Tensor color = draws_of({.color = true}, 0.3, {3, 32, 64}, 20'000);
  EXPECT_TRUE(bits_equal(color.slice(1, 1, 4), some.slice(1, 1, 4)));
  EXPECT_TRUE((color.select(1, 4) == 0).all().item<bool>());
}

TEST(Augmentation, IsReadFromNames) {
  EXPECT_FALSE(parse_augment("none").any());
  const Augment some = parse_augment("cutout,color");
  EXPECT_TRUE(some.cutout && some.color && !some.flip && !some.translation);
  for (const char* bad : {"", "colour", "color,,flip", "color flip", "none,color"}) {
    expect_error(ErrorKind::kUsage, "--augment", [&] { parse_augment(bad); });
  }
}

}  // namespace
}  // namespace wgan
