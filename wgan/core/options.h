// Options as plain structs, and the one list of their fields that feeds the command line, the
// configuration file, the run manifest and docs/options.md.
//
// A struct of options has in-class defaults and a static `visit(self, visitor)` that calls
// visitor(FieldInfo, self.member) for each field. Field types: bool, int64_t, double, std::string,
// Duration, and enums that specialise EnumNames.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {

// What changes when a field changes: decides what a resumed run may differ in.
enum class Effect {
  kResult,  // the numbers a run produces
  kSpeed,   // only how fast it produces them
  kLength,  // only how long it goes on
  kPlace,   // only where things are written or how they are shown
};

struct FieldInfo {
  const char* name;  // the flag without "--", the key of the configuration file
  const char* help;  // one line, with units
  Effect effect = Effect::kResult;
};

// Specialise with `static constexpr std::pair<E, const char*> kNames[]`.
template <class E>
struct EnumNames;

template <class E>
std::string enum_name(E value) {
  for (const auto& [known, name] : EnumNames<E>::kNames) {
    if (known == value) return name;
  }
  throw Error(ErrorKind::kInternal, "an enum value has no name");
}

// The names of all values of E, separated by '|'.
template <class E>
std::string enum_choices() {
  std::string joined;
  for (const auto& [value, name] : EnumNames<E>::kNames) {
    joined += (joined.empty() ? "" : "|") + std::string(name);
  }
  return joined;
}

// Throws Error(kUsage) that names the field and the choices.
template <class E>
E enum_value(std::string_view field, std::string_view text) {
  for (const auto& [value, name] : EnumNames<E>::kNames) {
    if (text == name) return value;
  }
  throw Error(ErrorKind::kUsage, std::string(field) + ": '" + std::string(text) + "' is not known",
              "choose one of " + enum_choices<E>());
}

// A span of time given as "90", "90s", "3m", "1h30m". Zero means no limit.
struct Duration {
  double seconds = 0;
  bool operator==(const Duration&) const = default;
};

// Throws Error(kUsage) where the text is no duration. field: named in the message.
Duration parse_duration(std::string_view field, std::string_view text);
std::string format_duration(Duration duration);  // "3m", "1h30m", "0s"; parse_duration's inverse

// The text of a value as it stands in a configuration file (without quotes).
std::string field_text(bool value);
std::string field_text(int64_t value);
std::string field_text(double value);  // shortest text that reads back as the same double
std::string field_text(const std::string& value);
std::string field_text(Duration value);
template <class E>
requires std::is_enum_v<E> std::string field_text(E value) { return enum_name(value); }

// Reads a value from text; throws Error(kUsage) naming the field.
void read_field(std::string_view field, std::string_view text, bool& value);
void read_field(std::string_view field, std::string_view text, int64_t& value);
void read_field(std::string_view field, std::string_view text, double& value);
void read_field(std::string_view field, std::string_view text, std::string& value);
void read_field(std::string_view field, std::string_view text, Duration& value);
template <class E>
requires std::is_enum_v<E>
void read_field(std::string_view field, std::string_view text, E& value) {
  value = enum_value<E>(field, text);
}

// {"name": "text", ...} of all fields; every value as text, so that doubles stay exact.
template <class Options>
nlohmann::ordered_json options_to_json(const Options& options) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  Options::visit(options, [&](const FieldInfo& info, const auto& value) {
    json[info.name] = field_text(value);
  });
  return json;
}

// The inverse. A key that is no field, or a value that is no text, is an Error(kUsage).
template <class Options>
Options options_from_json(const nlohmann::ordered_json& json) {
  if (!json.is_object()) throw Error(ErrorKind::kUsage, "options are no JSON object");
  Options options;
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const auto& text = item.value();
    bool known = false;
    if (!text.is_string()) throw Error(ErrorKind::kUsage, key + ": expected a text value");
    Options::visit(options, [&](const FieldInfo& info, auto& value) {
      if (key != info.name) return;
      read_field(info.name, text.template get<std::string>(), value);
      known = true;
    });
    if (!known) throw Error(ErrorKind::kUsage, "unknown option '" + key + "'");
  }
  return options;
}

// The known name nearest to `text` in edit distance (Damerau-Levenshtein), or "" where none is
// near.
std::string nearest_name(std::string_view text, std::span<const std::string> known);

}  // namespace wgan
