// Options as flags of a command, and the documentation of all of them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/run/options.h"
#include "wgan/run/run_folder.h"

namespace wgan {

// Adds a flag a field to the command, under the group's title; the values given end up in
// `settings`, which must outlive the parsing. A flag that is true or false gives --name and
// --no-name.
void add_option_flags(CLI::App& command, const FieldGroup& group, Settings& settings);
template <class Options>
void add_option_flags(CLI::App& command, const char* title, Settings& settings) {
  Options defaults;
  add_option_flags(command, FieldGroup{title, defaults.fields()}, settings);
}

// Throws Error(kUsage) where a setting is no option of wgan train, with the nearest name.
void check_names(const Settings& settings);

// The names and sources of all settings; everything else is "recipe".
OptionSources sources_of(const Settings& settings);

// docs/options.md.
std::string options_markdown();

}  // namespace wgan
