// Turns NumPy arrays into data sets; standardises vectors.
#include "wgan/data/open_npy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/rows.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

// An array and where it was found, for messages.
struct Source {
  NpyArray array;
  std::filesystem::path place;
};

template <class T>
T element(const NpyArray& array, int64_t index) {
  T value;
  std::memcpy(&value, array.bytes.data() + index * static_cast<int64_t>(sizeof value),
              sizeof value);
  return value;
}

double number(const NpyArray& array, int64_t index) {
  return array.type == NpyType::kFloat32 ? static_cast<double>(element<float>(array, index))
                                         : element<double>(array, index);
}

bool holds_images(const NpyArray& array) {
  return array.type == NpyType::kUint8 && (array.shape.size() == 3 || array.shape.size() == 4);
}

bool holds_vectors(const NpyArray& array) {
  return (array.type == NpyType::kFloat32 || array.type == NpyType::kFloat64) &&
         array.shape.size() == 2;
}

std::vector<int64_t> read_labels(const Source& labels) {
  const NpyArray& array = labels.array;
  if (array.shape.size() != 1 || array.type == NpyType::kFloat32 ||
      array.type == NpyType::kFloat64) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: labels of type '{}' and shape ({}); whole numbers [N] are wanted",
                    labels.place.string(), npy_descr(array.type), fmt::join(array.shape, ", ")),
        "save them with numpy.save(path, y.astype(numpy.int64))");
  }
  std::vector<int64_t> values(static_cast<size_t>(array.shape[0]));
  for (int64_t i = 0; i < array.shape[0]; ++i) {
    int64_t& value = values[static_cast<size_t>(i)];
    if (array.type == NpyType::kUint8) value = element<uint8_t>(array, i);
    if (array.type == NpyType::kInt32) value = element<int32_t>(array, i);
    if (array.type == NpyType::kInt64) value = element<int64_t>(array, i);
  }
  return values;
}

Dataset image_rows(const Source& images, const DataOptions& options) {
  const NpyArray& array = images.array;
  Dataset dataset;
  dataset.size = array.shape[0];
  dataset.shape = {array.shape[1], array.shape[2], array.shape.size() == 4 ? array.shape[3] : 1};
  check_images(images.place, dataset.size, dataset.shape, options);
  const auto bytes = static_cast<size_t>(dataset.row_bytes());
  dataset.read_row = [array, bytes](int64_t row, std::span<std::byte> out) {
    std::memcpy(out.data(), array.bytes.data() + static_cast<size_t>(row) * bytes, bytes);
  };
  return dataset;
}

// Throws Error(kData), naming row and column, where a value is not finite as a float32, and where
// there are none.
void check_vectors(const Source& vectors) {
  const NpyArray& array = vectors.array;
  if (array.shape[0] < 1 || array.shape[1] < 1) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: vectors of shape ({}) hold no values", vectors.place.string(),
                            fmt::join(array.shape, ", ")),
                "give at least one row and one column");
  }
  const int64_t columns = array.shape[1];
  for (int64_t i = 0; i < array.shape[0] * columns; ++i) {
    const double value = number(array, i);
    if (std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max())) continue;
    throw Error(ErrorKind::kData,
                fmt::format("{}: row {}, column {} is {}; finite float32 numbers are wanted",
                            vectors.place.string(), i / columns, i % columns, value),
                "remove such rows or fill in the value");
  }
}

// Mean and deviation of every column over the rows of the train split, computed in float64. The
// deviation of a constant column is 1.
ColumnScale column_scale(const NpyArray& array, double holdout) {
  const int64_t rows = array.shape[0], columns = array.shape[1];
  const auto width = static_cast<size_t>(columns);
  std::vector<double> sum(width), square(width), low(width, HUGE_VAL), high(width, -HUGE_VAL);
  int64_t count = 0;
  const auto for_each_value = [&](auto&& visit) {
    for (int64_t row = 0; row < rows; ++row) {
      if (held_out(row, rows, holdout)) continue;
      for (size_t c = 0; c < width; ++c) {
        visit(c, number(array, row * columns + static_cast<int64_t>(c)));
      }
    }
  };
  for (int64_t row = 0; row < rows; ++row) count += !held_out(row, rows, holdout);
  for_each_value([&](size_t c, double value) {
    sum[c] += value;
    low[c] = std::min(low[c], value), high[c] = std::max(high[c], value);
  });
  const auto n = static_cast<double>(std::max<int64_t>(count, 1));
  for_each_value([&](size_t c, double value) {
    const double difference = value - sum[c] / n;
    square[c] += difference * difference;
  });
  ColumnScale scale;
  for (size_t c = 0; c < width; ++c) {
    const auto deviation = static_cast<float>(std::sqrt(square[c] / n));
    scale.mean.push_back(static_cast<float>(sum[c] / n));
    scale.deviation.push_back(low[c] < high[c] && deviation > 0 ? deviation : 1.F);
  }
  return scale;
}

// A row of the array, standardised.
void read_standardised(const NpyArray& array, const ColumnScale& scale, int64_t row,
                       std::span<float> out) {
  const auto columns = static_cast<int64_t>(out.size());
  for (int64_t c = 0; c < columns; ++c) {
    const auto i = static_cast<size_t>(c);
    out[i] =
        static_cast<float>((number(array, row * columns + c) - static_cast<double>(scale.mean[i])) /
                           static_cast<double>(scale.deviation[i]));
  }
}

Dataset vector_rows(const Source& vectors, const DataOptions& options) {
  const NpyArray& array = vectors.array;
  check_vectors(vectors);
  Dataset dataset;
  dataset.type = RowType::kFloat32;
  dataset.size = array.shape[0];
  dataset.shape = {array.shape[1]};
  dataset.scale = column_scale(array, options.holdout);
  dataset.read_row = [array, scale = dataset.scale](int64_t row, std::span<std::byte> out) {
    std::vector<float> values(scale.mean.size());
    read_standardised(array, scale, row, values);
    std::memcpy(out.data(), values.data(), values.size() * sizeof values[0]);
  };
  return dataset;
}

// Gives `dataset` the conditions, a vector a row.
void attach_conditions(Dataset& dataset, const Source& conditions, double holdout) {
  const NpyArray& array = conditions.array;
  if (!holds_vectors(array) || array.shape[0] != dataset.size) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: conditions of type '{}' and shape ({}) for {}; wanted are "
                    "float vectors [{}, C], one a row",
                    conditions.place.string(), npy_descr(array.type), fmt::join(array.shape, ", "),
                    counted(dataset.size, "row"), dataset.size),
        "save them with numpy.save(path, c.astype(numpy.float32)), of one number a row "
        "c.reshape(-1, 1)");
  }
  check_vectors(conditions);
  dataset.condition_scale = column_scale(array, holdout);
  dataset.condition = [array, scale = dataset.condition_scale](int64_t row, std::span<float> out) {
    read_standardised(array, scale, row, out);
  };
}

[[noreturn]] void throw_wrong_array(const Source& source) {
  std::string hint = "images: x.astype(numpy.uint8); vectors: x.astype(numpy.float32)";
  if (source.array.type == NpyType::kFloat32 && source.array.shape.size() > 2) {
    hint = "images are bytes: (x * 255).astype(numpy.uint8) where x lies in [0, 1]";
  }
  throw Error(ErrorKind::kData,
              fmt::format("{}: elements of type '{}' and shape ({}); wanted are images, uint8 "
                          "[N, H, W] or [N, H, W, C], or vectors, float [N, D]",
                          source.place.string(), npy_descr(source.array.type),
                          fmt::join(source.array.shape, ", ")),
              hint);
}

// What stands in an array's file, or beside it.
struct Sources {
  Source rows;
  std::optional<Source> labels = {};
  std::optional<Source> conditions = {};
};

Dataset dataset_of(const Sources& sources, const std::string& name, const DataOptions& options) {
  const auto& [rows, labels, conditions] = sources;
  if (!holds_images(rows.array) && !holds_vectors(rows.array)) throw_wrong_array(rows);
  Dataset dataset =
      holds_images(rows.array) ? image_rows(rows, options) : vector_rows(rows, options);
  dataset.name = name;
  // The shape is part of what the rows are: the same bytes can be other rows.
  const std::string shape = fmt::format("{} {}", npy_descr(rows.array.type), rows.array.shape);
  std::vector<std::span<const std::byte>> contents = {std::as_bytes(std::span(shape)),
                                                      rows.array.bytes};
  if (labels) {
    attach_labels(dataset, read_labels(*labels), 0, labels->place);
    contents.push_back(labels->array.bytes);
  }
  if (conditions) {
    attach_conditions(dataset, *conditions, options.holdout);
    contents.push_back(conditions->array.bytes);
  }
  dataset.identity = content_identity(contents, options);
  return choose_split(std::move(dataset), options);
}

}  // namespace

Dataset open_npy(const std::filesystem::path& path, const DataOptions& options,
                 const std::string& name) {
  Sources sources{.rows = {map_npy(path), path}};
  const auto look_beside = [&](const char* ending, std::optional<Source>& source) {
    const std::filesystem::path beside = path.parent_path() / (path.stem().string() + ending);
    if (!source && std::filesystem::exists(beside)) source = Source{map_npy(beside), beside};
  };
  look_beside("-labels.npy", sources.labels);
  look_beside(".labels.npy", sources.labels);
  look_beside("-conditions.npy", sources.conditions);
  look_beside(".conditions.npy", sources.conditions);
  return dataset_of(sources, name.empty() ? short_name(path) : name, options);
}

Dataset open_npz(const std::filesystem::path& path, const DataOptions& options) {
  std::optional<Source> rows, labels, conditions;
  std::vector<std::string> names;
  std::vector<Source> candidates;
  for (auto& [name, array] : read_npz(path, kLargestDecompressed)) {
    const auto is_one_of = [&name = name](std::initializer_list<std::string_view> known) {
      return std::find(known.begin(), known.end(), name) != known.end();
    };
    names.push_back(name);
    Source source{std::move(array), path.string() + ":" + name};
    if (!rows && is_one_of({"images", "x", "data"})) {
      rows = source;
    } else if (!labels && is_one_of({"labels", "y"})) {
      labels = source;
    } else if (!conditions && is_one_of({"conditions", "c"})) {
      conditions = source;
    } else if (holds_images(source.array) || holds_vectors(source.array)) {
      candidates.push_back(source);
    }
  }
  if (!rows && candidates.size() == 1) rows = candidates[0];
  if (!rows) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: none of its arrays ({}) is named images, x or data, and {} could "
                    "be meant",
                    path.string(), fmt::join(names, ", "), candidates.empty() ? "none" : "several"),
        "save the one that is meant, as in numpy.savez(path, images=x, labels=y)");
  }
  return dataset_of({*rows, labels, conditions}, short_name(path), options);
}

}  // namespace wgan
