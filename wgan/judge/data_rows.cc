// Reads rows by their place in the shuffled order.
#include "wgan/judge/data_rows.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/data/loader.h"
#include "wgan/train/sampler.h"

namespace wgan {
namespace {

constexpr int64_t kMostSearched = 100'000;  // rows of an endless set, for those of a class

int64_t rows_there(const Dataset& dataset, int64_t count, int64_t skip) {
  return dataset.endless ? count : std::min(count, dataset.size - skip);
}

}  // namespace

at::Tensor data_rows(const Dataset& dataset, int64_t wanted, int64_t skip) {
  std::vector<int64_t> rows(static_cast<size_t>(rows_there(dataset, wanted, skip)));
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = shuffled_row(dataset, skip + static_cast<int64_t>(i));
  }
  return rows_at(dataset, rows);
}

at::Tensor data_labels(const Dataset& dataset, int64_t count) {
  const at::Tensor labels = torch::empty({count}, torch::kInt64);
  auto* const classes = labels.data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) {
    classes[i] = dataset.label(shuffled_row(dataset, dataset.endless ? i : i % dataset.size));
  }
  return labels;
}

at::Tensor data_conditions(const Dataset& dataset, int64_t count) {
  if (dataset.condition_size() == 0) return {};
  std::vector<int64_t> rows(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    rows[static_cast<size_t>(i)] = shuffled_row(dataset, dataset.endless ? i : i % dataset.size);
  }
  return conditions_at(dataset, rows);
}

std::vector<int64_t> rows_of_classes(const Dataset& dataset, std::span<const int64_t> classes) {
  std::vector<int64_t> rows(classes.size(), -1);
  const int64_t last = dataset.endless ? kMostSearched : dataset.size;
  size_t missing = rows.size();
  for (int64_t place = 0; place < last && missing > 0; ++place) {
    const int64_t row = shuffled_row(dataset, place);
    const int64_t label = dataset.label(row);
    for (size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] >= 0 || classes[i] != label) continue;
      rows[i] = row;
      --missing;
      break;
    }
  }
  return rows;
}

at::Tensor rows_at(const Dataset& dataset, std::span<const int64_t> numbers) {
  std::vector<int64_t> shape = dataset.shape;
  shape.insert(shape.begin(), static_cast<int64_t>(numbers.size()));
  const at::Tensor rows = dataset.is_image() ? torch::full(shape, 128, torch::kUInt8)
                                             : torch::zeros(shape, torch::kFloat32);
  auto* bytes = static_cast<std::byte*>(rows.data_ptr());
  const auto row_bytes = static_cast<size_t>(dataset.row_bytes());
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] >= 0) dataset.read_row(numbers[i], {bytes + i * row_bytes, row_bytes});
  }
  return dataset.is_image() ? rows : to_original_units(rows, dataset.scale);
}

at::Tensor conditions_at(const Dataset& dataset, std::span<const int64_t> rows) {
  if (dataset.condition_size() == 0) return {};
  const at::Tensor standardised =
      torch::zeros({static_cast<int64_t>(rows.size()), dataset.condition_size()}, torch::kFloat32);
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0) continue;
    const at::Tensor known = gather_known(dataset, rows.subspan(i, 1)).conditions;
    standardised[static_cast<int64_t>(i)].copy_(known[0]);
  }
  return to_original_units(standardised, dataset.condition_scale);
}

}  // namespace wgan
