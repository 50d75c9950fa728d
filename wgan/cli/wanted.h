// Flags by which a person says what samples are to be.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "wgan/cli/terminal.h"
#include "wgan/train/sampler.h"

namespace wgan {

struct WantedFlags {
  std::string class_name;
  std::string condition;   // "1.5,0.2", of all samples
  std::string conditions;  // NPY file [N, K]
  double truncation = 1;
};

void add_wanted_flags(CLI::App& command, WantedFlags& flags);

// Warns of conditions far outside the data's. Where none are given, and an older checkpoint keeps
// none, they are taken from the run's data. Throws Error(kUsage) for what the generator does not
// know and where those data are not there, Error(kData) for a file that holds no array [N, K] of
// finite numbers.
Wanted wanted_of(const WantedFlags& flags, Generator& generator, Terminal& terminal);

}  // namespace wgan
