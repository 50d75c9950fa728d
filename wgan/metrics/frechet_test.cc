// The Frechet distance equals closed forms and scipy.linalg.sqrtm, and is exact where that is not.
#include "wgan/metrics/frechet.h"

#include <cmath>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

constexpr auto kFrechetDouble = torch::kFloat64;

Moments diagonal(std::vector<double> mean, std::vector<double> variances) {
  return {.mean = torch::tensor(mean, kFrechetDouble),
          .covariance = torch::tensor(variances, kFrechetDouble).diag()};
}

// A covariance of this rank.
at::Tensor random_covariance(int64_t dimensions, int64_t rank, uint64_t seed) {
  const at::Tensor factor = gaussian_rows(dimensions, rank, seed);
  return factor.mm(factor.t());
}

TEST(Frechet, EqualsTheKnownValues) {
  EXPECT_DOUBLE_EQ(frechet_distance(diagonal({1, 2, 3}, {1, 4, 9}), diagonal({0, 0, 0}, {4, 1, 1})),
                   20);
  const at::Tensor eye = torch::eye(2048, kFrechetDouble);
  EXPECT_NEAR(
      frechet_distance(Moments{.mean = torch::zeros(2048, kFrechetDouble), .covariance = eye},
                       Moments{.mean = torch::ones(2048, kFrechetDouble), .covariance = eye}),
      2048, 1e-9);
}

// tr A + tr B - 2 sqrt(tr(AB) + 2 sqrt(det AB))
TEST(Frechet, EqualsTheClosedFormIn2d) {
  const at::Tensor zero = torch::zeros(2, kFrechetDouble);
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const at::Tensor a = random_covariance(2, 3, 2 * seed),
                     b = random_covariance(2, 3, 2 * seed + 1);
    const at::Tensor product = a.mm(b);
    const double root = std::sqrt(product.trace().item<double>() +
                                  2 * std::sqrt(torch::linalg_det(product).item<double>()));
    const double truth = (a.trace() + b.trace()).item<double>() - 2 * root;
    EXPECT_NEAR(frechet_distance(Moments{zero, a}, Moments{zero, b}), truth, 1e-12);
  }
}

TEST(Frechet, EqualsSciPysOnSamples) {
  const auto& fixture = measure_fixtures().at("frechet");
  const at::Tensor x = tensor_of(fixture.at("x")), y = tensor_of(fixture.at("y"));
  const double truth = fixture.at("distance");
  EXPECT_NEAR(frechet_distance(x, y), truth, 1e-11);
  EXPECT_NEAR(frechet_distance(moments_of(x), moments_of(y)), truth, 1e-11);
  EXPECT_NEAR(frechet_distance(y, scrambled_rows(x)), truth, 1e-11);
}

// Covariances diag(variances) in a common basis: the distance is that of the deviations, zeros
// included.
TEST(Frechet, IsExactForSingularCovariances) {
  const int64_t d = 60;
  const at::Tensor basis = std::get<0>(torch::linalg_qr(gaussian_rows(d, d, 5)));
  const at::Tensor deviations = gaussian_rows(2, d, 6).abs();
  deviations[0].narrow(0, 0, 40).zero_();
  deviations[1].narrow(0, 25, 35).zero_();
  const auto turned = [&](const at::Tensor& deviation) {
    return Moments{.mean = torch::zeros(d, kFrechetDouble),
                   .covariance = basis.mm(deviation.square().diag()).mm(basis.t())};
  };
  const double truth = (deviations[0] - deviations[1]).square().sum().item<double>();
  EXPECT_NEAR(frechet_distance(turned(deviations[0]), turned(deviations[1])), truth, 1e-12);
  const Moments point{.mean = torch::ones(d, kFrechetDouble),
                      .covariance = torch::zeros({d, d}, kFrechetDouble)};
  EXPECT_EQ(frechet_distance(point, point), 0);
  EXPECT_NEAR(frechet_distance(point, turned(deviations[0])),
              static_cast<double>(d) + deviations[0].square().sum().item<double>(), 1e-11);
}

TEST(Frechet, OfASetToItselfIsZero) {
  for (const int64_t n : {2, 100, 200, 201, 700}) {  // beside 200 dimensions
    const at::Tensor x = gaussian_rows(n, 200, 7);
    EXPECT_NEAR(frechet_distance(x, x), 0, 1e-10) << n;
    EXPECT_GE(frechet_distance(x, x), 0) << n;
    EXPECT_NEAR(frechet_distance(moments_of(x), moments_of(x)), 0, 1e-10) << n;
  }
}

TEST(Frechet, OfFewSamplesEqualsTheMomentsRoute) {
  const int64_t d = 50;
  const at::Tensor few = gaussian_rows(20, d, 8), other = gaussian_rows(30, d, 9) * 2 + 1;
  const at::Tensor many = gaussian_rows(80, d, 10);
  for (const auto& [x, y] : {std::pair{few, other}, {few, many}, {many, few}}) {
    EXPECT_NEAR(frechet_distance(x, y), frechet_distance(moments_of(x), moments_of(y)), 1e-11);
  }
  // One point more than dimensions: the two routes meet.
  const at::Tensor below = gaussian_rows(d, d, 11), above = gaussian_rows(d + 1, d, 12);
  EXPECT_NEAR(frechet_distance(below, above),
              frechet_distance(moments_of(below), moments_of(above)), 1e-11);
}

TEST(Frechet, OfRankDeficientSamplesIsThatOfTheirSubspace) {
  const at::Tensor basis = std::get<0>(torch::linalg_qr(gaussian_rows(40, 3, 13)));
  const at::Tensor x = gaussian_rows(100, 3, 14), y = gaussian_rows(90, 3, 15) * 0.5 + 1;
  EXPECT_NEAR(frechet_distance(x.mm(basis.t()), y.mm(basis.t())), frechet_distance(x, y), 1e-12);
  const at::Tensor doubled = torch::cat({x, x, torch::zeros({100, 2}, kFrechetDouble)}, 1);
  EXPECT_NEAR(frechet_distance(doubled, doubled), 0, 1e-12);
}

TEST(Frechet, IsSymmetricAndInvariantUnderRotation) {
  const at::Tensor x = gaussian_rows(90, 12, 16), y = gaussian_rows(70, 12, 17) * 1.5;
  const at::Tensor turn = std::get<0>(torch::linalg_qr(gaussian_rows(12, 12, 18)));
  EXPECT_NEAR(frechet_distance(x, y), frechet_distance(y, x), 1e-12);
  EXPECT_NEAR(frechet_distance(x, y), frechet_distance(x.mm(turn), y.mm(turn)), 1e-12);
}

// Two sets of n samples of N(0, I_64).
TEST(Frechet, HasTheKnownBiasOfFewSamples) {
  for (const auto& [n, known] : measure_fixtures().at("frechet_bias").items()) {
    const auto count = std::stoll(n);
    const double found =
        frechet_distance(gaussian_rows(count, 64, 19), gaussian_rows(count, 64, 20));
    EXPECT_NEAR(found, known.at("mean").get<double>(), 4 * known.at("deviation").get<double>())
        << n;
  }
}

TEST(Frechet, RefusesWhatCannotBeCompared) {
  const at::Tensor x = torch::zeros({4, 3});
  const Moments good = diagonal({0, 0}, {1, 1});
  expect_error(ErrorKind::kUsage, "1 row of", [&] { frechet_distance(x.slice(0, 0, 1), x); });
  expect_error(ErrorKind::kUsage, "3 and of 2 values",
               [&] { frechet_distance(x, x.slice(1, 0, 2)); });
  expect_error(ErrorKind::kUsage, "2 and of 3 values", [&] {
    frechet_distance(good, diagonal({0, 0, 0}, {1, 1, 1}));
  });
  expect_error(ErrorKind::kUsage, "the second moments: wanted",
               [&] { frechet_distance(good, {}); });
  expect_error(ErrorKind::kData, "the second features: holds NaN",
               [&] { frechet_distance(x, x + kNan); });
  expect_error(ErrorKind::kData, "the mean holds", [&] {
    frechet_distance(diagonal({0, kNan}, {1, 1}), good);
  });
  expect_error(ErrorKind::kData, "the first moments: the covariance: has the eigenvalue -1", [&] {
    frechet_distance(diagonal({0, 0}, {1, -1}), good);
  });
}

}  // namespace
}  // namespace wgan
