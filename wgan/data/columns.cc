// Two passes over the rows: means and ends, then deviations.
#include "wgan/data/columns.h"

#include <algorithm>
#include <cmath>

#include "wgan/data/rows.h"

namespace wgan {
namespace {

// Calls visit(column, value) for all finite numbers of the rows that count.
template <class Visit>
void for_each_number(const NpyArray& rows, const std::vector<bool>& counts, Visit visit) {
  std::vector<double> values(static_cast<size_t>(row_length(rows)));
  for (size_t row = 0; row < counts.size(); ++row) {
    if (!counts[row]) continue;
    read_numbers(rows, static_cast<int64_t>(row * values.size()), values);
    for (size_t c = 0; c < values.size(); ++c) {
      if (std::isfinite(values[c])) visit(c, values[c]);
    }
  }
}

}  // namespace

std::vector<ColumnRange> column_ranges(const NpyArray& rows, const std::vector<bool>& counts) {
  const auto width = static_cast<size_t>(row_length(rows));
  std::vector<ColumnRange> ranges(width);
  std::vector<double> origin(width), sum(width), square(width);
  for_each_number(rows, counts, [&](size_t c, double value) {
    ColumnRange& range = ranges[c];
    if (range.finite++ == 0) origin[c] = range.low = range.high = value;
    range.low = std::min(range.low, value);
    range.high = std::max(range.high, value);
    sum[c] += value - origin[c];
  });
  for (size_t c = 0; c < width; ++c) {
    sum[c] /= static_cast<double>(std::max<int64_t>(ranges[c].finite, 1));  // mean - origin
    ranges[c].mean = ranges[c].constant() ? ranges[c].low : origin[c] + sum[c];
  }
  for_each_number(rows, counts, [&](size_t c, double value) {
    const double difference = value - origin[c] - sum[c];
    square[c] += difference * difference;
  });
  for (size_t c = 0; c < width; ++c) {
    if (ranges[c].low == ranges[c].high) continue;
    ranges[c].deviation = std::sqrt(square[c] / static_cast<double>(ranges[c].finite));
  }
  return ranges;
}

ColumnScale scale_of(std::span<const ColumnRange> columns) {
  ColumnScale scale;
  for (const ColumnRange& column : columns) {
    scale.mean.push_back(column.mean);
    scale.deviation.push_back(column.deviation > 0 ? column.deviation : 1);
  }
  return scale;
}

ColumnScale column_scale(const NpyArray& rows, double holdout) {
  const int64_t count = rows.shape.at(0);
  std::vector<bool> trained(static_cast<size_t>(count));
  for (int64_t row = 0; row < count; ++row) {
    trained[static_cast<size_t>(row)] = !held_out(row, count, holdout);
  }
  return scale_of(column_ranges(rows, trained));
}

void read_standardised(const NpyArray& rows, const ColumnScale& scale, int64_t row,
                       std::span<float> out) {
  std::vector<double> values(out.size());
  read_numbers(rows, row * static_cast<int64_t>(out.size()), values);
  for (size_t c = 0; c < out.size(); ++c) {
    out[c] = static_cast<float>((values[c] - scale.mean[c]) / scale.deviation[c]);
  }
}

}  // namespace wgan
