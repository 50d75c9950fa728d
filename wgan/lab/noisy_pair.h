// A data set of the plane, the same with unit noise in the generator's place, and how critics are
// trained between them.
#pragma once

#include <torch/types.h>

#include "wgan/core/random.h"
#include "wgan/data/synthetic.h"
#include "wgan/lab/fit.h"

namespace wgan {

// A step of the samplers that no critic is trained on.
constexpr uint64_t kLater = uint64_t{1} << 20;

// Gulrajani et al. 2017, Fig. 1a: the generator is held at the data plus N(0, I).
struct NoisyPair {
  Sampler real, fake;
};

inline NoisyPair noisy_pair(const std::string& name, uint64_t seed) {
  const Sampler train = rows_of(make_synthetic(name, Split::kTrain, seed));
  const Sampler test = rows_of(make_synthetic(name, Split::kTest, seed));
  return {.real = train, .fake = [=](int64_t count, uint64_t step) {
            at::Tensor noise = torch::empty({count, 2});
            fill_normal({seed, Stream::kStudy, step, 0},
                        {noise.data_ptr<float>(), static_cast<size_t>(noise.numel())});
            return test(count, step) + noise;
          }};
}

inline TrainOptions clipped_options(uint64_t seed, double clip) {
  TrainOptions o;
  o.objective.kind = Objective::kWgan;
  o.optimizer.kind = OptimizerKind::kRmsprop;
  o.penalty.clip = clip;
  o.optimizer.critic_lr = 5e-4;
  o.players.init = Init::kScaledUniformHe;
  o.batches.size = 256;
  o.seed = static_cast<int64_t>(seed);
  return o;
}

inline TrainOptions penalised_options(uint64_t seed, double lambda) {
  TrainOptions o = clipped_options(seed, 0);
  o.objective.kind = Objective::kWganGp;
  o.optimizer.kind = OptimizerKind::kAdam;
  o.penalty.lambda = lambda;
  o.optimizer.critic_lr = 1e-3;
  o.optimizer.lr_decay = true;
  return o;
}

}  // namespace wgan
