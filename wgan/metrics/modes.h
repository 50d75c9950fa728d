// How a generator's samples spread over the classes of the data: modes found, and the divergence
// from the data's class histogram.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace wgan {

struct ModeCoverage {
  int64_t modes = 0;  // classes that the data has
  int64_t found = 0;  // of these, the classes of at least one sample
  double kl = 0;  // KL(samples | data) in nats; infinite where a sample's class is not in the data
  double js = 0;  // the Jensen-Shannon divergence, in [0, log 2]: finite always
  // What kl is on average, to first order, for as many samples of the data's own distribution:
  // (modes - 1) / (2 N) (Miller 1955).
  double kl_by_chance = 0;
  std::vector<double> histogram;  // [K] samples of each class
};

// classes: [N] int64 in 0 .. K - 1, N >= 1, as a classifier assigns them. data: [K] weights of the
// classes in the data, counts or probabilities; all ones for classes that are alike. With stacked
// MNIST (Metz et al. 2017, section 3.3; Srivastava et al. 2017): 26,000 samples, K = 1000, all
// ones. Throws Error(kUsage) where the shape or type is another, Error(kData) where a class is
// outside, or as kl_divergence (divergence.h).
ModeCoverage mode_coverage(const at::Tensor& classes, std::span<const double> data);

// The most probable class of each row, for mode_coverage. probabilities: [N, K] floating point,
// logits as well; the first of equals. Returns [N] int64. Throws as checked_rows (features.h).
at::Tensor most_probable_classes(const at::Tensor& probabilities);

// One class of several digits, the first of weight 1: d_0 + base d_1 + base^2 d_2, as the classes
// of a stacked image's channels make one of base^C. digits: [N, C] int64 in 0 .. base - 1. Returns
// [N] int64. Throws Error(kUsage) where the shape or type is another, Error(kData) where a digit is
// outside.
at::Tensor stacked_classes(const at::Tensor& digits, int64_t base = 10);

}  // namespace wgan
