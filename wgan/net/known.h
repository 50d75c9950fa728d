// What both networks are conditioned on: the class of each sample, and its conditions.
#pragma once

#include <cstdint>

#include "wgan/net/layer.h"

namespace wgan {

// How many inputs of the generator stand behind z: first the classes, one-hot, then the conditions.
// The critic has an output a class, and sees the conditions behind the sample: as further elements
// of a vector, as constant channels of an image (Mirza and Osindero 2014).
struct Known {
  int64_t classes = 0;
  int64_t conditions = 0;
};

// The shape [D] or [C, H, W] of a sample with so many conditions behind it.
inline Shape with_conditions(Shape sample, int64_t conditions) {
  sample[0] += conditions;
  return sample;
}

}  // namespace wgan
