// The eigenvalues of a covariance that are not 0, and their vectors.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace wgan {

// covariance = vectors diag(values) vectors^T. r is the rank.
struct Spectrum {
  at::Tensor values;   // [r] float64, rising, positive
  at::Tensor vectors;  // [D, r] float64, orthonormal columns
  at::Tensor null;     // [D, D - r] float64, orthonormal columns of the rest
};

// covariance: [D, D] floating point. Eigenvalues of at most max(D, 64) * 2^-52 of the largest are
// what rounding leaves of 0, and count as 0: their square roots would not be small. what: the
// covariance, for messages. Throws Error(kUsage) where the shape is another, Error(kData) where it
// holds NaN or an infinity, is not symmetric to 1e-6 of its largest entry, or has an eigenvalue
// below -1e-5 of its largest (single precision leaves about -1e-7).
Spectrum spectrum(const at::Tensor& covariance, const std::string& what);

}  // namespace wgan
