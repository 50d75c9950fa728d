// The Inception Score: how sure a classifier is of each sample, and how they spread over classes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace wgan {

struct InceptionScore {
  double mean = 0;             // over the splits, in [1, K]
  double deviation = 0;        // of the splits' scores (divided by their number, as numpy.std)
  std::vector<double> values;  // one a split
};

// exp(E KL(p(y|x) | p(y))) of each split, p(y) the split's mean of p(y|x) (Salimans et al. 2016,
// section 4). Split i holds the rows i N / splits to (i + 1) N / splits - 1, in the order given, as
// the original program has it: shuffle rows that come ordered by class. The score grows with the
// rows of a split. logits: [N, K] floating point before the softmax, bias included, N >= splits;
// computed in float64. Throws Error(kUsage) where the shape is another or a split would be empty,
// Error(kData) where a value is not finite.
InceptionScore inception_score_of_logits(const at::Tensor& logits, int64_t splits = 10);

// The same of probabilities: [N, K] floating point, not negative, each row's sum 1 to 1e-3; rows
// are divided by their sums. Throws as above, and Error(kData) where a row is no distribution.
InceptionScore inception_score_of_probabilities(const at::Tensor& probabilities,
                                                int64_t splits = 10);

}  // namespace wgan
