// Sums whose terms are written so that what is equal gives 0 and what is disjoint gives the bound.
#include "wgan/metrics/divergence.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/metrics/spectrum.h"

namespace wgan {
namespace {

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
// How far a difference of means may leave the other Gaussian's subspace, of the means' own size,
// and which share of the variance: what eigenvectors are off by.
constexpr double kMeanOutside = 1e-9;
constexpr double kVarianceOutside = 1e-12;

double checked_sum(std::span<const double> weights, const char* name) {
  for (size_t k = 0; k < weights.size(); ++k) {
    if (std::isfinite(weights[k]) && weights[k] >= 0) continue;
    throw Error(
        ErrorKind::kData,
        fmt::format("the histogram {} has the weight {} in bin {}, wanted finite weights of "
                    "0 or more",
                    name, weights[k], k));
  }
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum > 0 && std::isfinite(sum)) return sum;
  throw Error(
      ErrorKind::kData,
      fmt::format("the weights of the histogram {} sum to {}, wanted a positive sum", name, sum));
}

struct Sums {
  double p, q;
};

Sums checked_sums(std::span<const double> p, std::span<const double> q) {
  if (p.size() != q.size() || p.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("histograms of {} and of {}, wanted the same number, one or more",
                            p.size(), counted(q.size(), "bin")),
                "count both over the same bins");
  }
  return {checked_sum(p, "p"), checked_sum(q, "q")};
}

// x - log(1 + x), which is about x^2 / 2 near 0 and never negative.
double above_logarithm(double x) { return std::max(x - std::log1p(x), 0.0); }

void check_vector(const at::Tensor& mean, const at::Tensor& covariance, const char* name) {
  if (!mean.defined() || !covariance.defined() || mean.dim() != 1 || !mean.is_floating_point() ||
      covariance.dim() != 2 || covariance.size(0) != mean.size(0)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("the Gaussian {} wants a mean of shape [D] and a covariance of shape "
                            "[D, D], floating point",
                            name));
  }
  if (!mean.isfinite().all().item<bool>()) {
    throw Error(ErrorKind::kData, fmt::format("the mean of {} holds NaN or an infinity", name));
  }
}

}  // namespace

double kl_divergence(std::span<const double> p, std::span<const double> q) {
  const Sums sums = checked_sums(p, q);
  double divergence = 0;
  for (size_t k = 0; k < p.size(); ++k) {
    const double a = p[k] / sums.p;
    const double b = q[k] / sums.q;
    if (a > 0 && b == 0) return kUnbounded;
    // The differences sum to 0; with them no term is negative, and rounding cancels less.
    divergence += b - a;
    if (a > 0) divergence += a * (std::log(a) - std::log(b));
  }
  return std::max(divergence, 0.0);
}

double js_divergence(std::span<const double> p, std::span<const double> q) {
  const Sums sums = checked_sums(p, q);
  double only_p = 0;  // weights of the bins that the other has nothing in: log 2 each
  double only_q = 0;
  double common = 0;
  for (size_t k = 0; k < p.size(); ++k) {
    if (q[k] == 0) {
      only_p += p[k];
    } else if (p[k] == 0) {
      only_q += q[k];
    } else {
      const double a = p[k] / sums.p;
      const double b = q[k] / sums.q;
      // With m the middle and t = (a - b) / (a + b), a log(a / m) + b log(b / m) is
      // m ((1 + t) log(1 + t) + (1 - t) log(1 - t)), written here without cancellation.
      const double t = (a - b) / (a + b);
      if (std::abs(t) < 1) {
        common += (a + b) / 2 * (2 * t * std::atanh(t) + std::log1p(-t * t));
      } else {
        common += std::max(a, b) * std::numbers::ln2;  // the other is below its last bit
      }
    }
  }
  const double alone = only_p / sums.p + only_q / sums.q;
  return std::min((alone * std::numbers::ln2 + common) / 2, std::numbers::ln2);
}

double total_variation(std::span<const double> p, std::span<const double> q) {
  const Sums sums = checked_sums(p, q);
  double difference = 0;
  for (size_t k = 0; k < p.size(); ++k) difference += std::abs(p[k] / sums.p - q[k] / sums.q);
  return std::min(difference / 2, 1.0);
}

double gaussian_kl(double mean_p, double variance_p, double mean_q, double variance_q) {
  for (const double value : {mean_p, variance_p, mean_q, variance_q}) {
    if (!std::isfinite(value)) {
      throw Error(ErrorKind::kData, fmt::format("a Gaussian of mean or variance {}", value));
    }
  }
  if (variance_p < 0 || variance_q < 0) {
    throw Error(ErrorKind::kData, fmt::format("a Gaussian of variance {}, wanted 0 or more",
                                              std::min(variance_p, variance_q)));
  }
  const double apart = mean_p - mean_q;
  if (variance_p == 0 && variance_q == 0) return apart == 0 ? 0 : kUnbounded;
  if (variance_p == 0 || variance_q == 0) return kUnbounded;
  return (above_logarithm((variance_p - variance_q) / variance_q) + apart * apart / variance_q) / 2;
}

double gaussian_kl(const at::Tensor& mean_p, const at::Tensor& covariance_p,
                   const at::Tensor& mean_q, const at::Tensor& covariance_q) {
  check_vector(mean_p, covariance_p, "p");
  check_vector(mean_q, covariance_q, "q");
  if (mean_p.size(0) != mean_q.size(0)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("Gaussians in {} and in {}, wanted the same", mean_p.size(0),
                            counted(mean_q.size(0), "dimension")));
  }
  const Spectrum p = spectrum(covariance_p, "the covariance of p");
  const Spectrum q = spectrum(covariance_q, "the covariance of q");
  if (p.values.size(0) != q.values.size(0)) return kUnbounded;  // one is flatter than the other
  const at::Tensor first = mean_p.detach().to(torch::kFloat64);
  const at::Tensor second = mean_q.detach().to(torch::kFloat64);
  const at::Tensor apart = first - second;
  const at::Tensor spread = p.vectors * p.values.sqrt();  // [D, r]: spread spread^T = C_p
  const double size =
      (first.norm() + second.norm()).item<double>() + std::sqrt(q.values.sum().item<double>());
  const bool mean_outside = q.null.t().mv(apart).norm().item<double>() > kMeanOutside * size;
  const bool spread_outside = q.null.t().mm(spread).square().sum().item<double>() >
                              kVarianceOutside * p.values.sum().item<double>();
  if (mean_outside || spread_outside) return kUnbounded;
  const at::Tensor whiten = q.vectors / q.values.sqrt();  // [D, r]: whiten whiten^T = C_q^+
  const at::Tensor ratios = torch::linalg_svdvals(whiten.t().mm(spread)).square();
  const at::Tensor from_one = ratios - 1;
  const double spreads = (from_one - from_one.log1p()).sum().item<double>();
  return std::max((spreads + whiten.t().mv(apart).square().sum().item<double>()) / 2, 0.0);
}

}  // namespace wgan
