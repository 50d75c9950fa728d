// Generators of several ages, and the gradients that they get through opponents trained from
// scratch against them.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/options.h"

namespace wgan {

inline constexpr int64_t kTilesOfAge = 14;  // pictures of each age

struct OpponentScale {
  int64_t width, epoch_rows;
  int64_t discriminator_steps, critic_steps;
  int64_t batches;  // that a gradient's spread is told from
};

// What a generator would minimise through its opponent: a discriminator, or a critic.
struct Loss {
  const char* name;
  Objective objective;
};
inline constexpr std::array<Loss, 4> kLosses = {{{"log(1 - D)", Objective::kMinimax},
                                                 {"-log D", Objective::kNonSaturating},
                                                 {"-f, gradient penalty", Objective::kWganGp},
                                                 {"-f, clipping", Objective::kWgan}}};
enum { kSaturating, kAlternative, kWithPenalty, kWithClipping };  // places in it

// The gradient over the opponent's training.
struct History {
  std::vector<double> step;
  std::vector<double> norm;    // mean over batches of |g|
  std::vector<double> spread;  // root of the mean over batches of |g - mean g|^2
};

struct Age {
  int64_t epochs = 0;
  Model generator;
  at::Tensor tiles;
  std::array<History, kLosses.size()> histories = {};
};

// A DCGAN is trained: copies of its generator after 1, 10 and 25 epochs, without histories.
// on_progress: called every few steps; may throw to stop it.
std::vector<Age> aged_generators(const Dataset& data, TrainOptions options,
                                 const OpponentScale& scale,
                                 const std::function<void()>& on_progress);

// Trains a discriminator, a critic with a gradient penalty and a clipped one against the generator
// and writes its histories.
void train_opponents(Age& age, const Dataset& data, const TrainOptions& options,
                     const OpponentScale& scale, const std::function<void()>& on_progress);

}  // namespace wgan
