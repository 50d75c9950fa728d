// The classes of rows, from an array of labels of any kind.
#pragma once

#include <cstdint>

#include "wgan/data/dataset.h"
#include "wgan/data/numbers.h"

namespace wgan {

// Gives `dataset` the classes of its rows:
//   whole numbers of any type, one a row                 the classes' numbers, from 0
//   bool, one a row                                      0 and 1
//   numbers [N, K] with a single 1 in each row           the place of the 1
//   text, one a row                                      classes of these names, sorted
// One a row is [N], or has other axes of length 1. Throws Error(kData) where it is none of these,
// or has not one label for each row.
void attach_array_labels(Dataset& dataset, const ArraySource& labels);

}  // namespace wgan
