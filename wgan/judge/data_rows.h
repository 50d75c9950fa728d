// Rows of the data in the form that the sampler gives samples, to set beside them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "wgan/data/dataset.h"

namespace wgan {

// `count` rows in a shuffled order, the same always, behind the first `skip` of it (all of these,
// where there are fewer): uint8 [N, H, W, C], or [N, D] in original units, as
// to_original_units gives them.
at::Tensor data_rows(const Dataset& dataset, int64_t count, int64_t skip = 0);

// The classes of the first rows of that order: [count] int64, from the first row on again where
// there are fewer. The data set must be labelled.
at::Tensor data_labels(const Dataset& dataset, int64_t count);

// Their conditions: [count, K] in original units, from the first row on again where there
// are fewer; undefined where nothing is known of rows.
at::Tensor data_conditions(const Dataset& dataset, int64_t count);

// A row number for each of these classes: where one is named for the n-th time, that of its n-th
// row in the shuffled order, or -1 where there is none (of an endless set: among its first
// 100,000). The data set must be labelled.
std::vector<int64_t> rows_of_classes(const Dataset& dataset, std::span<const int64_t> classes);

// The rows of these numbers, as data_rows() gives them; of -1: mid-grey, or zeros.
at::Tensor rows_at(const Dataset& dataset, std::span<const int64_t> rows);

// Their conditions: [rows, K] float32 in original units (of -1: the average); undefined where
// nothing is known of rows.
at::Tensor conditions_at(const Dataset& dataset, std::span<const int64_t> rows);

}  // namespace wgan
