// Checkpoints: a folder of safetensors files, state.json, which says what they are, and SHA256SUMS.
//
//   step-012000/generator.safetensors  critic.safetensors  average.safetensors
//               generator_optimizer.safetensors  critic_optimizer.safetensors  ticks.safetensors
//
// Tensors are named by layer ("3.weight", "4.running_mean", "3.weight.mean_square" of an optimizer)
// and lie in canonical order (OIHW). docs/formats.md has every detail.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "wgan/nn/parameters.h"
#include "wgan/run/checkpoint_state.h"
#include "wgan/train/trainer.h"

namespace wgan {

// Writes folder/step-NNNNNN under a temporary name, syncs it to the disk and renames it; then
// folder/last becomes a file with its name, and all but the newest `keep` checkpoints (0: none) are
// removed. state: its counters are taken from the players. Returns the checkpoint's path. Throws
// Error(kOutput); the checkpoints before stay as they were.
std::filesystem::path write_checkpoint(const std::filesystem::path& folder, const Players& players,
                                       CheckpointState state, int64_t keep);

// folder/best becomes a file with the checkpoint's name; write_checkpoint then keeps that one,
// however old. Throws Error(kOutput).
void mark_best(const std::filesystem::path& folder, const std::filesystem::path& checkpoint);

// The folder of the run that a checkpoint lies in, RUN of RUN/checkpoints/step-..., absolute;
// empty: it lies in none.
std::filesystem::path run_of_checkpoint(const std::filesystem::path& checkpoint);

// What the names of folders begin with that are being written or removed.
inline constexpr const char* kWritingPrefix = ".writing-";

// What a checkpoint is wanted for: to train on, or to draw samples, which takes the averaged
// generator alone.
enum class Purpose { kTrain, kSample };

// Throws Error(kIncompatible) naming the file that is missing or whose checksum is wrong, of those
// that the purpose takes.
void check_checkpoint(const std::filesystem::path& checkpoint, Purpose purpose = Purpose::kTrain);

// Renames the checkpoints of later steps to set-aside-...: nothing looks at them any more, and the
// steps can be written again. Returns how many.
int64_t set_aside_later(const std::filesystem::path& folder, int64_t step);

// Fills generator, average and critic of players of the checkpoint's networks. Throws
// Error(kIncompatible).
void read_models(const std::filesystem::path& checkpoint, Players& players);

// Fills the optimizers of players of the checkpoint's networks: moments and counts of steps. Throws
// Error(kIncompatible).
void read_optimizers(const std::filesystem::path& checkpoint, const CheckpointState& state,
                     Players& players);

// Puts players of the checkpoint's networks and options back to where they were: training goes on
// as if it had never stopped. Throws Error(kIncompatible).
void read_players(const std::filesystem::path& checkpoint, const CheckpointState& state,
                  Players& players);

// The folder of the run that a person means, without a look into its checkpoints: named as
// find_checkpoint takes it. Throws Error(kData) where there is none, Error(kUsage) for a checkpoint
// that lies in no run folder.
std::filesystem::path run_named(const std::string& run_or_checkpoint,
                                const std::filesystem::path& runs);

// The checkpoint that a person means: a checkpoint itself, the file checkpoints/best or
// checkpoints/last, a run folder (its newest checkpoint that
// is not damaged for the purpose), or "latest" (that of the newest run in `runs`). on_damaged: told
// of each newer one that is passed over. Throws Error(kData) where there is none, and what
// check_checkpoint throws where all are damaged.
using OnDamaged =
    std::function<void(const std::filesystem::path& checkpoint, const std::string& what)>;
std::filesystem::path find_checkpoint(
    const std::string& run_or_checkpoint, const std::filesystem::path& runs,
    const OnDamaged& on_damaged = [](const auto&, const auto&) {},
    Purpose purpose = Purpose::kTrain);

}  // namespace wgan
