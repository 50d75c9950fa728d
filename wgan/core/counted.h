// Counts in front of what is counted: "1 file", "3 files".
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace wgan {

// "file" for 1, otherwise "files". many: the plural where it is not the singular with an s.
template <std::integral Count>
std::string noun(Count count, std::string_view one, std::string_view many = {}) {
  if (count == 1) return std::string(one);
  return many.empty() ? std::string(one) + "s" : std::string(many);
}

// "1 file", "3 files", "0 classes".
template <std::integral Count>
std::string counted(Count count, std::string_view one, std::string_view many = {}) {
  return std::to_string(count) + " " + noun(count, one, many);
}

}  // namespace wgan
