// Reads rows by their place in the shuffled order.
#include "wgan/judge/data_rows.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/core/random.h"
#include "wgan/data/loader.h"

namespace wgan {
namespace {

int64_t row_at(const Dataset& dataset, int64_t place) {
  if (dataset.endless) return place;
  return static_cast<int64_t>(permuted_index(0, Stream::kShuffle, 0, static_cast<uint64_t>(place),
                                             static_cast<uint64_t>(dataset.size)));
}

int64_t rows_there(const Dataset& dataset, int64_t count, int64_t skip) {
  return dataset.endless ? count : std::min(count, dataset.size - skip);
}

}  // namespace

at::Tensor data_rows(const Dataset& dataset, int64_t wanted, int64_t skip) {
  const int64_t count = rows_there(dataset, wanted, skip);
  std::vector<int64_t> shape = dataset.shape;
  shape.insert(shape.begin(), count);
  const at::Tensor rows = torch::empty(shape, dataset.is_image() ? torch::kUInt8 : torch::kFloat32);
  auto* bytes = static_cast<std::byte*>(rows.data_ptr());
  const auto row_bytes = static_cast<size_t>(dataset.row_bytes());
  for (int64_t i = 0; i < count; ++i) {
    dataset.read_row(row_at(dataset, skip + i),
                     {bytes + static_cast<size_t>(i) * row_bytes, row_bytes});
  }
  if (dataset.scale.empty()) return rows;
  return rows * torch::tensor(dataset.scale.deviation) + torch::tensor(dataset.scale.mean);
}

at::Tensor data_labels(const Dataset& dataset, int64_t wanted, int64_t skip) {
  const int64_t count = rows_there(dataset, wanted, skip);
  const at::Tensor labels = torch::empty({count}, torch::kInt64);
  auto* const classes = labels.data_ptr<int64_t>();
  for (int64_t i = 0; i < count; ++i) classes[i] = dataset.label(row_at(dataset, skip + i));
  return labels;
}

at::Tensor data_conditions(const Dataset& dataset, int64_t count) {
  if (dataset.condition_size() == 0) return {};
  std::vector<int64_t> rows(static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) {
    rows[static_cast<size_t>(i)] = row_at(dataset, dataset.endless ? i : i % dataset.size);
  }
  return gather_known(dataset, rows).conditions * torch::tensor(dataset.condition_scale.deviation) +
         torch::tensor(dataset.condition_scale.mean);
}

}  // namespace wgan
