// Distances of distributions from those of their projections onto lines: sliced and max-sliced
// Wasserstein, for any number of samples and dimensions.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

struct SlicedOptions {
  double order = 2;            // p >= 1, finite
  int64_t projections = 1000;  // directions drawn uniformly; >= 1
  uint64_t seed = 0;           // of the directions
};

// (mean over the directions of W_p^p of the projections)^(1/p) (Bonneel et al. 2015). x: [N, D],
// y: [M, D] of any real type, on one device, N, M, D >= 1. The mean over a finite number of
// directions; its relative error falls as 1 / sqrt(projections). For p = 2 and two distributions a
// shift s apart it is |s| / sqrt(D). Throws Error(kUsage) where shapes or options do not fit,
// Error(kData) for NaN and infinite values.
double sliced_wasserstein(const at::Tensor& x, const at::Tensor& y,
                          const SlicedOptions& options = {});

struct MaxSlicedOptions {
  double order = 2;          // p >= 1, finite
  int64_t restarts = 16;     // directions to climb from: that between the means, then drawn ones
  int64_t iterations = 200;  // of the ascent, at most; >= 1
  uint64_t seed = 0;         // of the directions
};

struct MaxSliced {
  double distance = 0;   // W_p of the projections onto `direction`
  at::Tensor direction;  // [D] float64, of length 1
};

// The largest W_p of the projections onto one line that gradient ascent finds (Deshpande et al.
// 2019). The maximum over all directions has many local ones, so this is a lower estimate of it
// (and of W_p). Arguments and errors as above.
MaxSliced max_sliced_wasserstein(const at::Tensor& x, const at::Tensor& y,
                                 const MaxSlicedOptions& options = {});

}  // namespace wgan
