// What was run, as one HTML file that needs nothing beside it: no network, no fonts, no scripts.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "wgan/lab/run_experiment.h"

namespace wgan {

// Reads the figures from the records' folders. Throws Error(kData) where one is missing.
std::string report_html(std::span<const Record> records);

// Throws Error(kOutput) too.
void write_report(std::span<const Record> records, const std::filesystem::path& file);

// Text between tags or in an attribute.
std::string html_text(std::string_view text);

}  // namespace wgan
