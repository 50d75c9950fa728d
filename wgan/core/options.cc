// Reading and writing single option values, and the nearest known name for a typo.
#include "wgan/core/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
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

// Edits between two texts, swaps of neighbours included (Damerau-Levenshtein).
size_t edit_distance(std::string_view a, std::string_view b) {
  // d[i][j]: between the first i letters of a and the first j of b.
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        d[i][j] = i + j;
        continue;
      }
      const bool same = a[i - 1] == b[j - 1];
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

std::string_view without_dashes(std::string_view name) {
  return name.substr(std::min(name.find_first_not_of('-'), name.size()));
}

// How much of two names is the same between their dashes: 0 to 1. Words of fewer than three letters
// do not count, and of longer ones one may begin with the other ("sample", "samples").
double shared_words(std::string_view a, std::string_view b) {
  const auto ours = split(std::string(a), '-'), theirs = split(std::string(b), '-');
  double shared = 0;
  for (const std::string& word : ours) {
    shared += std::ranges::any_of(theirs, [&](const std::string& other) {
      return std::min(word.size(), other.size()) >= 3 &&
             (word.starts_with(other) || other.starts_with(word));
    });
  }
  return 2 * shared / static_cast<double>(ours.size() + theirs.size());
}

struct Nearest {
  std::string name;
  double score = 0;
};

// The first of the highest score above 0, which is given names without their dashes.
template <class Score>
Nearest best_of(std::span<const std::string> known, const Score& score) {
  Nearest best;
  for (const std::string& name : known) {
    const double its = score(without_dashes(name));
    if (its > best.score) best = {name, its};
  }
  return best;
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
std::string field_text(PictureSize value) {
  return value.width == value.height ? std::to_string(value.width)
                                     : fmt::format("{}x{}", value.width, value.height);
}

std::string field_text(const Ramp& value) {
  return value.changes() ? fmt::format("{}:{}", value.start, value.end) : field_text(value.start);
}

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

void read_field(std::string_view field, std::string_view text, PictureSize& value) {
  const size_t cross = std::min(text.find_first_of("xX"), text.size());
  const std::string_view height = cross < text.size() ? text.substr(cross + 1) : text;
  PictureSize size;
  if (!read_number(text.substr(0, cross), size.width) || !read_number(height, size.height) ||
      size.width < 0 || size.height < 0 || (size.width == 0) != (size.height == 0)) {
    refuse(field, text, "a size in pixels, such as 64, or 96x64 for width x height");
  }
  value = size;
}

void read_field(std::string_view field, std::string_view text, Ramp& value) {
  const size_t colon = std::min(text.find(':'), text.size());
  const std::string_view end = colon < text.size() ? text.substr(colon + 1) : text;
  Ramp ramp;
  if (!read_number(text.substr(0, colon), ramp.start) || !read_number(end, ramp.end) ||
      !std::isfinite(ramp.start) || !std::isfinite(ramp.end)) {
    refuse(field, text, "a number, or two such as 2:0.2 for one that changes over the run");
  }
  value = ramp;
}

double Ramp::at(double gone) const {
  return end + (start - end) * (1 + std::cos(std::numbers::pi * gone)) / 2;
}

Fields fields_of(const std::vector<FieldGroup>& groups) {
  Fields all;
  for (const FieldGroup& group : groups) {
    all.insert(all.end(), group.fields.begin(), group.fields.end());
  }
  return all;
}

std::vector<std::string> names_of(const Fields& fields) {
  std::vector<std::string> names;
  for (const Field& field : fields) names.push_back(field.name);
  return names;
}

void apply_settings(const Settings& settings, const Fields& fields) {
  for (const Setting& setting : settings) {
    const auto field = std::ranges::find(fields, setting.name, &Field::name);
    if (field == fields.end()) continue;
    field->read((setting.source == "flag" ? "--" : "") + setting.name, setting.text);
  }
}

nlohmann::ordered_json fields_to_json(const Fields& fields) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Field& field : fields) json[field.name] = field.text();
  return json;
}

void fields_from_json(const nlohmann::ordered_json& json, const Fields& fields) {
  if (!json.is_object()) throw Error(ErrorKind::kUsage, "options are no JSON object");
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    if (!item.value().is_string()) throw Error(ErrorKind::kUsage, key + ": expected a text value");
    const auto field = std::ranges::find(fields, key, &Field::name);
    if (field == fields.end()) throw Error(ErrorKind::kUsage, "unknown option '" + key + "'");
    field->read(key, item.value().get<std::string>());
  }
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find(separator, begin)) != std::string::npos; begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

std::vector<double> parse_numbers(const std::string& option, const std::string& text) {
  std::vector<double> numbers;
  for (const std::string& part : split(text, ',')) {
    double value = 0;
    read_field(option, part, value);
    numbers.push_back(value);
  }
  return numbers;
}

void want_between(const char* option, int64_t value, int64_t low, int64_t high) {
  if (value >= low && value <= high) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("--{} is {}, wanted {} to {}", option, value, low, high));
}

void want_number(const char* option, double value, double low, double below) {
  if (value >= low && value < below) return;
  throw Error(ErrorKind::kUsage, fmt::format("--{} is {}, wanted at least {} and below {}", option,
                                             value, low, below));
}

void want_number(const char* option, const Ramp& value, double low, double below) {
  want_number(option, value.start, low, below);
  want_number(option, value.end, low, below);
}

std::string nearest_name(std::string_view text, std::span<const std::string> known) {
  const std::string_view typed = without_dashes(text);
  if (typed.empty()) return "";
  const Nearest misspelled = best_of(known, [&](std::string_view name) {
    const size_t allowed = typed.size() <= 3 ? 1 : std::max<size_t>(2, typed.size() / 3);
    return static_cast<double>(allowed) - static_cast<double>(edit_distance(typed, name)) + 1;
  });
  if (misspelled.score > 0) return misspelled.name;
  // Of the names that the text begins, the shortest; else of those that begin it, the longest.
  const Nearest begun = best_of(known, [&](std::string_view name) {
    if (std::min(typed.size(), name.size()) < 3) return 0.0;
    if (name.starts_with(typed)) return 2 - static_cast<double>(name.size()) / 1000;
    return typed.starts_with(name) ? static_cast<double>(name.size()) / 1000 : 0.0;
  });
  if (begun.score > 0) return begun.name;
  return best_of(known, [&](std::string_view name) { return shared_words(typed, name); }).name;
}

}  // namespace wgan
