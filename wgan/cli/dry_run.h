// wgan train --dry-run: what a run would take and come to.
#pragma once

#include "wgan/cli/terminal.h"
#include "wgan/run/estimate.h"
#include "wgan/run/run_folder.h"

namespace wgan {

struct DryRun {
  const Dataset& dataset;
  const DataOptions& data_options;
  const SessionOptions& options;
  const OptionSources& sources;
  Taken taken;  // before, of a run that is resumed
};

// Prints time, pictures, memory and advice, then the options that differ from the recipe's;
// verbose: all options, as config.toml has them, and the layers of the networks. Returns the exit
// code.
int dry_run(const DryRun& run, bool verbose, Terminal& terminal);

}  // namespace wgan
