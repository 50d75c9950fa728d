// What experiments that train networks share: critics fitted between two given distributions,
// generators trained without a run folder, and a look at a critic from outside.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "wgan/data/dataset.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/options.h"
#include "wgan/train/trainer.h"

namespace wgan {

// Rows [count, ...] float32; the same for the same step.
using Sampler = std::function<at::Tensor(int64_t count, uint64_t step)>;

// Rows of a data set as its Loader gives them: row i of step s is row s * count + i.
Sampler rows_of(const Dataset& dataset);

struct CriticFit {
  Model critic;
  CriticMetrics last;  // of the last step
};

// Told after each step; metrics are tensors, so that nobody waits for them who does not look.
using OnFit = std::function<void(int64_t step, const Model& critic, const CriticMetrics& metrics)>;

// Trains a critic between two fixed distributions for so many steps: options gives objective,
// penalty, lambda, clip, weight decay, optimizer, critic_lr (falling linearly to 0 where lr_decay),
// init, batch and seed.
CriticFit fit_critic(const Network& critic, const Sampler& real, const Sampler& fake,
                     const TrainOptions& options, int64_t steps, const OnFit& on_step = {});

// A critic for training with its first weights: options gives init and seed.
Model new_critic(const Network& critic, const TrainOptions& options);

// The same as fit_critic from weights that are given.
CriticFit fit_critic(Model critic, const Sampler& real, const Sampler& fake,
                     const TrainOptions& options, int64_t steps, const OnFit& on_step = {});

// f at the points [N, ...]: [N] float64 on the CPU, in evaluation mode.
at::Tensor scores_at(const Model& critic, const at::Tensor& points);

// grad f at the points [N, ...], same shape, float64 on the CPU.
at::Tensor slopes_at(const Model& critic, const at::Tensor& points);

// Trains players on the data set for options.length.steps generator steps (or options.length.time)
// without a folder. look is called with the players before the first step, every `every` steps and
// at the end.
Players train_players(const Dataset& dataset, const TrainOptions& options, int64_t every,
                      const std::function<void(const Players&, int64_t step)>& look,
                      const std::function<void(const Tick&)>& on_tick = {});

// Samples [count, ...] of the trained generator (its average where one is kept) in the units the
// networks see, from the latents of seeds 0, 1, ...; classes take turns.
at::Tensor samples_of(const Players& players, const TrainOptions& options, int64_t count);

}  // namespace wgan
