// The Frechet distance between Gaussians fitted to features: with Inception's features, the FID.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/metrics/moments.h"

namespace wgan {

// |mu_x - mu_y|^2 + tr(S + T - 2 (S^1/2 T S^1/2)^1/2), the square of the 2-Wasserstein distance
// between the Gaussians of means mu and covariances S and T (Dowson and Landau 1982, Eq. 5; Heusel
// et al. 2017, Eq. 6). Never negative. The trace of the root is the nuclear norm of A^T B for any
// factors S = A A^T, T = B B^T (what A and B are does not matter), so that no matrix root is taken,
// and a singular covariance is as exact as any other. Absolute error about D * 1e-15 * the trace,
// if S and T hold as much: from moments whose own rounding has filled a null space, D * 1e-8.
//
// The value depends on the number of samples: that of two sets of samples of one distribution falls
// as 1 / N. Print the value between two sets of real samples of the same size beside it.
//
// Throws Error(kUsage) where the shapes do not fit, and Error(kData) as spectrum() does.
double frechet_distance(const Moments& x, const Moments& y);

// The same from the features themselves. x: [N, D], y: [M, D], floating point or uint8, N, M >= 2.
// A set of at most D rows is its own factor (its centred rows over sqrt(N - 1)), exact where a
// covariance would lose half the digits; of a larger one the moments are taken. Throws as
// checked_rows and check_comparable (features.h).
double frechet_distance(const at::Tensor& x, const at::Tensor& y);

}  // namespace wgan
