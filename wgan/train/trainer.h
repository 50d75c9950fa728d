// The training loop of Wasserstein GANs (Arjovsky et al. 2017, Algorithm 1; Gulrajani et al. 2017,
// Algorithm 1), and of the plain GAN they are compared with.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "wgan/data/loader.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/extension.h"
#include "wgan/train/optimizer.h"
#include "wgan/train/options.h"
#include "wgan/train/profile.h"
#include "wgan/train/recipe.h"
#include "wgan/train/steering.h"
#include "wgan/train/tick.h"

namespace wgan {

// Sums over the steps since the last tick, kept on the device so that no step waits for them.
struct TickSums {
  at::Tensor critic;     // [6] loss, real score, fake score, penalty, gradient norm where it is
                         // taken, norm of the gradient over all parameters
  at::Tensor generator;  // [2] loss, norm of the gradient
  int64_t critic_steps = 0;
  int64_t penalty_steps = 0;  // of these, with a penalty
  int64_t generator_steps = 0;
};

// Everything that training changes: what a checkpoint has to keep.
struct Players {
  Model generator;
  Model average;  // moving average of the generator, for sampling; equals it where there is none
  Model critic;
  Optimizer generator_optimizer;
  Optimizer critic_optimizer;
  int64_t step = 0;          // generator steps taken
  int64_t critic_steps = 0;  // critic steps taken; also the number of the next batch
  double seconds = 0;        // of training so far, up to the last tick or checkpoint
  RunPart part = {};         // that the next step belongs to
  Steering steering = {};    // of the augmentation, where it is steered
  TickSums sums;
};

// Networks with initial weights on a device ("cpu", "cuda", "cuda:1").
Players make_players(const Networks& networks, const TrainOptions& options,
                     const std::string& device);

struct TrainHooks {
  std::function<void(const Tick&)> on_tick = [](const Tick&) {};
  // Time for a picture; step 0 and the end too.
  std::function<void(const Players&)> on_samples = [](const Players&) {};
  // Weights are finite; the end too.
  std::function<void(const Players&)> on_checkpoint = [](const Players&) {};
  std::function<bool()> should_stop = [] { return false; };  // asked after every step
  std::function<bool()> should_save = [] { return false; };  // a checkpoint now; asked as often
  // Told at every tick while steps that should be replayed as a CUDA graph are not, and why.
  std::function<void(const std::string&)> on_obstacle = [](const std::string&) {};
  std::function<void(const Players&)> on_extension = [](const Players&) {};  // of the run, begins
  Profile* profile = nullptr;                                                // filled where given
  const Dataset* held_out = nullptr;  // rows to steer the augmentation by; outlives the training
  // Every evaluate_every steps; weights are finite. Returns whether to stop.
  std::function<bool(const Players&)> on_evaluation = [](const Players&) { return false; };
};

enum class TrainEnd { kSteps, kTime, kStopped, kPatience };

// Trains on until --steps, --time, should_stop or on_evaluation end it, from wherever the players
// are; behind --steps and --time come the extensions. Throws Error(kDiverged) at the first tick or
// checkpoint with a number that is not finite, Error(kUsage) where the augmentation is to be
// steered and there are no held-out rows.
TrainEnd train(Players& players, const Dataset& dataset, const TrainOptions& options,
               const TrainHooks& hooks);

// 0, 10, 20, 50, 100, 200, 500, ... and from the first of them on that is `every` or more, each
// multiple of `every`.
bool samples_due(int64_t step, int64_t every);

}  // namespace wgan
