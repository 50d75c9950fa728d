// Columns under each other, the rest counted.
#include "wgan/cli/column_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "wgan/core/counted.h"

namespace wgan {
namespace {

constexpr size_t kColumnsShown = 20;

// A line a column, then how many more there are.
std::string range_lines(const std::vector<ColumnRange>& columns,
                        const std::vector<int64_t>& row_shape) {
  std::string text = fmt::format("  {:>8} {:>16} {:>16} {:>16} {:>13}", "column", "min", "max",
                                 "mean", "deviation");
  const size_t shown = std::min(kColumnsShown, columns.size());
  for (size_t i = 0; i < shown; ++i) {
    const ColumnRange& column = columns[i];
    text += fmt::format("\n  {:>8} {:>16.12g} {:>16.12g} {:>16.12g} {:>13.6g}",
                        column_name(static_cast<int64_t>(i), row_shape), column.low, column.high,
                        column.mean, column.deviation);
  }
  if (shown < columns.size()) {
    text += "\n  and " + counted(columns.size() - shown, "more column", "more columns");
  }
  return text;
}

// The names of the constant columns, at most 20 of them; empty where there are none.
std::string constant_columns(const ArrayInspection& inspection) {
  std::vector<std::string> names;
  for (size_t i = 0; i < inspection.columns.size(); ++i) {
    if (!inspection.columns[i].constant()) continue;
    names.push_back(column_name(static_cast<int64_t>(i), inspection.row_shape));
  }
  const size_t count = names.size();
  if (count == 0) return "";
  names.resize(std::min(kColumnsShown, count));
  return fmt::format("{}: {}{}", counted(count, "column"), fmt::join(names, "; "),
                     count > names.size() ? "; ..." : "");
}

}  // namespace

std::string array_inspection_text(const ArrayInspection& found) {
  std::string text = range_lines(found.columns, found.row_shape);
  if (const std::string constant = constant_columns(found); !constant.empty()) {
    text += "\nconstant   " + constant;
  }
  if (found.conditions.empty()) return text;
  const auto count = static_cast<int64_t>(found.condition_columns.size());
  return text +
         fmt::format("\nconditions {}, {} a row\n", found.conditions.string(),
                     counted(count, "number")) +
         range_lines(found.condition_columns, {count});
}

}  // namespace wgan
