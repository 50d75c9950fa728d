// state.json of a checkpoint: everything that it holds besides tensors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "wgan/data/dataset.h"
#include "wgan/net/generator_state.h"
#include "wgan/run/options.h"
#include "wgan/train/extension.h"
#include "wgan/train/recipe.h"
#include "wgan/train/steering.h"

namespace wgan {

// Everything in state.json.
struct CheckpointState {
  int64_t step = 0;
  int64_t critic_steps = 0;
  double seconds = 0;             // of training
  int64_t tick_critic_steps = 0;  // since the last tick
  int64_t tick_penalty_steps = 0;
  int64_t tick_generator_steps = 0;
  // Of the optimizers; other than those of training where they came from another run.
  int64_t generator_optimizer_steps = 0;
  int64_t critic_optimizer_steps = 0;
  RunPart part = {};
  Steering steering = {};     // of the augmentation, where it is steered
  int64_t patience_from = 0;  // step behind which --patience counts evaluations
  SessionOptions options;
  DataOptions data_options;
  DataDescription data;
  Networks networks;
};
nlohmann::ordered_json state_to_json(const CheckpointState& state);
// Throws Error(kIncompatible) naming `file` and what is missing or wrong.
CheckpointState state_from_json(const nlohmann::ordered_json& json,
                                const std::filesystem::path& file);

// Reads state.json of a checkpoint's folder. Throws Error(kIncompatible), Error(kData) where it is
// not there.
CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint);

}  // namespace wgan
