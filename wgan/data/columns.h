// The columns of rows of numbers: their scale, and what they hold.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wgan/data/numbers.h"
#include "wgan/net/generator_state.h"

namespace wgan {

// What the rows of one column hold; those that are not finite are counted and left out.
struct ColumnRange {
  int64_t finite = 0;
  double low = 0;
  double high = 0;
  double mean = 0;
  double deviation = 0;
  bool constant() const { return finite > 0 && low == high; }
};

// Of the rows that `counts` names: all, or those of a split. rows [N, ...] of numbers; a column is
// an element of a row. In float64, from the first row's distance, so that a large offset does not
// cost digits.
std::vector<ColumnRange> column_ranges(const NpyArray& rows, const std::vector<bool>& counts);

// Means and deviations; that of a constant column is 1.
ColumnScale scale_of(std::span<const ColumnRange> columns);

// Of every column over the rows of the train split.
ColumnScale column_scale(const NpyArray& rows, double holdout);

// A row of the array, standardised, to out, which has the length of a row.
void read_standardised(const NpyArray& rows, const ColumnScale& scale, int64_t row,
                       std::span<float> out);

}  // namespace wgan
