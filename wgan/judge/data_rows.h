// Rows of the data in the form that the sampler gives samples, to set beside them.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/data/dataset.h"

namespace wgan {

// `count` rows in a shuffled order, the same always, behind the first `skip` of it (all of these,
// where there are fewer): uint8 [N, H, W, C], or float32 [N, D] in original units.
at::Tensor data_rows(const Dataset& dataset, int64_t count, int64_t skip = 0);

// Their classes: [N] int64. The data set must be labelled.
at::Tensor data_labels(const Dataset& dataset, int64_t count, int64_t skip = 0);

// Their conditions: [count, K] float32 in original units, from the first row on again where there
// are fewer; undefined where nothing is known of rows.
at::Tensor data_conditions(const Dataset& dataset, int64_t count);

}  // namespace wgan
