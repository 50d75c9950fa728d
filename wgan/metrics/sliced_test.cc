// Sliced distances beside integrals over all directions of the plane, and closed forms.
#include "wgan/metrics/sliced.h"

#include <cmath>

#include "wgan/metrics/transport_1d.h"
#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

TEST(Sliced, MatchesTheIntegralOverThePlane) {
  for (const auto& example : transport_fixture("sliced")) {
    const at::Tensor x = tensor_of(example.at("x"));
    const at::Tensor y = tensor_of(example.at("y"));
    for (const double order : {1.0, 2.0}) {
      const auto& values = example.at(order == 1 ? "1" : "2");
      const int64_t projections = 200000;
      const double sliced =
          sliced_wasserstein(x, y, {.order = order, .projections = projections, .seed = 3});
      const double error =
          values.at("deviation").get<double>() / std::sqrt(static_cast<double>(projections));
      EXPECT_NEAR(std::pow(sliced, order), std::pow(values.at("sliced").get<double>(), order),
                  3 * error);
    }
  }
}

TEST(Sliced, IsTheDistanceOnTheLine) {
  const at::Tensor x = normal_points(50, 1, 0);
  const at::Tensor y = normal_points(35, 1, 1) + 1;
  for (const double order : {1.0, 1.5, 3.0}) {
    const double exact = wasserstein_1d(x.squeeze(1), y.squeeze(1), order);
    EXPECT_NEAR(sliced_wasserstein(x, y, {.order = order, .projections = 3}), exact, 1e-12);
    EXPECT_NEAR(max_sliced_wasserstein(x, y, {.order = order}).distance, exact, 1e-12);
  }
}

// The directions' second moment is the identity / D, estimated from 20000 directions of variance
// 2 (D - 1) / (D^2 (D + 2)).
TEST(Sliced, OfAShiftIsTheShiftOverTheRootOfTheDimension) {
  const int64_t d = 10;
  const at::Tensor x = normal_points(30, d, 0);
  const at::Tensor shift = normal_points(1, d, 1);
  const double sliced = sliced_wasserstein(x, x + shift, {.projections = 20000});
  const double error = std::sqrt(2.0 * (d - 1) / (d * d * (d + 2)) / 20000);
  EXPECT_NEAR(sliced * sliced / shift.square().sum().item<double>(), 1.0 / d, 3 * error);
}

TEST(Sliced, ReturnsTheSameForTheSameSeedAlone) {
  const at::Tensor x = normal_points(20, 5, 0);
  const at::Tensor y = normal_points(20, 5, 1);
  const double first = sliced_wasserstein(x, y, {.projections = 50, .seed = 1});
  EXPECT_EQ(sliced_wasserstein(x, y, {.projections = 50, .seed = 1}), first);
  EXPECT_NE(sliced_wasserstein(x, y, {.projections = 50, .seed = 2}), first);
  EXPECT_EQ(sliced_wasserstein(x, x), 0);
}

// 30000 points take several blocks of directions.
TEST(Sliced, DoesNotDependOnTheBlocks) {
  const at::Tensor x = normal_points(30000, 2, 0);
  const at::Tensor y = normal_points(20000, 2, 1) + 1;
  double sum = 0;
  for (const at::Tensor& part : {x.narrow(0, 0, 1), x.narrow(0, 1, 1)}) {
    sum += std::pow(sliced_wasserstein(part, part + 2, {.projections = 300}), 2) / 2;
  }
  EXPECT_NEAR(sum,
              std::pow(sliced_wasserstein(torch::zeros({30000, 2}), torch::full({20000, 2}, 2),
                                          {.projections = 300}),
                       2),
              1e-12);
  EXPECT_GT(sliced_wasserstein(x, y, {.projections = 300}), 0.9);
}

TEST(MaxSliced, MatchesTheFinestGridOfThePlane) {
  for (const auto& example : transport_fixture("sliced")) {
    const at::Tensor x = tensor_of(example.at("x"));
    const at::Tensor y = tensor_of(example.at("y"));
    for (const double order : {1.0, 2.0}) {
      const double wanted = example.at(order == 1 ? "1" : "2").at("max_sliced").get<double>();
      const MaxSliced found = max_sliced_wasserstein(x, y, {.order = order});
      EXPECT_NEAR(found.distance, wanted, 1e-9);
      EXPECT_NEAR(found.direction.norm().item<double>(), 1, 1e-14);
      EXPECT_NEAR(wasserstein_1d(x.mv(found.direction), y.mv(found.direction), order),
                  found.distance, 1e-12);
    }
  }
}

TEST(MaxSliced, OfAShiftIsTheShift) {
  const at::Tensor x = normal_points(40, 30, 0);
  const at::Tensor shift = normal_points(1, 30, 1);
  for (const double order : {1.0, 2.0}) {
    const MaxSliced found = max_sliced_wasserstein(x, x + shift, {.order = order});
    EXPECT_NEAR(found.distance, shift.norm().item<double>(), 1e-12);
  }
}

// Without a difference of the means: only the direction that was stretched tells them apart.
TEST(MaxSliced, FindsTheDirectionThatWasStretched) {
  const at::Tensor half = normal_points(50, 20, 0);
  const at::Tensor x = torch::cat({half, -half});
  at::Tensor y = x.clone();
  y.select(1, 7) *= 5;
  const MaxSliced found = max_sliced_wasserstein(x, y);
  EXPECT_GE(found.distance, wasserstein_1d(x.select(1, 7), y.select(1, 7), 2) - 1e-9);
  EXPECT_GT(found.direction[7].abs().item<double>(), 0.99);
  EXPECT_LE(found.distance, wasserstein(x, y, 2) + 1e-12);
}

TEST(Sliced, RefusesWhatDoesNotFit) {
  const at::Tensor x = normal_points(4, 2, 0);
  expect_error(ErrorKind::kUsage, [&] { sliced_wasserstein(x, x, {.order = 0.5}); });
  expect_error(ErrorKind::kUsage, [&] { sliced_wasserstein(x, x, {.projections = 0}); });
  expect_error(ErrorKind::kUsage, [&] { sliced_wasserstein(x, normal_points(4, 3, 0)); });
  expect_error(ErrorKind::kData, [&] { sliced_wasserstein(x, x / 0); });
  expect_error(ErrorKind::kUsage, [&] { max_sliced_wasserstein(x, x, {.restarts = 0}); });
  expect_error(ErrorKind::kUsage, [&] { max_sliced_wasserstein(x, x, {.iterations = 0}); });
}

}  // namespace
}  // namespace wgan
