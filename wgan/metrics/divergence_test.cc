// Divergences equal SciPy's and closed forms, and are right where they are infinite or 0.
#include "wgan/metrics/divergence.h"

#include <cmath>
#include <numbers>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

using Weights = std::vector<double>;

TEST(HistogramDivergence, EqualsSciPy) {
  for (const auto& fixture : measure_fixtures().at("histograms")) {
    const Weights p = fixture.at("p"), q = fixture.at("q");
    EXPECT_NEAR(kl_divergence(p, q), fixture.at("kl").get<double>(), 1e-14);
    EXPECT_NEAR(js_divergence(p, q), fixture.at("js").get<double>(), 1e-14);
    EXPECT_NEAR(total_variation(p, q), fixture.at("total_variation").get<double>(), 1e-14);
  }
}

TEST(HistogramDivergence, IsRightWhereSupportsAreDisjoint) {
  const Weights p = {0.1, 0.7, 0, 0, 0.3}, q = {0, 0, 3, 0.7, 0};
  EXPECT_EQ(kl_divergence(p, q), kInfinity);
  EXPECT_EQ(js_divergence(p, q), std::numbers::ln2);
  EXPECT_DOUBLE_EQ(total_variation(p, q), 1);
}

TEST(HistogramDivergence, IsInfiniteOnlyWhereTheSecondLacksABin) {
  const Weights narrow = {1, 1, 0}, wide = {1, 1, 2};
  EXPECT_DOUBLE_EQ(kl_divergence(narrow, wide), std::numbers::ln2);
  EXPECT_EQ(kl_divergence(wide, narrow), kInfinity);
}

TEST(HistogramDivergence, IsExactlyZeroForEqualHistogramsOfAnyScale) {
  const Weights p = {0.1, 0.3, 0, 7, 1e-9}, twice = {0.2, 0.6, 0, 14, 2e-9};
  EXPECT_EQ(kl_divergence(p, twice), 0);
  EXPECT_EQ(js_divergence(p, twice), 0);
  EXPECT_EQ(total_variation(p, twice), 0);
}

// With p = q (1 + h s), s = 1 and -1 in turn, to second order: KL = h^2 / 2, JS = h^2 / 8.
TEST(HistogramDivergence, KeepsItsDigitsForNearlyEqualHistograms) {
  const double h = 0x1p-20;
  const Weights p = {1 + h, 1 - h, 1 + h, 1 - h}, q = {1, 1, 1, 1};
  EXPECT_NEAR(js_divergence(p, q) / (h * h / 8), 1, 1e-9);
  EXPECT_NEAR(kl_divergence(p, q), h * h / 2, 1e-16);
}

TEST(HistogramDivergence, IsSymmetricWhereItShouldBe) {
  const Weights p = {3, 1, 0, 2.5, 1e-300}, q = {1, 4, 1, 0, 1};
  EXPECT_EQ(js_divergence(p, q), js_divergence(q, p));
  EXPECT_EQ(total_variation(p, q), total_variation(q, p));
  EXPECT_LT(js_divergence(p, q), std::numbers::ln2);
}

TEST(HistogramDivergence, RefusesWhatIsNoHistogram) {
  const Weights two = {1, 1}, three = {1, 1, 1}, none, empty = {0, 0}, negative = {1, -1},
                undefined = {1, kNan};
  expect_error(ErrorKind::kUsage, "2 and of 3 bins", [&] { kl_divergence(two, three); });
  expect_error(ErrorKind::kUsage, "0 and of 0 bins", [&] { js_divergence(none, none); });
  expect_error(ErrorKind::kData, "histogram q sum to 0", [&] { total_variation(two, empty); });
  expect_error(ErrorKind::kData, "weight -1 in bin 1", [&] { kl_divergence(negative, two); });
  expect_error(ErrorKind::kData, "weight nan in bin 1", [&] { js_divergence(two, undefined); });
}

TEST(GaussianKl, EqualsTheClosedFormOnTheLine) {
  EXPECT_DOUBLE_EQ(gaussian_kl(0, 1, 0, 1), 0);
  EXPECT_DOUBLE_EQ(gaussian_kl(0, 1, 1, 4), std::log(2) + 2.0 / 8 - 0.5);
  EXPECT_DOUBLE_EQ(gaussian_kl(300, 25, 400, 100), std::log(2) + (25 + 1e4) / 200 - 0.5);
  EXPECT_NEAR(gaussian_kl(0, 1 + 1e-6, 0, 1) / 2.5e-13, 1, 1e-4);  // about (relative change / 2)^2
}

TEST(GaussianKl, IsRightForPoints) {
  EXPECT_EQ(gaussian_kl(2, 0, 2, 0), 0);
  EXPECT_EQ(gaussian_kl(2, 0, 3, 0), kInfinity);
  EXPECT_EQ(gaussian_kl(2, 0, 2, 1), kInfinity);
  EXPECT_EQ(gaussian_kl(2, 1, 2, 0), kInfinity);
}

TEST(GaussianKl, EqualsTheTextbookFormulaInFourDimensions) {
  const auto& fixture = measure_fixtures().at("gaussian_kl");
  const at::Tensor means = tensor_of(fixture.at("means"));
  const at::Tensor p = tensor_of(fixture.at("covariances")[0]);
  const at::Tensor q = tensor_of(fixture.at("covariances")[1]);
  EXPECT_NEAR(gaussian_kl(means[0], p, means[1], q), fixture.at("kl").get<double>(), 1e-12);
  EXPECT_NEAR(gaussian_kl(means[0], p, means[0], p), 0, 1e-13);
}

TEST(GaussianKl, AgreesInOneDimensionAndOnTheDiagonal) {
  const at::Tensor mean = torch::tensor({0.5, -1.0, 2.0}, torch::kFloat64);
  const at::Tensor p = torch::tensor({2.0, 0.1, 1.0}, torch::kFloat64);
  const at::Tensor q = torch::tensor({1.0, 3.0, 0.25}, torch::kFloat64);
  double sum = 0;
  for (int64_t i = 0; i < 3; ++i) {
    sum += gaussian_kl(mean[i].item<double>(), p[i].item<double>(), 0, q[i].item<double>());
  }
  EXPECT_NEAR(gaussian_kl(mean, p.diag(), torch::zeros_like(mean), q.diag()), sum, 1e-13);
}

// Both lie in the plane spanned by two directions of R^4: the divergence is the one in that plane.
TEST(GaussianKl, IsFiniteWithinACommonSubspaceAndInfiniteOutside) {
  const at::Tensor basis = std::get<0>(torch::linalg_qr(gaussian_rows(4, 2, 1)));
  const at::Tensor in_plane = torch::tensor({0.3, -0.7}, torch::kFloat64);
  const at::Tensor p = torch::tensor({2.0, 0.5}, torch::kFloat64);
  const at::Tensor q = torch::tensor({1.0, 1.5}, torch::kFloat64);
  const auto lift = [&](const at::Tensor& variances) {
    return basis.mm(variances.diag()).mm(basis.t());
  };
  const at::Tensor mean = basis.mv(in_plane), origin = torch::zeros(4, torch::kFloat64);
  const double flat = gaussian_kl(in_plane, p.diag(), torch::zeros_like(in_plane), q.diag());
  EXPECT_NEAR(gaussian_kl(mean, lift(p), origin, lift(q)), flat, 1e-12);
  const at::Tensor whole = lift(q) + torch::eye(4, torch::kFloat64);
  EXPECT_EQ(gaussian_kl(mean, lift(p), origin, whole), kInfinity);
  EXPECT_EQ(gaussian_kl(mean, whole, origin, lift(q)), kInfinity);
  EXPECT_EQ(gaussian_kl(gaussian_rows(1, 4, 2)[0], lift(p), origin, lift(q)), kInfinity);
  const at::Tensor other = std::get<0>(torch::linalg_qr(gaussian_rows(4, 2, 3)));
  EXPECT_EQ(gaussian_kl(origin, other.mm(other.t()), origin, lift(q)), kInfinity);
}

TEST(GaussianKl, RefusesWhatIsNoGaussian) {
  const at::Tensor mean = torch::zeros(2), eye = torch::eye(2), three = torch::eye(3);
  expect_error(ErrorKind::kData, "variance -1", [] { gaussian_kl(0, -1, 0, 1); });
  expect_error(ErrorKind::kData, "nan", [] { gaussian_kl(kNan, 1, 0, 1); });
  expect_error(ErrorKind::kUsage, "Gaussian q wants", [&] { gaussian_kl(mean, eye, mean, three); });
  expect_error(ErrorKind::kUsage, "2 and in 3 dimensions",
               [&] { gaussian_kl(mean, eye, torch::zeros(3), three); });
  expect_error(ErrorKind::kUsage, "wanted [D, D]", [&] {
    gaussian_kl(mean, torch::zeros({2, 3}), mean, eye);
  });
  expect_error(ErrorKind::kData, "mean of p", [&] { gaussian_kl(mean * kNan, eye, mean, eye); });
  expect_error(ErrorKind::kData, "covariance of q: holds NaN",
               [&] { gaussian_kl(mean, eye, mean, eye * kNan); });
  expect_error(ErrorKind::kData, "not symmetric", [&] {
    gaussian_kl(mean, torch::tensor({{1.0, 0.5}, {0.4, 1.0}}), mean, eye);
  });
  expect_error(ErrorKind::kData, "eigenvalue -1", [&] { gaussian_kl(mean, -eye, mean, eye); });
}

}  // namespace
}  // namespace wgan
