// Roots of covariances by their eigenvectors.
#include "wgan/metrics/gaussian_transport.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/metrics/transport_input.h"

namespace wgan {
namespace {

constexpr double kTolerance = 1e-8;  // of the largest entry; for asymmetry and negative eigenvalues
constexpr double kRegular = 1e-13;   // of the largest eigenvalue, times the dimension
constexpr double kNoise =
    1e-15;  // likewise: eigenvalues that are rounding's, whose roots would count

// A symmetric positive semidefinite matrix by its eigenvectors (columns) and eigenvalues.
struct Covariance {
  at::Tensor vectors;
  at::Tensor values;

  at::Tensor power(double exponent) const {
    return (vectors * values.pow(exponent)).mm(vectors.t());
  }
};

// matrix: [D, D] symmetric but for rounding.
Covariance decomposed(const at::Tensor& matrix) {
  const auto [values, vectors] = torch::linalg_eigh((matrix + matrix.t()) / 2);
  const double noise = kNoise * static_cast<double>(matrix.size(0)) * values.max().item<double>();
  return {.vectors = vectors, .values = values.masked_fill(values <= noise, 0)};
}

Covariance gaussian_covariance(const at::Tensor& covariance, const std::string& name) {
  const at::Tensor matrix = checked_points(covariance, name);
  if (matrix.size(0) != matrix.size(1)) {
    throw Error(ErrorKind::kUsage, fmt::format("{} has shape [{}, {}], wanted a square matrix",
                                               name, matrix.size(0), matrix.size(1)));
  }
  const double largest = matrix.abs().max().item<double>();
  const double asymmetry = (matrix - matrix.t()).abs().max().item<double>();
  const double least = torch::linalg_eigvalsh((matrix + matrix.t()) / 2).min().item<double>();
  if (asymmetry > kTolerance * largest || least < -kTolerance * largest) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{} is no covariance: it differs from its transpose by up to {}, and its "
                    "least eigenvalue is {}",
                    name, asymmetry, least),
        "accumulate covariances in float64");
  }
  return decomposed(matrix);
}

at::Tensor checked_mean(const at::Tensor& mean, const Covariance& covariance,
                        const std::string& name) {
  const int64_t dimensions = covariance.values.size(0);
  if (!mean.defined() || mean.dim() != 1 || mean.size(0) != dimensions) {
    throw Error(ErrorKind::kUsage, fmt::format("{} is no vector of {}, as its covariance wants",
                                               name, counted(dimensions, "entry", "entries")));
  }
  return checked_points(mean.unsqueeze(0), name).squeeze(0);
}

void check_dimensions(const Covariance& a, const Covariance& b) {
  if (a.values.size(0) != b.values.size(0)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("Gaussians of {} and {}, wanted the same", a.values.size(0),
                            counted(b.values.size(0), "dimension")));
  }
}

}  // namespace

double gaussian_wasserstein(const at::Tensor& mean_x, const at::Tensor& cov_x,
                            const at::Tensor& mean_y, const at::Tensor& cov_y) {
  const torch::NoGradGuard no_grad;
  const Covariance a = gaussian_covariance(cov_x, "cov_x");
  const Covariance b = gaussian_covariance(cov_y, "cov_y");
  check_dimensions(a, b);
  const at::Tensor difference =
      checked_mean(mean_x, a, "mean_x") - checked_mean(mean_y, b, "mean_y");
  const double overlap = torch::linalg_svdvals(a.power(0.5).mm(b.power(0.5))).sum().item<double>();
  const double squared = difference.square().sum().item<double>() + a.values.sum().item<double>() +
                         b.values.sum().item<double>() - 2 * overlap;
  return std::sqrt(std::max(0.0, squared));
}

at::Tensor gaussian_transport_map(const at::Tensor& cov_x, const at::Tensor& cov_y) {
  const torch::NoGradGuard no_grad;
  const Covariance a = gaussian_covariance(cov_x, "cov_x");
  const Covariance b = gaussian_covariance(cov_y, "cov_y");
  check_dimensions(a, b);
  const double least = a.values.min().item<double>();
  const double largest = a.values.max().item<double>();
  if (!(least > kRegular * static_cast<double>(a.values.size(0)) * largest)) {
    throw Error(
        ErrorKind::kData,
        fmt::format("cov_x is singular: its eigenvalues reach from {} to {}", least, largest),
        "no map moves a flat Gaussian onto one that is not; the distance exists all the "
        "same");
  }
  const at::Tensor root = a.power(0.5);
  const at::Tensor middle = root.mm(b.power(1)).mm(root);
  const Covariance inner = decomposed(middle);
  const at::Tensor inverse = a.power(-0.5);
  return inverse.mm(inner.power(0.5)).mm(inverse);
}

}  // namespace wgan
