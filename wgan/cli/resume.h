// What a resumed run may change of its options.
#pragma once

#include <string>
#include <vector>

#include "wgan/cli/settings.h"
#include "wgan/run/checkpoint.h"

namespace wgan {

// Puts the settings into the options of the run that `state` is of. Returns the changes, as
// "threads: 2 -> 4". Throws Error(kUsage) that names each option that would change what the run
// produces, the length where the learning rates' decay depends on it, and options of the run
// folder's place; and where the run has no steps left. The setting "extend" is added to the run's
// extensions, and patience then counts from the state's step on.
std::vector<std::string> change_options(Settings settings, CheckpointState& state);

}  // namespace wgan
