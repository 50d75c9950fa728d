// Fields of JSON objects from files, taken only where they are exactly of the wanted type: the
// library itself turns true or 1.5 into a whole number, and 1e300 into whatever it likes.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/error.h"

namespace wgan {

inline bool is_exactly(const nlohmann::ordered_json& json, const std::string&) {
  return json.is_string();
}
inline bool is_exactly(const nlohmann::ordered_json& json, const bool&) {
  return json.is_boolean();
}
inline bool is_exactly(const nlohmann::ordered_json& json, const int64_t&) {
  return json.is_number_integer() &&
         (!json.is_number_unsigned() || std::in_range<int64_t>(json.get<uint64_t>()));
}
inline bool is_exactly(const nlohmann::ordered_json& json, const double&) {
  return json.is_number();
}
inline bool is_exactly(const nlohmann::ordered_json& json, const float&) {
  return json.is_number() && std::abs(json.get<double>()) <= std::numeric_limits<float>::max();
}
template <class Value>
bool is_exactly(const nlohmann::ordered_json& json, const std::vector<Value>&) {
  if (!json.is_array()) return false;
  for (const auto& element : json) {
    if (!is_exactly(element, Value())) return false;
  }
  return true;
}

// Value: std::string, bool, int64_t, double, float, or a vector of one of them. Throws
// Error(kIncompatible) naming the key where there is no such field, or one of another type.
template <class Value>
Value json_field(const nlohmann::ordered_json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) {
    throw Error(ErrorKind::kIncompatible, "'" + std::string(key) + "' is missing");
  }
  if (!is_exactly(*found, Value())) {
    throw Error(ErrorKind::kIncompatible, "'" + std::string(key) + "' has the wrong type");
  }
  return found->template get<Value>();
}

}  // namespace wgan
