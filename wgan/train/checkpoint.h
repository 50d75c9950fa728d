// Checkpoints: a folder of safetensors files and state.json, which says what they are.
//
//   step-012000/generator.safetensors  critic.safetensors  average.safetensors  state.json
//
// Tensors are named by layer ("3.weight", "4.running_mean") and lie in canonical order (OIHW).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "wgan/data/dataset.h"
#include "wgan/nn/parameters.h"
#include "wgan/train/trainer.h"

namespace wgan {

// What a checkpoint says of the data it was trained on: enough to sample in the data's units.
struct DataDescription {
  std::string name;
  std::string identity;
  std::vector<int64_t> shape;  // [H, W, C] or [D]
  std::vector<std::string> class_names;
  ColumnScale scale;
};
DataDescription describe_data(const Dataset& dataset);

// Everything in state.json.
struct CheckpointState {
  int64_t step = 0;
  int64_t critic_steps = 0;
  TrainOptions options;
  DataOptions data_options;
  DataDescription data;
  Networks networks;
};
nlohmann::ordered_json state_to_json(const CheckpointState& state);
// Throws Error(kIncompatible) naming `file` and what is missing or wrong.
CheckpointState state_from_json(const nlohmann::ordered_json& json,
                                const std::filesystem::path& file);

// Writes folder/step-NNNNNN under a temporary name and renames it; then folder/last becomes a file
// with its name, and all but the newest `keep` checkpoints (0: none) are removed. Returns the
// checkpoint's path. Throws Error(kOutput); the checkpoints before stay as they were.
std::filesystem::path write_checkpoint(const std::filesystem::path& folder, const Players& players,
                                       const CheckpointState& state, int64_t keep);

CheckpointState read_checkpoint_state(const std::filesystem::path& checkpoint);

// Throws Error(kIncompatible) where the file does not hold the network's tensors. Before a model is
// made of a network that came from a file: only what the file is long enough for is worth memory.
void check_model_file(const std::filesystem::path& file, const Network& network);

// Fills the parameters and state of a model from one of the files. Throws Error(kIncompatible)
// where a tensor is missing or has another shape or type.
void read_model(const std::filesystem::path& file, Model& model);

// The checkpoint that a person means: a checkpoint itself, a run folder (its newest checkpoint), or
// "latest" (that of the newest run in `runs`). Throws Error(kData) where there is none.
std::filesystem::path find_checkpoint(const std::string& run_or_checkpoint,
                                      const std::filesystem::path& runs);

}  // namespace wgan
