// The line that a run shows of each tick.
#pragma once

#include <string>

#include "wgan/train/options.h"
#include "wgan/train/tick.h"

namespace wgan {

// "step 2,100/5,000     1:23 left   1,663 images/s  W  1.307  variety 0.97": how far the run is,
// the time that is left (or has passed, of a run without an end), rows per second, W (of the
// objectives that have a probability instead: the discriminator's loss), and how far apart samples
// lie, as a share of the data's distances. Columns stay where they are during a run; at most 79 of
// them, whatever the numbers are. rows: "images" or "rows". docs/reading-a-run.md explains each.
std::string tick_line(const Tick& tick, const TrainOptions& options, const char* rows);

}  // namespace wgan
