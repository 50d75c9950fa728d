// Ranges of columns, and rows with numbers that are not finite.
#include "wgan/data/inspect_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wgan/data/array_kind.h"
#include "wgan/data/open_npy.h"

namespace wgan {
namespace {

void count_bad_rows(const NpyArray& array, ArrayInspection& inspection) {
  std::vector<double> row(static_cast<size_t>(row_length(array)));
  for (int64_t i = 0; i < inspection.rows; ++i) {
    read_numbers(array, i * static_cast<int64_t>(row.size()), row);
    if (std::ranges::all_of(row, [](double value) { return std::isfinite(value); })) continue;
    if (inspection.bad_rows++ == 0) inspection.first_bad_row = i;
  }
}

std::vector<ColumnRange> ranges_of_all(const NpyArray& array) {
  return column_ranges(array, std::vector<bool>(static_cast<size_t>(array.shape[0]), true));
}

nlohmann::ordered_json columns_to_json(const std::vector<ColumnRange>& columns,
                                       const std::vector<int64_t>& row_shape) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (size_t i = 0; i < columns.size(); ++i) {
    const ColumnRange& column = columns[i];
    json.push_back({{"column", column_name(static_cast<int64_t>(i), row_shape)},
                    {"min", column.low},
                    {"max", column.high},
                    {"mean", column.mean},
                    {"deviation", column.deviation},
                    {"finite", column.finite},
                    {"constant", column.constant()}});
  }
  return json;
}

}  // namespace

std::optional<ArrayInspection> inspect_array(const std::filesystem::path& path, ArrayKind kind) {
  const ArraySources sources = array_sources(path);
  const NpyArray& array = sources.rows.array;
  ArrayInspection inspection;
  inspection.type = npy_descr(array.type);
  const bool numbers =
      array.type != NpyType::kCharacter && !array.shape.empty() && element_count(array) > 0;
  if (numbers) {
    inspection.rows = array.shape[0];
    inspection.row_shape.assign(array.shape.begin() + 1, array.shape.end());
    if (inspection.row_shape.empty()) inspection.row_shape = {1};
    if (is_float(array.type)) count_bad_rows(array, inspection);
  }
  if (inspection.bad_rows == 0 && read_as(sources.rows, kind).pictures) return std::nullopt;
  inspection.columns = ranges_of_all(array);
  inspection.needs_float64 = scale_of(inspection.columns).needs_float64();
  if (sources.conditions) {
    check_numbers(*sources.conditions);
    inspection.conditions = sources.conditions->place;
    inspection.condition_columns = ranges_of_all(sources.conditions->array);
  }
  return inspection;
}

std::string column_name(int64_t index, const std::vector<int64_t>& row_shape) {
  std::string name;
  for (size_t axis = row_shape.size(); axis-- > 0;) {
    name = fmt::format("{}{}{}", index % row_shape[axis], name.empty() ? "" : ",", name);
    index /= row_shape[axis];
  }
  return name;
}

nlohmann::ordered_json array_inspection_to_json(const ArrayInspection& inspection) {
  nlohmann::ordered_json json{
      {"type", inspection.type},
      {"rows", inspection.rows},
      {"row_shape", inspection.row_shape},
      {"columns", columns_to_json(inspection.columns, inspection.row_shape)},
      {"needs_float64", inspection.needs_float64},
      {"bad_rows", inspection.bad_rows}};
  if (inspection.bad_rows > 0) json["first_bad_row"] = inspection.first_bad_row;
  if (!inspection.conditions.empty()) {
    const auto count = static_cast<int64_t>(inspection.condition_columns.size());
    json["conditions"] = {{"file", inspection.conditions.string()},
                          {"columns", columns_to_json(inspection.condition_columns, {count})}};
  }
  return json;
}

}  // namespace wgan
