// Options that a person gave on the command line and in configuration files, and which of them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/train/run_folder.h"

namespace wgan {

// One value that was given, not defaulted.
struct Setting {
  std::string name;
  std::string text;
  std::string source;  // "flag" or "file"
};
using Settings = std::vector<Setting>;

// Adds a flag a field of Options to the command; the values given end up in `settings`, which must
// outlive the parsing. A bool field gives --name and --no-name.
template <class Options>
void add_option_flags(CLI::App& command, const std::string& group, Settings& settings) {
  Options defaults;
  Options::visit(defaults, [&](const FieldInfo& info, auto& value) {
    using Value = std::decay_t<decltype(value)>;
    const std::string name = info.name;
    const auto give = [&settings, name](const std::string& text) {
      std::erase_if(settings, [&](const Setting& s) { return s.name == name; });
      settings.push_back({name, text, "flag"});
    };
    if constexpr (std::is_same_v<Value, bool>) {
      command
          .add_flag_callback(
              "--" + name, [give] { give("true"); }, info.help)
          ->group(group);
      command.add_flag_callback("--no-" + name, [give] { give("false"); })->group("");
    } else {
      CLI::Option* option =
          command.add_option_function<std::string>("--" + name, give, info.help)->group(group);
      option->default_str(field_text(value));
      if constexpr (std::is_enum_v<Value>) {
        option->type_name(enum_choices<Value>());
      } else if constexpr (std::is_same_v<Value, std::string>) {
        option->type_name("TEXT");
      } else {
        option->type_name(std::is_same_v<Value, Duration> ? "TIME" : "NUMBER");
      }
    }
  });
}

// Writes every setting whose name is a field of Options to it; the others are ignored.
template <class Options>
void apply_settings(const Settings& settings, Options& options) {
  Options::visit(options, [&](const FieldInfo& info, auto& value) {
    for (const Setting& setting : settings) {
      if (setting.name == info.name) read_field("--" + setting.name, setting.text, value);
    }
  });
}

// Throws Error(kUsage) where a setting is a field of neither struct, with the nearest name.
void check_names(const Settings& settings);

// The names and sources of all settings; everything else is "recipe".
OptionSources sources_of(const Settings& settings);

// The table of docs/options.md.
std::string options_markdown();

}  // namespace wgan
