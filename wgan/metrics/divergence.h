// Divergences between histograms and between Gaussians in closed form, in nats, infinities
// included.
#pragma once

#include <ATen/core/Tensor.h>

#include <span>

namespace wgan {

// --- Histograms ------------------------------------------------------------------------------
// p, q: [K] weights of the same K >= 1 bins, non-negative and finite: probabilities or counts. Each
// is divided by its own sum, which must be positive. Throws Error(kUsage) where the lengths differ
// or are 0, Error(kData) where a weight is negative or not finite, or all are 0.

// sum p log(p / q) (Kullback and Leibler 1951). Infinite where q is 0 in a bin in which p is not; a
// bin where p is 0 adds nothing.
double kl_divergence(std::span<const double> p, std::span<const double> q);

// (KL(p | m) + KL(q | m)) / 2 with m = (p + q) / 2 (Lin 1991), in [0, log 2]; log 2 exactly where
// no bin is common, 0 exactly where p and q are the same.
double js_divergence(std::span<const double> p, std::span<const double> q);

// sum |p - q| / 2, in [0, 1].
double total_variation(std::span<const double> p, std::span<const double> q);

// --- Gaussians -------------------------------------------------------------------------------

// KL(N(mean_p, variance_p) | N(mean_q, variance_q))
//   = (variance_p / variance_q - 1 - log(variance_p / variance_q) + (mean_p - mean_q)^2 /
//   variance_q) / 2.
// A variance of 0 is a point: the divergence is 0 for the same point and infinite otherwise. Throws
// Error(kData) where an argument is not finite or a variance is negative.
double gaussian_kl(double mean_p, double variance_p, double mean_q, double variance_q);

// The same in D dimensions: (tr(C_q^-1 C_p) - D - log det(C_q^-1 C_p) + d^T C_q^-1 d) / 2, d the
// difference of the means. means: [D], covariances: [D, D] symmetric, floating point, computed in
// float64. Finite for singular covariances too where both Gaussians lie in one subspace; infinite
// where they do not. Eigenvalues below max(D, 64) * 2^-52 of the largest count as 0. Throws
// Error(kUsage) where the shapes do not fit, Error(kData) where a value is not finite, or a
// covariance is not symmetric or has a clearly negative eigenvalue.
double gaussian_kl(const at::Tensor& mean_p, const at::Tensor& covariance_p,
                   const at::Tensor& mean_q, const at::Tensor& covariance_q);

}  // namespace wgan
