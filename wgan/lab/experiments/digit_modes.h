// Mode collapse on pictures: digits, and digits stacked as the channels of a picture, whose modes a
// classifier counts.
#pragma once

#include <cstdint>

#include "wgan/lab/experiment.h"

namespace wgan {

// Trains the MLP generator of Arjovsky et al. 2017, Fig. 7 (4 layers of 512 units) as GAN, WGAN and
// WGAN-GP on digits and on three of them stacked, and adds pictures, modes over time and checks to
// the outcome. Options: the digits are those of `data` or, where that is empty, strokes.
void add_digit_modes(const ExperimentOptions& options, int64_t steps, Outcome& outcome);

}  // namespace wgan
