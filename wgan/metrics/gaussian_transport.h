// Optimal transport between Gaussians, in closed form.
#pragma once

#include <ATen/core/Tensor.h>

namespace wgan {

// W2 between N(mean_x, cov_x) and N(mean_y, cov_y):
//   W2^2 = |mean_x - mean_y|^2 + tr(A) + tr(B) - 2 |A^1/2 B^1/2|_*  (nuclear norm),
// the Bures distance of the covariances A, B with the distance of the means (Dowson and Landau
// 1982; Peyre and Cuturi 2019, 2.41). means: [D], covariances: [D, D] of any real type, symmetric
// and positive semidefinite to 1e-8 of their largest entry; they may be singular. Computes in
// float64. Throws Error(kUsage) where shapes do not fit, Error(kData) where a covariance is none or
// values are NaN or infinite.
double gaussian_wasserstein(const at::Tensor& mean_x, const at::Tensor& cov_x,
                            const at::Tensor& mean_y, const at::Tensor& cov_y);

// The symmetric T: [D, D] float64 such that mean_y + T (x - mean_x) moves the first Gaussian onto
// the second optimally: T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2. Throws also Error(kData) where cov_x
// is singular.
at::Tensor gaussian_transport_map(const at::Tensor& cov_x, const at::Tensor& cov_y);

}  // namespace wgan
