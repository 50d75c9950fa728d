// state.json of a checkpoint: everything that it holds besides tensors. Knows no LibTorch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/train/options.h"
#include "wgan/train/recipe.h"

namespace wgan {

inline constexpr const char* kStateFile = "state.json";

// What a checkpoint says of the data it was trained on: enough to sample in the data's units.
struct DataDescription {
  std::string name;
  std::string identity;
  std::vector<int64_t> shape;  // [H, W, C] or [D]
  std::vector<std::string> class_names;
  ColumnScale scale;
  ColumnScale condition_scale;  // of what is known of each row; empty: nothing is
};
DataDescription describe_data(const Dataset& dataset);

// Everything in state.json.
struct CheckpointState {
  int64_t step = 0;
  int64_t critic_steps = 0;
  double seconds = 0;             // of training
  int64_t tick_critic_steps = 0;  // since the last tick
  int64_t tick_generator_steps = 0;
  TrainOptions options;
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
