// The distance of Gaussians beside closed forms and SciPy's matrix roots.
#include "wgan/metrics/gaussian_transport.h"

#include <cmath>
#include <limits>

#include "wgan/metrics/transport_test_support.h"

namespace wgan {
namespace {

at::Tensor diagonal(std::initializer_list<double> values) {
  return torch::diag(torch::tensor(std::vector<double>(values), torch::kFloat64));
}

at::Tensor vector(std::initializer_list<double> values) {
  return torch::tensor(std::vector<double>(values), torch::kFloat64);
}

TEST(GaussianTransport, HasTheClosedFormOfDiagonalCovariances) {
  const double distance = gaussian_wasserstein(vector({0, 0, 0}), diagonal({1, 4, 9}),
                                               vector({1, 2, 3}), diagonal({4, 1, 1}));
  EXPECT_NEAR(distance * distance, 20, 1e-12);
}

TEST(GaussianTransport, IsTheDistanceOfTheMeansForEqualCovariances) {
  const at::Tensor eye = torch::eye(2048, torch::kFloat32);
  const double distance = gaussian_wasserstein(torch::zeros(2048), eye, torch::ones(2048), eye);
  EXPECT_NEAR(distance * distance, 2048, 1e-9);
}

// tr A + tr B - 2 sqrt(tr(AB) + 2 sqrt(det(AB)))
TEST(GaussianTransport, HasTheClosedFormInTwoDimensions) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const at::Tensor factors = normal_points(4, 2, seed);
    const at::Tensor p = factors.narrow(0, 0, 2);
    const at::Tensor q = factors.narrow(0, 2, 2);
    const at::Tensor a = p.mm(p.t());
    const at::Tensor b = q.mm(q.t());
    const double determinants = std::abs((p[0][0] * p[1][1] - p[0][1] * p[1][0]).item<double>() *
                                         (q[0][0] * q[1][1] - q[0][1] * q[1][0]).item<double>());
    const double squared = (a.trace() + b.trace()).item<double>() -
                           2 * std::sqrt(a.mm(b).trace().item<double>() + 2 * determinants);
    const double distance = gaussian_wasserstein(vector({0, 0}), a, vector({0, 0}), b);
    EXPECT_NEAR(distance * distance, squared, 1e-12);
  }
}

TEST(GaussianTransport, MatchesScipy) {
  for (const auto& example : transport_fixture("gaussians")) {
    const at::Tensor mean_a = tensor_of(example.at("mean_a"));
    const at::Tensor mean_b = tensor_of(example.at("mean_b"));
    const at::Tensor cov_a = tensor_of(example.at("cov_a"));
    const at::Tensor cov_b = tensor_of(example.at("cov_b"));
    EXPECT_NEAR(gaussian_wasserstein(mean_a, cov_a, mean_b, cov_b),
                example.at("distance").get<double>(), 1e-10);
    EXPECT_NEAR(gaussian_wasserstein(mean_b, cov_b, mean_a, cov_a),
                example.at("distance").get<double>(), 1e-10);
  }
}

TEST(GaussianTransport, TakesSingularCovariances) {
  const at::Tensor origin = vector({0, 0});
  EXPECT_NEAR(gaussian_wasserstein(origin, diagonal({4, 0}), origin, diagonal({0, 9})),
              std::sqrt(13), 1e-14);
  EXPECT_NEAR(gaussian_wasserstein(origin, diagonal({4, 0}), vector({3, 4}), diagonal({0, 0})),
              std::sqrt(29), 1e-14);
  const at::Tensor factor = normal_points(6, 2, 0);
  const at::Tensor flat = factor.mm(factor.t());
  const at::Tensor mean = torch::zeros(6);
  EXPECT_NEAR(gaussian_wasserstein(mean, flat, mean, 4 * flat),
              std::sqrt(flat.trace().item<double>()), 1e-12);
}

TEST(GaussianTransport, MapsTheOneCovarianceOntoTheOther) {
  const at::Tensor p = normal_points(5, 5, 0);
  const at::Tensor q = normal_points(5, 3, 1);  // the target may be singular
  const at::Tensor a = p.mm(p.t());
  const at::Tensor b = q.mm(q.t());
  const at::Tensor map = gaussian_transport_map(a, b);
  EXPECT_LE((map.mm(a).mm(map) - b).abs().max().item<double>(), 1e-10);
  EXPECT_LE((map - map.t()).abs().max().item<double>(), 1e-10);
  // What it costs: E|Tx - x|^2 = tr((T - 1) A (T - 1)).
  const at::Tensor moved = map - torch::eye(5, torch::kFloat64);
  const double distance = gaussian_wasserstein(torch::zeros(5), a, torch::zeros(5), b);
  EXPECT_NEAR(moved.mm(a).mm(moved).trace().item<double>(), distance * distance, 1e-10);
}

TEST(GaussianTransport, RefusesWhatIsNoGaussian) {
  const at::Tensor origin = vector({0, 0});
  const at::Tensor eye = torch::eye(2, torch::kFloat64);
  const auto with = [&](const at::Tensor& mean, const at::Tensor& covariance) {
    return [=] { gaussian_wasserstein(mean, covariance, origin, eye); };
  };
  expect_error(ErrorKind::kUsage, with(vector({0, 0, 0}), eye));
  expect_error(ErrorKind::kUsage, with(vector({0, 0, 0}), torch::eye(3)));
  expect_error(ErrorKind::kUsage, with(origin, torch::ones({2, 3})));
  expect_error(ErrorKind::kData, with(origin, diagonal({1, -1})));
  expect_error(ErrorKind::kData, with(origin, torch::tensor({{1.0, 0.5}, {0.0, 1.0}})));
  expect_error(ErrorKind::kData, with(origin / 0, eye));
  expect_error(ErrorKind::kData, [&] { gaussian_transport_map(diagonal({1, 0}), eye); });
}

}  // namespace
}  // namespace wgan
