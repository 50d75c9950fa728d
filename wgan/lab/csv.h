// Text in tables of comma-separated values.
#pragma once

#include <string>

namespace wgan {

// In double quotes, those in it doubled (RFC 4180).
inline std::string csv_cell(const std::string& text) {
  std::string cell = "\"";
  for (const char character : text) cell += character == '"' ? "\"\"" : std::string(1, character);
  return cell + "\"";
}

}  // namespace wgan
