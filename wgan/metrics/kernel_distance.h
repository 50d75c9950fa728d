// The kernel distance between sets of features: with Inception's features, the KID.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace wgan {

// The unbiased estimate of the squared maximum mean discrepancy under the kernel
// k(a, b) = (a.b / D + 1)^3 (Gretton et al. 2012, Lemma 6; Binkowski et al. 2018, Eq. 4):
//   sum_{i != j} k(x_i, x_j) / (N (N - 1)) + the same of y - 2 sum k(x_i, y_j) / (N M).
// 0 on average for two sets of one distribution, hence negative as often. x: [N, D], y: [M, D],
// floating point or uint8, N, M >= 2; in float64. Throws as checked_rows and check_comparable
// (features.h).
double mmd2_unbiased(const at::Tensor& x, const at::Tensor& y);

struct KernelDistanceOptions {
  int64_t subsets = 100;
  int64_t subset_size = 1000;  // rows of each set, at most as many as the smaller set has
  uint64_t seed = 0;
};

struct KernelDistance {
  double mean = 0;             // over the subsets; may be negative
  double deviation = 0;        // of the subsets' values (divided by their number, as numpy.std)
  double standard_error = 0;   // of the mean, counting only as many subsets as fit side by side
  int64_t subset_size = 0;     // the one used
  std::vector<double> values;  // one a subset
};

// mmd2_unbiased of random subsets, drawn without replacement within a subset. The values do not
// depend on how many subsets follow. Subsets share rows where subsets * subset_size exceeds N or M,
// and all are the same where subset_size is both: then measure mmd2_unbiased. x, y: as there.
// Throws as there, and Error(kUsage) for fewer than 2 subsets or rows in one.
KernelDistance kernel_distance(const at::Tensor& x, const at::Tensor& y,
                               const KernelDistanceOptions& options = {});

}  // namespace wgan
