// Configuration files: TOML's KEY = VALUE lines, without arrays, and tables of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "wgan/core/options.h"

namespace wgan {

// The settings in their order, texts without their quotes; of a key that comes twice, the last.
// (CLI11's own reader loses texts with a quote or a # in them, which paths may have.) Throws
// Error(kUsage) where the file cannot be read, and for anything else in it, with the number of the
// line.
Settings read_config_file(const std::filesystem::path& file);

struct ConfigTable {
  std::string name;  // of a [NAME] line; empty: the lines before the first
  Settings lines;
};

// The same for files with tables, in their order; the nameless one comes first. Throws
// Error(kUsage) for a name that comes twice, too. Names are letters, digits, - and _.
std::vector<ConfigTable> read_config_tables(const std::filesystem::path& file);

}  // namespace wgan
