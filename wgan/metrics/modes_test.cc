// Counts of modes by hand, divergences by SciPy.
#include "wgan/metrics/modes.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

at::Tensor labels(std::vector<int64_t> values) { return torch::tensor(values, torch::kLong); }

TEST(Modes, EqualSciPysDivergence) {
  const auto& fixture = measure_fixtures().at("modes");
  const std::vector<double> data = fixture.at("data");
  const ModeCoverage found =
      mode_coverage(labels(fixture.at("classes").get<std::vector<int64_t>>()), data);
  EXPECT_EQ(found.modes, 10);
  EXPECT_EQ(found.found, fixture.at("hit").get<int64_t>());
  EXPECT_NEAR(found.kl, fixture.at("kl").get<double>(), 1e-14);
  EXPECT_DOUBLE_EQ(found.kl_by_chance, 9.0 / 400);
}

TEST(Modes, AreCountedAsHeldByTheData) {
  const std::vector<double> data = {1, 0, 1, 2};
  const ModeCoverage inside = mode_coverage(labels({3, 3, 0}), data);
  EXPECT_EQ(inside.modes, 3);
  EXPECT_EQ(inside.found, 2);
  EXPECT_EQ(inside.histogram, (std::vector<double>{1, 0, 0, 2}));
  EXPECT_DOUBLE_EQ(inside.kl, std::log(4.0 / 3));
  const ModeCoverage outside = mode_coverage(labels({1, 3}), data);
  EXPECT_EQ(outside.found, 1);
  EXPECT_EQ(outside.kl, std::numeric_limits<double>::infinity());
  EXPECT_LT(outside.js, std::numbers::ln2);
}

// One mode out of 1000 is log 1000 away from uniform; all modes alike are 0 away.
TEST(Modes, ReachTheirBoundsOnStackedDigits) {
  const std::vector<double> uniform(1000, 1);
  const ModeCoverage collapsed = mode_coverage(torch::full({26'000}, 123, torch::kLong), uniform);
  EXPECT_EQ(collapsed.found, 1);
  EXPECT_NEAR(collapsed.kl, std::log(1000), 1e-12);
  const ModeCoverage perfect = mode_coverage(torch::arange(26'000).remainder(1000), uniform);
  EXPECT_EQ(perfect.found, 1000);
  EXPECT_NEAR(perfect.kl, 0, 1e-13);
}

TEST(Modes, OfAPerfectGeneratorAreOffByChanceAsSaid) {
  const std::vector<double> uniform(1000, 1);
  std::vector<int64_t> drawn;
  for (uint64_t i = 0; i < 26'000; ++i) drawn.push_back(Draws({.index = i}).below(1000));
  const ModeCoverage found = mode_coverage(labels(drawn), uniform);
  EXPECT_EQ(found.found, 1000);
  EXPECT_NEAR(found.kl, found.kl_by_chance, 0.15 * found.kl_by_chance);
}

TEST(Modes, ComeFromProbabilitiesAndFromDigits) {
  const at::Tensor probabilities = torch::tensor({{0.1, 0.7, 0.2}, {0.5, 0.25, 0.25}});
  EXPECT_TRUE(most_probable_classes(probabilities).equal(labels({1, 0})));
  const at::Tensor digits = labels({3, 2, 1, 0, 0, 9}).view({2, 3});
  EXPECT_TRUE(stacked_classes(digits).equal(labels({123, 900})));
  EXPECT_TRUE(stacked_classes(labels({1, 1}).view({1, 2}), 2).equal(labels({3})));
}

TEST(Modes, RefuseWhatIsNoClass) {
  const std::vector<double> two = {1, 1}, none, empty = {0, 0};
  expect_error(ErrorKind::kData, "from 0 to 2, wanted 0 to 1", [&] {
    mode_coverage(labels({0, 2}), two);
  });
  expect_error(ErrorKind::kData, "from -1", [&] { mode_coverage(labels({-1}), two); });
  expect_error(ErrorKind::kUsage, "classes want int64",
               [&] { mode_coverage(torch::zeros({3}), two); });
  expect_error(ErrorKind::kUsage, "classes want", [&] { mode_coverage(labels({}), two); });
  expect_error(ErrorKind::kUsage, "one class", [&] { mode_coverage(labels({0}), none); });
  expect_error(ErrorKind::kData, "sum to 0", [&] { mode_coverage(labels({0}), empty); });
  expect_error(ErrorKind::kData, "digits from 0 to 10", [&] {
    stacked_classes(labels({0, 10}).view({1, 2}));
  });
  expect_error(ErrorKind::kUsage, "digits want", [&] { stacked_classes(labels({0, 1})); });
  expect_error(ErrorKind::kUsage, "wanted [N, D]", [&] { most_probable_classes(labels({0, 1})); });
}

}  // namespace
}  // namespace wgan
