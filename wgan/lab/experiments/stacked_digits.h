// Digits stacked as the channels of a picture, and the modes that a classifier reads in samples.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "wgan/data/dataset.h"
#include "wgan/judge/classifier.h"

namespace wgan {

// What a row of stacked digits shows, and how many rows there are.
struct Stacking {
  int64_t channels = 3;  // digits a picture, drawn independently: 10^channels modes
  int64_t pool = 0;      // digits to draw from, the first in shuffled order, kept in memory
  int64_t stacks = 0;    // rows; 0: endless
  uint64_t seed = 0;
};

// Metz et al. 2017, section 3.3, where three digits make 1000 modes. Unlabelled. Throws
// Error(kUsage) where `digits` is not grey pictures.
Dataset stacked_digits(const Dataset& digits, const Stacking& stacking);

// [N] int64, the modes 0 .. 10^C - 1 of samples [N, C, H, W] in [-1, 1], as a classifier of single
// digits reads their channels.
at::Tensor modes_of(const Classifier& classifier, const at::Tensor& samples);

}  // namespace wgan
