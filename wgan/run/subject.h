// From what a person names to the samples that are judged: a run, or a file of samples.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"
#include "wgan/train/sampler.h"

namespace wgan {

// What is to be judged.
struct Subject {
  std::string name;                    // as the person gave it
  std::filesystem::path run;           // its run folder; empty for samples of another origin
  std::optional<Generator> generator;  // of a run
  std::optional<Dataset> samples;      // otherwise, once they are open
};

// named: a run folder, a checkpoint, latest, a file of wgan export --to wgan, or anything
// open_dataset takes; a folder of pictures is left for open_samples, as it may have to be prepared
// first. Throws as load_generator and open_dataset do.
Subject open_subject(const std::string& named, const std::string& device,
                     const std::filesystem::path& runs);

// Opens the samples of a subject that is no run, where they are not open. options: size, fit and
// channels of pictures; where these are left open, pictures become as `like`'s are. Throws as
// open_dataset does.
void open_samples(Subject& subject, const DataOptions& options, const Dataset& like,
                  const Progress& progress = {});

// The first n samples: of a generator as first_samples gives them. A finite set's rows come in a
// shuffled order.
at::Tensor rows_of(const Subject& subject, uint64_t first_seed, int64_t n, const Dataset& like);

}  // namespace wgan
