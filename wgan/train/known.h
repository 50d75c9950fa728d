// What both networks are told of each sample: its class, and its conditions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/nn/layer.h"
#include "wgan/train/options.h"

namespace wgan {

// How many inputs of the generator stand behind z: first the classes, one-hot, then the conditions.
// The critic has an output a class, and sees the conditions behind the sample: as further elements
// of a vector, as constant channels of an image (Mirza and Osindero 2014).
struct Known {
  int64_t classes = 0;
  int64_t conditions = 0;
};

inline Known known_of(const TrainOptions& options, const std::vector<std::string>& class_names,
                      const ColumnScale& condition_scale) {
  if (!options.conditional) return {};
  return {.classes = static_cast<int64_t>(class_names.size()),
          .conditions = static_cast<int64_t>(condition_scale.mean.size())};
}

inline Known known_of(const TrainOptions& options, const Dataset& dataset) {
  return known_of(options, dataset.class_names, dataset.condition_scale);
}

// The shape [D] or [C, H, W] of a sample with so many conditions behind it.
inline Shape with_conditions(Shape sample, int64_t conditions) {
  sample[0] += conditions;
  return sample;
}

}  // namespace wgan
