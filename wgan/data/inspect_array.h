// What an array of rows of numbers holds, before training on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "wgan/data/columns.h"
#include "wgan/data/dataset.h"

namespace wgan {

struct ArrayInspection {
  std::string type;  // of its numbers, as in the file: "<f4"
  int64_t rows = 0;
  std::vector<int64_t> row_shape;    // [D], or of more axes
  std::vector<ColumnRange> columns;  // over all rows; one an element of a row
  bool needs_float64 = false;        // samples of these columns
  int64_t bad_rows = 0;              // that hold a number that is not finite
  int64_t first_bad_row = -1;
  std::filesystem::path conditions;  // where they are; empty: there are none
  std::vector<ColumnRange> condition_columns;
};

// Looks at all rows of an NPY or NPZ file; nothing where the file holds pictures. Unlike opening
// it, this counts numbers that are not finite. Throws Error(kData) for other faults.
std::optional<ArrayInspection> inspect_array(const std::filesystem::path& path, ArrayKind kind);

// "3", or "0,2" in rows of more axes: where column `index` stands in a row of this shape.
std::string column_name(int64_t index, const std::vector<int64_t>& row_shape);

nlohmann::ordered_json array_inspection_to_json(const ArrayInspection& inspection);

}  // namespace wgan
