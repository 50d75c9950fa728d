// Where a session of training starts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/io/file_lock.h"
#include "wgan/run/checkpoint.h"
#include "wgan/train/trainer.h"

namespace wgan {

// At initial weights (no checkpoint), at those of a checkpoint in a run of its own, or at a
// checkpoint in the checkpoint's run, as if that had never stopped.
struct Start {
  enum class Kind { kNew, kFrom, kResume };
  Kind kind = Kind::kNew;
  std::filesystem::path checkpoint = {};
  std::filesystem::path run = {};         // resumed: its folder
  std::shared_ptr<FileLock> lock = {};    // resumed: of the run
  std::vector<std::string> changes = {};  // resumed: "threads: 2 -> 4", noted in run.json
  int64_t patience_from = 0;              // resumed: step behind which evaluations count
  bool keep_optimizer = false;            // from: moments and counts of steps too
};

// To go on with a run, named as find_checkpoint takes it. The run is locked before its checkpoints
// are read, which another process that trains it would replace. Throws what run_named, lock_run and
// find_checkpoint throw.
Start resume_at(
    const std::string& run_or_checkpoint, const std::filesystem::path& runs,
    const OnDamaged& on_damaged = [](const auto&, const auto&) {});

// The players at the session's start. Throws Error(kIncompatible) where the checkpoint does not fit
// the networks or the data, Error(kUsage) where its optimizers are to be kept and these options
// have others.
Players started_players(const Networks& networks, const Dataset& dataset,
                        const TrainOptions& options, const std::string& device, const Start& start);

}  // namespace wgan
