// Two distributions of the plane whose distance is known: a Gaussian and the same moved.
#pragma once

#include <torch/types.h>

#include "wgan/core/random.h"
#include "wgan/lab/fit.h"

namespace wgan {

// N(0, I) in the plane, and the same moved by `shift`: W1 is the shift. All times `scale`.
struct ShiftedPair {
  double shift = 1, scale = 1;
  uint64_t seed = 0;

  // index: 0 real, 1 fake, 2 of the evaluation.
  at::Tensor rows(int64_t count, uint64_t step, uint64_t index) const {
    at::Tensor x = torch::empty({count, 2});
    fill_normal({seed, Stream::kStudy, step, index},
                {x.data_ptr<float>(), static_cast<size_t>(x.numel())});
    return x;
  }
  at::Tensor moved(const at::Tensor& x) const {
    return x + torch::tensor({0.6 * shift, 0.8 * shift}, torch::kFloat32);
  }
  Sampler real() const {
    return [*this](int64_t count, uint64_t step) { return rows(count, step, 0) * scale; };
  }
  Sampler fake() const {
    return [*this](int64_t count, uint64_t step) { return moved(rows(count, step, 1)) * scale; };
  }
  // E f(x) - E f(G(z)), the fakes the same points moved, so that their scatter cancels.
  double estimate(const Model& critic) const {
    const at::Tensor x = rows(2000, 0, 2);
    return (scores_at(critic, x * scale) - scores_at(critic, moved(x) * scale))
        .mean()
        .item<double>();
  }
};

}  // namespace wgan
