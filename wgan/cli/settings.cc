// Names and sources of settings, and the documentation of all options.
#include "wgan/cli/settings.h"

#include <fmt/format.h>

#include "wgan/data/dataset.h"
#include "wgan/train/combinations.h"
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

}  // namespace

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
         markdown_rows<TrainOptions>() + "\n## Combinations that are refused\n\n" +
         combinations_markdown();
}

}  // namespace wgan
