// Reading configuration files.
#include "wgan/io/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <nlohmann/json.hpp>

#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr const char* kConfigHint = "config.toml of a run folder shows how such a file looks";

std::string trimmed(const std::string& text) {
  constexpr const char* kSpace = " \t\r";
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

// The text of a TOML value: a basic string (whose escapes are JSON's), a literal string, a number
// or a boolean, and perhaps a comment behind it. place: for messages.
std::string toml_text(const std::string& value, const std::string& place) {
  const char quote = value.empty() ? '\0' : value[0];
  if (quote != '"' && quote != '\'') {
    const std::string text = trimmed(value.substr(0, value.find('#')));
    if (!text.empty() && text[0] != '[' && text[0] != '{') return text;
    throw Error(ErrorKind::kUsage, fmt::format("{}: '{}' is no single value", place, value),
                kConfigHint);
  }
  size_t end = 1;
  while (end < value.size() && value[end] != quote) {
    end += quote == '"' && value[end] == '\\' ? 2 : 1;
  }
  const std::string rest = end < value.size() ? trimmed(value.substr(end + 1)) : "no end";
  const auto json = nlohmann::json::parse(value.substr(0, end + 1), nullptr, false);
  if ((!rest.empty() && rest[0] != '#') || (quote == '"' && json.is_discarded())) {
    throw Error(ErrorKind::kUsage, fmt::format("{}: {} is no whole text in quotes", place, value),
                kConfigHint);
  }
  return quote == '"' ? json.get<std::string>() : value.substr(1, end - 1);
}

// The name in "[NAME]".
std::string table_name(const std::string& line, const std::string& place) {
  const std::string name = line.back() == ']' ? line.substr(1, line.size() - 2) : "";
  const bool good = !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
  if (good) return name;
  throw Error(ErrorKind::kUsage, fmt::format("{}: '{}' is no table", place, line),
              "wanted [NAME] of letters, digits, - and _");
}

std::vector<ConfigTable> read_tables(const std::filesystem::path& file, bool named) {
  std::ifstream stream(file);
  std::vector<ConfigTable> tables(1);
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    const std::string place = fmt::format("{}, line {}", file.string(), ++number);
    line = trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    if (named && line[0] == '[') {
      const std::string name = table_name(line, place);
      if (std::ranges::find(tables, name, &ConfigTable::name) != tables.end()) {
        throw Error(ErrorKind::kUsage, fmt::format("{}: [{}] is there already", place, name));
      }
      tables.push_back({name, {}});
      continue;
    }
    const size_t equals = line.find('=');
    if (line[0] == '[' || equals == std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{}: '{}' is not KEY = VALUE{}", place, line,
                              named ? "" : "; tables are not known"),
                  kConfigHint);
    }
    Settings& lines = tables.back().lines;
    const std::string key = trimmed(line.substr(0, equals));
    std::erase_if(lines, [&](const Setting& earlier) { return earlier.name == key; });
    lines.push_back({key, toml_text(trimmed(line.substr(equals + 1)), place)});
  }
  if (!stream.eof()) {  // not there, a folder, a disk's error
    throw Error(ErrorKind::kUsage,
                fmt::format("{}{} cannot be read", named ? "" : "--config: ", file.string()),
                "check the spelling of the path");
  }
  return tables;
}

}  // namespace

Settings read_config_file(const std::filesystem::path& file) {
  return read_tables(file, /*named=*/false).front().lines;
}

std::vector<ConfigTable> read_config_tables(const std::filesystem::path& file) {
  return read_tables(file, /*named=*/true);
}

}  // namespace wgan
