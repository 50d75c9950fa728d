// How a critic's value goes along with the exact distance of the batches it judges.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "wgan/lab/experiment.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/options.h"

namespace wgan {

// What the critic takes the distance of two batches for: E f(x) - E f(y), of c-transform
// E f(x) + E f^c(y), f^c with respect to these batches. [N, ...] and [M, ...].
double value_of(const Model& critic, Objective objective, const at::Tensor& real,
                const at::Tensor& fake);

// W1 between the batches.
double exact_distance(const at::Tensor& real, const at::Tensor& fake);

// The two, at steps of the critic or of the generator.
struct Course {
  std::string name;
  std::vector<double> step = {}, value = {}, w1 = {};

  double last_ratio() const { return value.back() / w1.back(); }
  // Root mean square of value - W1 over that of W1.
  double error() const;
};

constexpr int64_t kBatchRows = 256;  // of a pair of batches

// Critics of the plane trained alone on one pair of batches, of gaussians25 and of N(0, I).
struct FixedBatches {
  Course clipped, half_clipped;  // c and c / 2
  Course penalised, heavily;     // lambda and 100 times as much
  Course transformed;            // c-transform
};
FixedBatches courses_on_fixed_batches(const ExperimentOptions& options);

}  // namespace wgan
