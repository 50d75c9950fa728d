// A symmetric eigenvalue decomposition in float64, cut where rounding begins.
#include "wgan/metrics/spectrum.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>

#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr double kAsymmetry = 1e-6;  // of the largest entry
constexpr double kNegative = 1e-5;   // of the largest eigenvalue
constexpr int64_t kLeastNoise = 64;  // roundings that small covariances are granted

at::Tensor checked_covariance(const at::Tensor& covariance, const std::string& what) {
  if (!covariance.defined() || covariance.dim() != 2 || covariance.size(0) < 1 ||
      covariance.size(0) != covariance.size(1) || !covariance.is_floating_point()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{}: shape [{}], wanted [D, D] of floating point", what,
                    covariance.defined() ? fmt::format("{}", fmt::join(covariance.sizes(), ", "))
                                         : "none"));
  }
  at::Tensor wide = covariance.detach().to(torch::kFloat64);
  if (!wide.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, what + ": holds NaN or an infinity");
  }
  const double largest = wide.abs().max().item<double>();
  const double apart = (wide - wide.t()).abs().max().item<double>();
  if (apart > kAsymmetry * largest) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: is not symmetric, two entries across the diagonal differ by {:.3g} "
                    "with a largest of {:.3g}",
                    what, apart, largest));
  }
  return wide;
}

}  // namespace

Spectrum spectrum(const at::Tensor& covariance, const std::string& what) {
  const at::Tensor wide = checked_covariance(covariance, what);
  const auto [values, vectors] = torch::linalg_eigh((wide + wide.t()) / 2);
  const double smallest = values[0].item<double>();
  const double largest = std::max(values[-1].item<double>(), -smallest);
  if (smallest < -kNegative * largest) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: has the eigenvalue {:.3g} where the largest is {:.3g}; a covariance "
                    "has none below 0",
                    what, smallest, values[-1].item<double>()));
  }
  const int64_t dimensions = wide.size(0);
  const double noise = static_cast<double>(std::max(dimensions, kLeastNoise)) *
                       std::numeric_limits<double>::epsilon() * largest;
  const auto rank = values.gt(noise).sum().item<int64_t>();
  return {.values = values.narrow(0, dimensions - rank, rank),
          .vectors = vectors.narrow(1, dimensions - rank, rank),
          .null = vectors.narrow(1, 0, dimensions - rank)};
}

}  // namespace wgan
