// Divergences between densities equal closed forms and SciPy's integrals within the stated error.
#include "wgan/metrics/density_divergence.h"

#include <cmath>
#include <numbers>

#include "wgan/metrics/divergence.h"
#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

LogDensity gaussian(double mean, double deviation) {
  return [=](double x) {
    const double z = (x - mean) / deviation;
    return -z * z / 2 - std::log(deviation * std::sqrt(2 * std::numbers::pi));
  };
}

LogDensity uniform(double low, double high) {
  return [=](double x) { return x < low || x > high ? -kInfinity : -std::log(high - low); };
}

double cauchy(double x) { return -std::log(std::numbers::pi) - std::log1p(x * x); }
double laplace(double x) { return -std::abs(x) - std::numbers::ln2; }

void expect_close(const Estimate& found, double truth) {
  EXPECT_LE(std::abs(found.value - truth), found.error) << found.value << " for " << truth;
  EXPECT_LE(found.error, 1e-8);
}

TEST(DensityDivergence, EqualsTheClosedFormForGaussians) {
  const auto found = density_divergences(gaussian(0, 1), gaussian(1, 2));
  expect_close(found.kl, gaussian_kl(0, 1, 1, 4));
  expect_close(found.reverse_kl, gaussian_kl(1, 4, 0, 1));
  const auto far = density_divergences(gaussian(300, 5), gaussian(400, 10), {.points = {300, 400}});
  EXPECT_NEAR(far.kl.value, gaussian_kl(300, 25, 400, 100), 1e-6);
  EXPECT_NEAR(far.reverse_kl.value, gaussian_kl(400, 100, 300, 25), 1e-6);
}

// Two Gaussians of deviation s whose means are 2 a s apart: the total variation is erf(a / sqrt 2).
TEST(DensityDivergence, EqualsTheClosedFormForTheTotalVariation) {
  const auto found = density_divergences(gaussian(-0.5, 2), gaussian(1.5, 2));
  expect_close(found.total_variation, std::erf(0.5 / std::numbers::sqrt2));
}

TEST(DensityDivergence, EqualsSciPy) {
  const auto& fixtures = measure_fixtures().at("densities");
  const auto student = [](double x) {  // 3 degrees of freedom
    return std::log(2 / (std::numbers::pi * std::sqrt(3))) - 2 * std::log1p(x * x / 3);
  };
  const auto beta = [](double a, double b) {
    return
        [=](double x) { return std::log(12) + (a - 1) * std::log(x) + (b - 1) * std::log1p(-x); };
  };
  const auto check = [](const nlohmann::json& fixture, const DensityDivergences& found) {
    EXPECT_NEAR(found.kl.value, fixture.at("kl").get<double>(), 2e-9);
    EXPECT_NEAR(found.js.value, fixture.at("js").get<double>(), 2e-9);
    EXPECT_NEAR(found.total_variation.value, fixture.at("total_variation").get<double>(), 2e-9);
  };
  check(fixtures.at("gaussians"), density_divergences(gaussian(0, 1), gaussian(1, 2)));
  check(fixtures.at("student_and_gaussian"), density_divergences(gaussian(0.5, 1), student));
  check(fixtures.at("beta"),
        density_divergences(beta(2, 3), beta(3, 2), {.lower = 0, .upper = 1, .points = {}}));
  check(fixtures.at("far"),
        density_divergences(gaussian(300, 5), gaussian(320, 10), {.points = {300, 320}}));
}

TEST(DensityDivergence, IsRightForDisjointAndNestedSupports) {
  const auto apart = density_divergences(uniform(0, 1), uniform(3, 4), {.points = {0, 1, 3, 4}});
  EXPECT_EQ(apart.kl.value, kInfinity);
  EXPECT_EQ(apart.reverse_kl.value, kInfinity);
  EXPECT_NEAR(apart.js.value, std::numbers::ln2, 1e-12);
  EXPECT_NEAR(apart.total_variation.value, 1, 1e-12);
  // Jumps that no point tells of are found too.
  const auto nested = density_divergences(uniform(0, 1), uniform(-0.3, 1.7));
  EXPECT_NEAR(nested.kl.value, std::numbers::ln2, 1e-9);
  EXPECT_EQ(nested.reverse_kl.value, kInfinity);
  EXPECT_NEAR(nested.total_variation.value, 0.5, 1e-9);
}

TEST(DensityDivergence, KnowsTailsThatMakeItInfinite) {
  const auto heavy = density_divergences(cauchy, gaussian(0, 1));
  EXPECT_EQ(heavy.kl.value, kInfinity);
  EXPECT_LT(heavy.reverse_kl.value, 1);
  EXPECT_EQ(density_divergences(cauchy, laplace).kl.value, kInfinity);  // falls as 1 / |x|
  // KL between Cauchy densities of scales 1 and 2 is log((1 + 2)^2 / (4 * 2)).
  const auto wide = [](double x) { return cauchy(x / 2) - std::numbers::ln2; };
  const auto both = density_divergences(cauchy, wide);
  EXPECT_NEAR(both.kl.value, std::log(9.0 / 8), 2e-9);
  EXPECT_NEAR(both.reverse_kl.value, std::log(9.0 / 8), 2e-9);
  // Light tails, of which one falls beyond what a double holds.
  const auto quartic = [](double x) { return -std::pow(x, 4) - std::log(2 * std::tgamma(1.25)); };
  const auto sextic = [](double x) { return -std::pow(x, 6) - std::log(2 * std::tgamma(7.0 / 6)); };
  const double sixth_moment = std::tgamma(7.0 / 4) / std::tgamma(1.0 / 4);
  const double entropy = 0.25 + std::log(2 * std::tgamma(1.25));
  EXPECT_NEAR(density_divergences(quartic, sextic).kl.value,
              sixth_moment + std::log(2 * std::tgamma(7.0 / 6)) - entropy, 1e-9);
}

TEST(DensityDivergence, IsZeroForOneDensityAndSymmetric) {
  const auto same = density_divergences(laplace, laplace);
  EXPECT_EQ(same.kl.value, 0);
  EXPECT_EQ(same.total_variation.value, 0);
  EXPECT_NEAR(same.js.value, 0, 1e-15);
  const auto one = density_divergences(laplace, gaussian(1, 1));
  const auto other = density_divergences(gaussian(1, 1), laplace);
  EXPECT_DOUBLE_EQ(one.kl.value, other.reverse_kl.value);
  EXPECT_DOUBLE_EQ(one.js.value, other.js.value);
}

TEST(DensityDivergence, RefusesAPeakThatItMissed) {
  const LogDensity narrow = gaussian(1000, 1e-3);
  expect_error(ErrorKind::kData, "density q integrates to 0",
               [&] { density_divergences(gaussian(0, 1), narrow); });
  const auto found =
      density_divergences(gaussian(0, 1), narrow, {.points = {-1, 0, 1, 999.99, 1000, 1000.01}});
  EXPECT_NEAR(found.total_variation.value, 1, 1e-9);
}

TEST(DensityDivergence, RefusesWhatIsNoDensityAndWhatDoesNotConverge) {
  const LogDensity normal = gaussian(0, 1);
  expect_error(ErrorKind::kData, "density p integrates to 2",
               [&] { density_divergences([](double x) { return -std::abs(x); }, normal); });
  expect_error(ErrorKind::kData, "nan at -",
               [&] { density_divergences([](double x) { return std::log(x); }, normal); });
  expect_error(ErrorKind::kUsage, "lower bound below the upper",
               [&] { density_divergences(normal, normal, {.lower = 1, .upper = 1}); });
  expect_error(ErrorKind::kUsage, "not finite",
               [&] { density_divergences(normal, normal, {.points = {kInfinity}}); });
  expect_error(ErrorKind::kUsage, "positive tolerance",
               [&] { density_divergences(normal, normal, {.tolerance = 0}); });
  expect_error(ErrorKind::kData, "still off by", [&] {
    density_divergences(normal, gaussian(1, 2), {.tolerance = 1e-12, .evaluations = 500});
  });
  // q falls as exp(-1 / x) to 0: p log(p / q) has a pole of 1 / x there, and KL is infinite.
  const auto pole = [](double x) { return -1 / x - std::log(0.148495506775922); };
  expect_error(ErrorKind::kData, "may be infinite", [&] {
    density_divergences(uniform(0, 1), pole, {.lower = 0, .upper = 1, .points = {}});
  });
}

}  // namespace
}  // namespace wgan
