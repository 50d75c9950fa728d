// Configuration files, and the documentation of all options.
#include "wgan/cli/settings.h"

#include <fmt/format.h>

#include <fstream>

#include "wgan/data/dataset.h"
#include "wgan/train/options.h"

namespace wgan {
namespace {

std::vector<std::string> option_names() {
  std::vector<std::string> names;
  const auto add = [&](const FieldInfo& info, const auto&) { names.emplace_back(info.name); };
  const DataOptions data;
  const TrainOptions options;
  DataOptions::visit(data, add);
  TrainOptions::visit(options, add);
  return names;
}

const char* effect_text(Effect effect) {
  switch (effect) {
    case Effect::kResult:
      return "results";
    case Effect::kSpeed:
      return "speed";
    case Effect::kLength:
      return "length";
    case Effect::kPlace:
      return "output";
  }
  return "";
}

template <class Options>
std::string markdown_rows() {
  std::string rows;
  const Options defaults;
  Options::visit(defaults, [&](const FieldInfo& info, const auto& value) {
    using Value = std::decay_t<decltype(value)>;
    std::string choices;
    if constexpr (std::is_enum_v<Value>) choices = " (" + enum_choices<Value>() + ")";
    for (size_t at = 0; (at = choices.find('|', at)) != std::string::npos; at += 2) {
      choices.insert(at, "\\");
    }
    const std::string text = field_text(value);
    rows += fmt::format("| `--{}` | {}{} | {} | {} |\n", info.name, info.help, choices,
                        text.empty() ? "" : "`" + text + "`", effect_text(info.effect));
  });
  return rows;
}

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

}  // namespace

Settings read_config_file(const std::filesystem::path& file) {
  std::ifstream stream(file);
  if (!stream) {
    throw Error(ErrorKind::kUsage, fmt::format("--config: {} cannot be read", file.string()),
                "check the spelling of the path");
  }
  Settings settings;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    const std::string place = fmt::format("{}, line {}", file.string(), ++number);
    line = trimmed(line);
    if (line.empty() || line[0] == '#') continue;
    const size_t equals = line.find('=');
    if (line[0] == '[' || equals == std::string::npos) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{}: '{}' is not KEY = VALUE; tables are not known", place, line),
                  kConfigHint);
    }
    const std::string key = trimmed(line.substr(0, equals));
    std::erase_if(settings, [&](const Setting& s) { return s.name == key; });
    settings.push_back({key, toml_text(trimmed(line.substr(equals + 1)), place), "file"});
  }
  return settings;
}

void check_names(const Settings& settings) {
  const auto known = option_names();
  for (const Setting& setting : settings) {
    if (std::ranges::find(known, setting.name) != known.end()) continue;
    const std::string near = nearest_name(setting.name, known);
    throw Error(ErrorKind::kUsage, fmt::format("unknown option '{}'", setting.name),
                near.empty() ? "see wgan train --help" : fmt::format("did you mean '{}'?", near));
  }
}

OptionSources sources_of(const Settings& settings) {
  OptionSources sources;
  for (const std::string& name : option_names()) sources[name] = "recipe";
  for (const Setting& setting : settings) sources[setting.name] = setting.source;
  return sources;
}

std::string options_markdown() {
  return "# Options of `wgan train`\n\n"
         "Made by `wgan train --options-markdown`. Each flag is also a key of the configuration "
         "file (`--config FILE`). The defaults shown are those of recipe `fast` for images; "
         "`wgan train DATA --dry-run` prints the resolved ones. *Changes* says what an option may "
         "change: the results of a run, only its speed, only its length, or only its output.\n\n"
         "## Data\n\n| option | meaning | default | changes |\n|---|---|---|---|\n" +
         markdown_rows<DataOptions>() +
         "\n## Training\n\n| option | meaning | default | changes |\n|---|---|---|---|\n" +
         markdown_rows<TrainOptions>();
}

}  // namespace wgan
