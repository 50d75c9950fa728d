// Mean and covariance of features, gathered block by block, and kept as files that pytorch-fid and
// clean-fid read and write.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wgan {

struct Moments {
  at::Tensor mean;            // [D] float64
  at::Tensor covariance;      // [D, D] float64, sums divided by count - 1
  int64_t count = 0;          // rows; 0: unknown, as in another program's file
  std::string features = "";  // identity of the feature space; empty: unknown
  // Of vectors whose columns were standardised first, (x - mean) / deviation: [D] each; else empty.
  std::vector<double> column_mean = {};
  std::vector<double> column_deviation = {};
};

// Takes blocks as they come from a feature network, so that the features need not be kept. Each
// block is centred before it is multiplied, and blocks are joined by Chan, Golub and LeVeque 1979,
// Eq. 2.1: a large common offset costs no digits. A block of n rows costs (n + 2) D^2 operations:
// hundreds of rows at a time are quick.
class MomentsOf {
 public:
  // rows: [n, D] floating point or uint8, as D and the device at the first call. Throws as
  // checked_rows and check_comparable (features.h).
  void add(const at::Tensor& rows);

  int64_t count() const { return count_; }

  // Throws Error(kUsage) before two rows were added.
  Moments moments() const;

 private:
  int64_t count_ = 0;
  at::Tensor mean_;     // [D] float64
  at::Tensor scatter_;  // [D, D] float64, sum of (x - mean) (x - mean)^T
};

// Of all rows. rows: [N, D], N >= 2, as MomentsOf takes them.
Moments moments_of(const at::Tensor& rows);

// Writes a compressed NPZ archive of `mu` [D] and `sigma` [D, D] in float64, as pytorch-fid has
// them, and `count` and `features` (its characters), which other programs do not look at. Throws
// Error(kUsage) where the shapes do not fit, Error(kData) where a value is not finite,
// Error(kOutput).
void write_moments(const std::filesystem::path& path, const Moments& moments);

// Reads one of float32 or float64 arrays `mu` and `sigma`, and `count` and `features` where they
// are there; other arrays are passed over. At most 1 GiB is decompressed. Throws Error(kData) where
// the file is damaged, lacks an array, has shapes that do not fit or values that are not finite, or
// sigma is no covariance: not symmetric to 1e-6 of its largest entry, or negative on the diagonal.
Moments read_moments(const std::filesystem::path& path);

}  // namespace wgan
