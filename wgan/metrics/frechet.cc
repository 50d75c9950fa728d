// Singular values of the product of two factors.
#include "wgan/metrics/frechet.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "wgan/core/error.h"
#include "wgan/metrics/features.h"
#include "wgan/metrics/spectrum.h"

namespace wgan {
namespace {

// A Gaussian whose covariance is factor^T factor.
struct Gaussian {
  at::Tensor mean;    // [D] float64
  at::Tensor factor;  // [r, D] float64
};

Gaussian gaussian_of(const Moments& moments, const std::string& what) {
  const at::Tensor& mean = moments.mean;
  if (!mean.defined() || mean.dim() != 1 || !moments.covariance.defined() ||
      moments.covariance.dim() != 2 || moments.covariance.size(0) != mean.size(0)) {
    throw Error(ErrorKind::kUsage,
                what + ": wanted are a mean of shape [D] and a covariance of shape [D, D]");
  }
  if (!mean.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, what + ": the mean holds NaN or an infinity");
  }
  const Spectrum found = spectrum(moments.covariance, what + ": the covariance");
  return {.mean = mean.detach().to(torch::kFloat64),
          .factor = (found.vectors * found.values.sqrt()).t()};
}

Gaussian gaussian_of(const at::Tensor& rows, const std::string& what) {
  const int64_t count = rows.size(0);
  if (count > rows.size(1)) return gaussian_of(moments_of(rows), what);
  const at::Tensor wide = rows.to(torch::kFloat64);
  const at::Tensor mean = wide.mean(0);
  return {.mean = mean, .factor = (wide - mean) / std::sqrt(static_cast<double>(count - 1))};
}

double distance(const Gaussian& x, const Gaussian& y) {
  const double means = (x.mean - y.mean).square().sum().item<double>();
  const double spread = (x.factor.square().sum() + y.factor.square().sum()).item<double>();
  const at::Tensor product = x.factor.mm(y.factor.t());
  const double common =
      product.numel() == 0 ? 0 : torch::linalg_svdvals(product).sum().item<double>();
  return means + std::max(spread - 2 * common, 0.0);
}

}  // namespace

double frechet_distance(const Moments& x, const Moments& y) {
  const torch::NoGradGuard no_grad;
  const Gaussian first = gaussian_of(x, "the first moments");
  const Gaussian second = gaussian_of(y, "the second moments");
  check_comparable(first.mean.unsqueeze(0), second.mean.unsqueeze(0));
  return distance(first, second);
}

double frechet_distance(const at::Tensor& x, const at::Tensor& y) {
  const torch::NoGradGuard no_grad;
  const at::Tensor first = checked_rows(x, "the first features", 2);
  const at::Tensor second = checked_rows(y, "the second features", 2);
  check_comparable(first, second);
  return distance(gaussian_of(first, "the first features"),
                  gaussian_of(second, "the second features"));
}

}  // namespace wgan
