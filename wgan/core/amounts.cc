// Units and separators.
#include "wgan/core/amounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

namespace wgan {

std::string duration_text(double seconds) {
  constexpr double kMost = 1e15;
  if (std::isnan(seconds)) return "an unknown time";
  const auto whole = static_cast<int64_t>(std::llround(std::clamp(seconds, 0.0, kMost)));
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  if (whole < 48 * 3600) return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
  return fmt::format("{} days {} h", whole / 86400, whole % 86400 / 3600);
}

std::string bytes_text(double bytes) {
  const char* const units[] = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  for (; bytes >= 1000 && unit + 1 < std::size(units); ++unit) bytes /= 1000;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

std::string count_text(double count) {
  std::string text = fmt::format("{:.0f}", count);
  for (size_t i = text.size(); i > 3 && text[i - 4] != '-'; i -= 3) text.insert(i - 3, ",");
  return text;
}

std::string rough_text(double count) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(std::max(1.0, count))) - 1));
  return count_text(std::round(count / unit) * unit);
}

}  // namespace wgan
