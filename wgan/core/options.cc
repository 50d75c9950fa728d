// Reading and writing single option values, and the nearest known name for a typo.
#include "wgan/core/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

namespace wgan {
namespace {

[[noreturn]] void refuse(std::string_view field, std::string_view text, const std::string& wanted) {
  throw Error(ErrorKind::kUsage, fmt::format("{}: '{}' is not {}", field, text, wanted));
}

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Duration parse_duration(std::string_view field, std::string_view text) {
  const char* const wanted = "a time such as 90, 90s, 3m or 1h30m";
  Duration total;
  std::string_view rest = text;
  if (rest.empty()) refuse(field, text, wanted);
  while (!rest.empty()) {
    const size_t digits = std::min(rest.find_first_not_of("0123456789."), rest.size());
    double number = 0;
    if (!read_number(rest.substr(0, digits), number)) refuse(field, text, wanted);
    double unit = 1;
    rest.remove_prefix(digits);
    if (!rest.empty()) {
      if (rest[0] == 'h') {
        unit = 3600;
      } else if (rest[0] == 'm') {
        unit = 60;
      } else if (rest[0] != 's') {
        refuse(field, text, wanted);
      }
      rest.remove_prefix(1);
    }
    total.seconds += number * unit;
  }
  if (!(total.seconds < 1e9)) refuse(field, text, "a time below 30 years");
  return total;
}

std::string format_duration(Duration duration) {
  const double whole = std::floor(duration.seconds);
  if (whole != duration.seconds) return fmt::format("{}s", duration.seconds);
  const auto seconds = static_cast<int64_t>(whole);
  std::string text;
  if (seconds >= 3600) text += fmt::format("{}h", seconds / 3600);
  if (seconds % 3600 >= 60) text += fmt::format("{}m", seconds % 3600 / 60);
  if (seconds % 60 != 0 || text.empty()) text += fmt::format("{}s", seconds % 60);
  return text;
}

std::string field_text(bool value) { return value ? "true" : "false"; }
std::string field_text(int64_t value) { return std::to_string(value); }
std::string field_text(double value) { return fmt::format("{}", value); }
std::string field_text(const std::string& value) { return value; }
std::string field_text(Duration value) { return format_duration(value); }

void read_field(std::string_view field, std::string_view text, bool& value) {
  if (text != "true" && text != "false") refuse(field, text, "true or false");
  value = text == "true";
}

void read_field(std::string_view field, std::string_view text, int64_t& value) {
  if (!read_number(text, value)) refuse(field, text, "a whole number");
}

void read_field(std::string_view field, std::string_view text, double& value) {
  if (!read_number(text, value) || !std::isfinite(value)) refuse(field, text, "a number");
}

void read_field(std::string_view, std::string_view text, std::string& value) {
  value = std::string(text);
}

void read_field(std::string_view field, std::string_view text, Duration& value) {
  value = parse_duration(field, text);
}

std::string nearest_name(std::string_view text, std::span<const std::string> known) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, text.size() / 3) + 1;
  for (const std::string& name : known) {
    // d[i][j]: edits between the first i letters of text and the first j of name, swaps included.
    std::vector<std::vector<size_t>> d(text.size() + 1, std::vector<size_t>(name.size() + 1));
    for (size_t i = 0; i <= text.size(); ++i) {
      for (size_t j = 0; j <= name.size(); ++j) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        const bool same = text[i - 1] == name[j - 1];
        d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
        if (i > 1 && j > 1 && text[i - 1] == name[j - 2] && text[i - 2] == name[j - 1]) {
          d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    if (d[text.size()][name.size()] < best_distance) {
      best_distance = d[text.size()][name.size()];
      best = name;
    }
  }
  return best;
}

}  // namespace wgan
