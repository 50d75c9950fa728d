// Names and sources of settings, and the documentation of all options.
#include "wgan/cli/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "wgan/data/dataset.h"
#include "wgan/run/options.h"
#include "wgan/train/combinations.h"

namespace wgan {
namespace {

// Of wgan train.
std::vector<FieldGroup> all_groups(DataOptions& data, SessionOptions& session) {
  std::vector<FieldGroup> groups{{"Data", data.fields()}};
  for (FieldGroup& group : session.groups()) groups.push_back(std::move(group));
  return groups;
}

std::vector<std::string> option_names() {
  DataOptions data;
  SessionOptions session;
  return names_of(fields_of(all_groups(data, session)));
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

std::string markdown_table(const FieldGroup& group) {
  std::string table = fmt::format(
      "\n## {}\n\n| option | meaning | default | changes |\n|---|---|---|---|\n", group.title);
  for (const Field& field : group.fields) {
    std::string choices = field.choices.empty() ? "" : " (" + field.choices + ")";
    for (size_t at = 0; (at = choices.find('|', at)) != std::string::npos; at += 2) {
      choices.insert(at, "\\");
    }
    const std::string text = field.text();
    table += fmt::format("| `--{}` | {}{} | {} | {} |\n", field.name, field.help, choices,
                         text.empty() ? "" : "`" + text + "`", effect_text(field.effect));
  }
  return table;
}

// Whether the choices fill a line of a terminal by themselves.
bool has_long_choices(const Field& field) { return field.choices.size() > 60; }

// The help of an option, with choices that are too long to stand for the value.
std::string described(const Field& field) {
  if (!has_long_choices(field)) return field.help;
  return fmt::format("{}: {}", field.help, fmt::join(split(field.choices, '|'), ", "));
}

// What stands for the value in --help.
std::string type_name(const Field& field) {
  switch (field.type) {
    case Field::Type::kChoice:
      return has_long_choices(field) ? "NAME" : field.choices;
    case Field::Type::kText:
      return "TEXT";
    case Field::Type::kTime:
      return "TIME";
    case Field::Type::kRamp:
      return "NUMBER[:NUMBER]";
    case Field::Type::kSize:
      return "SIZE";
    default:
      return "NUMBER";
  }
}

}  // namespace

void add_option_flags(CLI::App& command, const FieldGroup& group, Settings& settings) {
  for (const Field& field : group.fields) {
    const auto give = [&settings, name = field.name](const std::string& text) {
      std::erase_if(settings, [&](const Setting& s) { return s.name == name; });
      settings.push_back({name, text, "flag"});
    };
    const std::string flag = "--" + field.name;
    if (field.type == Field::Type::kFlag) {
      command
          .add_flag_callback(
              flag, [give] { give("true"); }, field.help)
          ->group(group.title);
      command.add_flag_callback("--no-" + field.name, [give] { give("false"); })->group("");
    } else {
      command.add_option_function<std::string>(flag, give, described(field))
          ->group(group.title)
          ->default_str(field.text())
          ->type_name(type_name(field));
    }
  }
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
  std::string text =
      "# Options of `wgan train`\n\n"
      "Made by `wgan train --options-markdown`. Each flag is also a key of the configuration "
      "file (`--config FILE`). The defaults shown are those of recipe `fast` for images; "
      "`wgan train DATA --dry-run --verbose` prints the resolved ones. *Changes* says what an "
      "option may "
      "change: the results of a run, only its speed, only its length, or only its output.\n";
  DataOptions data;
  SessionOptions session = picture_defaults();
  for (const FieldGroup& group : all_groups(data, session)) text += markdown_table(group);
  return text + "\n## Combinations that are refused\n\n" + combinations_markdown();
}

}  // namespace wgan
