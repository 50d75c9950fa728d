// How many rows and columns a grid of classes has.
#include "wgan/run/class_grid.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace wgan {
namespace {

constexpr int64_t kMostSamples = 64;
constexpr int64_t kMostColumns = 8;
constexpr int64_t kLeastColumns = 4;

}  // namespace

ClassGrid class_grid(std::span<const int64_t> shown) {
  ClassGrid grid;
  const auto count = static_cast<int64_t>(shown.size());
  if (count == 0) return grid;
  const int64_t rows = std::min(count, kMostSamples / kLeastColumns);
  grid.columns = std::min(kMostColumns, kMostSamples / rows);
  for (int64_t row = 0; row < rows; ++row) {
    grid.rows.push_back(shown[static_cast<size_t>(row * count / rows)]);
    for (int64_t column = 0; column < grid.columns; ++column) {
      grid.seeds.push_back(static_cast<uint64_t>(column));
      grid.classes.push_back(grid.rows.back());
    }
  }
  return grid;
}

std::vector<std::string> row_names(const ClassGrid& grid, std::span<const std::string> names) {
  std::vector<std::string> rows;
  for (const int64_t row : grid.rows) {
    const auto number = static_cast<size_t>(row);
    rows.push_back(number < names.size() ? names[number] : std::to_string(row));
  }
  return rows;
}

std::string rows_text(std::span<const std::string> names) {
  return fmt::format("rows from the top: {}", fmt::join(names, ", "));
}

}  // namespace wgan
