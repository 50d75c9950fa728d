// A trained generator from the checkpoint that a person names.
#pragma once

#include <filesystem>
#include <string>

#include "wgan/run/checkpoint.h"
#include "wgan/train/sampler.h"

namespace wgan {

// Whether the path is a file of wgan export --to wgan, by its ending.
bool is_generator_file(const std::filesystem::path& path);

// What a person names for drawing samples: such a file, or the checkpoint that find_checkpoint
// gives, whose checksums are right. Throws as that does.
std::filesystem::path find_generator(
    const std::string& named, const std::filesystem::path& runs,
    const OnDamaged& on_damaged = [](const auto&, const auto&) {});

// run_or_checkpoint: as find_checkpoint takes it, or a file of wgan export --to wgan. The averaged
// generator where the run keeps one. device: "cpu" or "cuda". on_damaged: as find_checkpoint takes
// it. Throws Error(kData) where there is none, Error(kIncompatible) where it is damaged.
Generator load_generator(
    const std::filesystem::path& run_or_checkpoint, const std::string& device = "cpu",
    const std::filesystem::path& runs = "runs",
    const OnDamaged& on_damaged = [](const auto&, const auto&) {});

// Fills data.conditions, from which sample() takes those that nobody asks for, out of the run's
// data where the checkpoint is an older one that keeps none; leaves other generators as they are.
// Throws Error(kUsage) where these data are no longer there.
void fetch_conditions(Generator& generator);

}  // namespace wgan
