// The kernel distance equals a double loop over pairs, and is 0 on average between equals.
#include "wgan/metrics/kernel_distance.h"

#include <cmath>
#include <limits>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

TEST(KernelDistance, EqualsTheDoubleLoop) {
  const at::Tensor x = tensor_of(measure_fixtures().at("frechet").at("x"));
  const at::Tensor y = tensor_of(measure_fixtures().at("frechet").at("y"));
  const auto& fixture = measure_fixtures().at("kernel");
  const double truth = fixture.at("mmd2");
  EXPECT_NEAR(mmd2_unbiased(x, y) / truth, 1, 1e-13);
  EXPECT_NEAR(mmd2_unbiased(scrambled_rows(y), scrambled_rows(x)) / truth, 1, 1e-13);
  EXPECT_NEAR(mmd2_unbiased(x.slice(0, 0, 15), x.slice(0, 15)) / fixture.at("same").get<double>(),
              1, 1e-13);
  EXPECT_NEAR(mmd2_unbiased(x.to(torch::kFloat32), y) / truth, 1, 1e-5);
}

// k(a, b) = (ab + 1)^3 on the line: x = {0, 1} gives 1, y = {1, 2} gives 27, across 1, 1, 8, 27.
TEST(KernelDistance, EqualsTheValueByHand) {
  const at::Tensor x = torch::tensor({{0.0}, {1.0}}), y = torch::tensor({{1.0}, {2.0}});
  EXPECT_DOUBLE_EQ(mmd2_unbiased(x, y), 1 + 27 - 2 * (1 + 1 + 8 + 27) / 4.0);
}

// More rows than one block: sums over blocks equal the sum over the whole.
TEST(KernelDistance, DoesNotDependOnTheBlocks) {
  const at::Tensor x = gaussian_rows(1500, 3, 1), y = gaussian_rows(2100, 3, 2) + 0.1;
  const auto kernel = [](const at::Tensor& a, const at::Tensor& b) {
    return (a.mm(b.t()) / 3 + 1).pow(3);
  };
  const at::Tensor within_x = kernel(x, x), within_y = kernel(y, y);
  const double truth = (within_x.sum() - within_x.trace()).item<double>() / (1500.0 * 1499) +
                       (within_y.sum() - within_y.trace()).item<double>() / (2100.0 * 2099) -
                       2 * kernel(x, y).mean().item<double>();
  EXPECT_NEAR(mmd2_unbiased(x, y), truth, 1e-12);
}

TEST(KernelDistance, IsTheMeanOverSubsets) {
  const at::Tensor x = gaussian_rows(300, 8, 3), y = gaussian_rows(240, 8, 4) * 1.2;
  const auto found = kernel_distance(x, y, {.subsets = 20, .subset_size = 60, .seed = 5});
  ASSERT_EQ(found.values.size(), 20u);
  EXPECT_EQ(found.subset_size, 60);
  const at::Tensor values = torch::tensor(found.values, torch::kFloat64);
  EXPECT_NEAR(found.mean, values.mean().item<double>(), 1e-15);
  EXPECT_NEAR(found.deviation, values.std(false).item<double>(), 1e-15);
  // Four subsets of 60 fit side by side in 240 rows.
  EXPECT_NEAR(found.standard_error, values.std(true).item<double>() / 2, 1e-15);
  EXPECT_NEAR(found.mean, mmd2_unbiased(x, y), 3 * found.standard_error);
  const auto fewer = kernel_distance(x, y, {.subsets = 2, .subset_size = 60, .seed = 5});
  EXPECT_EQ(fewer.values[1], found.values[1]);
  EXPECT_NE(found.values[0], found.values[1]);
  EXPECT_NE(kernel_distance(x, y, {.subsets = 2, .subset_size = 60, .seed = 6}).values[0],
            found.values[0]);
}

TEST(KernelDistance, TakesWholeSetsWhereTheyAreSmall) {
  const at::Tensor x = gaussian_rows(30, 4, 6), y = gaussian_rows(40, 4, 7);
  const auto found = kernel_distance(x, y, {.subsets = 3});
  EXPECT_EQ(found.subset_size, 30);
  const auto all = kernel_distance(x, x + 1, {.subsets = 3});
  EXPECT_NEAR(all.mean, mmd2_unbiased(x, x + 1), 1e-13);
  EXPECT_NEAR(all.deviation, 0, 1e-13);
}

// Without bias, unlike the Frechet distance: 0 on average, and below 0 about as often as above.
TEST(KernelDistance, IsZeroOnAverageBetweenEquals) {
  std::vector<double> values;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    values.push_back(
        mmd2_unbiased(gaussian_rows(50, 16, 2 * seed), gaussian_rows(50, 16, 2 * seed + 1)));
  }
  const at::Tensor all = torch::tensor(values, torch::kFloat64);
  EXPECT_LT(std::abs(all.mean().item<double>()), 3 * all.std().item<double>() / std::sqrt(200));
  const double negative = all.lt(0).to(torch::kFloat64).mean().item<double>();
  EXPECT_GT(negative, 0.4);
  EXPECT_LT(negative, 0.8);
}

TEST(KernelDistance, RefusesWhatCannotBeCompared) {
  const at::Tensor x = torch::zeros({4, 3});
  expect_error(ErrorKind::kUsage, "1 row of", [&] { mmd2_unbiased(x.slice(0, 0, 1), x); });
  expect_error(ErrorKind::kUsage, "3 and of 2", [&] { mmd2_unbiased(x, x.slice(1, 0, 2)); });
  expect_error(ErrorKind::kData, "the second features: holds NaN",
               [&] { kernel_distance(x, x + std::numeric_limits<double>::quiet_NaN()); });
  expect_error(ErrorKind::kUsage, "1 subset of 1000",
               [&] { kernel_distance(x, x, {.subsets = 1}); });
  expect_error(ErrorKind::kUsage, "100 subsets of 1 row,",
               [&] { kernel_distance(x, x, {.subset_size = 1}); });
}

}  // namespace
}  // namespace wgan
