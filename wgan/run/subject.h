// From what a person names to the samples that are judged: a run, or a file of samples.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "wgan/data/dataset.h"
#include "wgan/train/sampler.h"

namespace wgan {

// What is to be judged.
struct Subject {
  std::string name;                    // as the person gave it
  std::filesystem::path run;           // its run folder; empty for samples of another origin
  std::optional<Generator> generator;  // of a run
  std::optional<Dataset> samples;      // otherwise
};

// named: a run folder, a checkpoint, latest, or anything open_dataset takes. options: size, fit and
// channels of pictures. Throws as load_generator and open_dataset do.
Subject open_subject(const std::string& named, const std::string& device,
                     const std::filesystem::path& runs, DataOptions options);

// The first n samples: of a generator as first_samples gives them. A finite set's rows come in a
// shuffled order.
at::Tensor rows_of(const Subject& subject, uint64_t first_seed, int64_t n,
                   const Dataset& conditions_of);

// The options of the data that a run was trained on.
DataOptions data_options_of(const Generator& generator);

}  // namespace wgan
