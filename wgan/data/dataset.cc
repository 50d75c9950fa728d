// What is told of a data set where it is not at hand.
#include "wgan/data/dataset.h"

#include <algorithm>

#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr int64_t kFewestConditions = 16, kMostConditions = 256;  // rows
constexpr int64_t kConditionNumbers = 4096;                       // in all, beyond the fewest rows

// [rows * K] in original units.
std::vector<double> first_conditions(const Dataset& dataset) {
  const int64_t size = dataset.condition_size();
  if (size == 0 || !dataset.condition) return {};
  int64_t rows = std::clamp(kConditionNumbers / size, kFewestConditions, kMostConditions);
  if (!dataset.endless) rows = std::min(rows, dataset.size);
  std::vector<double> numbers;
  std::vector<float> row(static_cast<size_t>(size));
  const ColumnScale& scale = dataset.condition_scale;
  for (int64_t i = 0; i < rows; ++i) {
    dataset.condition(shuffled_row(dataset, i), row);
    for (size_t k = 0; k < row.size(); ++k) {
      numbers.push_back(double{row[k]} * scale.deviation[k] + scale.mean[k]);
    }
  }
  return numbers;
}

}  // namespace

int64_t shuffled_row(const Dataset& dataset, int64_t place) {
  if (dataset.endless) return place;
  return static_cast<int64_t>(permuted_index(0, Stream::kShuffle, 0, static_cast<uint64_t>(place),
                                             static_cast<uint64_t>(dataset.size)));
}

DataDescription describe_data(const Dataset& dataset) {
  return {.name = dataset.name,
          .identity = dataset.identity,
          .shape = dataset.shape,
          .class_names = dataset.class_names,
          .scale = dataset.scale,
          .condition_scale = dataset.condition_scale,
          .row_shape = dataset.row_shape,
          .class_rows = dataset.class_sizes(),
          .conditions = first_conditions(dataset)};
}

}  // namespace wgan
