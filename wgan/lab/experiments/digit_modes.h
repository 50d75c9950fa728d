// Mode collapse on pictures: digits, and digits stacked as the channels of a picture, whose modes a
// classifier counts.
#pragma once

#include <cstdint>

#include "wgan/data/dataset.h"
#include "wgan/lab/experiment.h"

namespace wgan {

// Each row shows `channels` rows of `digits`, drawn independently, one a channel (Metz et al. 2017,
// section 3.3: three of them make 1000 modes). The first `pool` rows of `digits` are drawn from and
// kept in memory. Endless, unlabelled. Throws Error(kUsage) where `digits` is not grey pictures.
Dataset stacked_digits(const Dataset& digits, int64_t channels, int64_t pool, uint64_t seed);

// Trains the MLP generator of Arjovsky et al. 2017, Fig. 7 (4 layers of 512 units) as GAN, WGAN and
// WGAN-GP on digits and on three of them stacked, and adds pictures, modes over time and checks to
// the outcome. Options: the digits are those of `data` or, where that is empty, strokes.
void add_digit_modes(const ExperimentOptions& options, int64_t steps, Outcome& outcome);

}  // namespace wgan
