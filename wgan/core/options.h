// Options as plain structs, and the one list of their fields that feeds the command line, the
// configuration file, the run manifest and docs/options.md.
//
// A struct of options has in-class defaults and a member `fields()` that lists its options. Types
// of fields: bool, int64_t, double, std::string, Duration, PictureSize, Ramp, and enums that
// specialise EnumNames.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

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

// Pixels of a picture, given as "96x64" (width x height) or, of a square, as "64". Zero means that
// nothing is asked for.
struct PictureSize {
  int64_t width = 0;
  int64_t height = 0;

  PictureSize() = default;
  PictureSize(int64_t side) : width(side), height(side) {}  // a number is a square, as in its text
  PictureSize(int64_t width_, int64_t height_) : width(width_), height(height_) {}
  bool operator==(const PictureSize&) const = default;
};

// A number that may change over a run, given as "0.3", or as "2:0.2" for one that goes from 2 to
// 0.2 along half a wave of the cosine.
struct Ramp {
  double start = 0;
  double end = 0;

  Ramp() = default;
  Ramp(double number) : start(number), end(number) {}  // one that does not change
  Ramp(double start_, double end_) : start(start_), end(end_) {}
  bool operator==(const Ramp&) const = default;

  bool changes() const { return start != end; }
  double at(double gone) const;  // gone: 0 at the start, 1 at the end
};

// The text of a value as it stands in a configuration file (without quotes).
std::string field_text(bool value);
std::string field_text(int64_t value);
std::string field_text(double value);  // shortest text that reads back as the same double
std::string field_text(const std::string& value);
std::string field_text(Duration value);
std::string field_text(PictureSize value);  // "64", "96x64"
std::string field_text(const Ramp& value);  // "0.3", "2:0.2"
template <class E>
requires std::is_enum_v<E> std::string field_text(E value) { return enum_name(value); }

// Reads a value from text; throws Error(kUsage) naming the field.
void read_field(std::string_view field, std::string_view text, bool& value);
void read_field(std::string_view field, std::string_view text, int64_t& value);
void read_field(std::string_view field, std::string_view text, double& value);
void read_field(std::string_view field, std::string_view text, std::string& value);
void read_field(std::string_view field, std::string_view text, Duration& value);
void read_field(std::string_view field, std::string_view text, PictureSize& value);
void read_field(std::string_view field, std::string_view text, Ramp& value);
template <class E>
requires std::is_enum_v<E>
void read_field(std::string_view field, std::string_view text, E& value) {
  value = enum_value<E>(field, text);
}

// One option of a struct: what it is called, and its value, which lives as long as the struct does.
class Field {
 public:
  enum class Type { kFlag, kNumber, kText, kTime, kSize, kRamp, kChoice };

  template <class Value>
  Field(const FieldInfo& info, Value& value)
      : name(info.name),
        help(info.help),
        effect(info.effect),
        value_(&value),
        text_([](const void* v) { return field_text(*static_cast<const Value*>(v)); }),
        read_([](std::string_view shown, std::string_view text, void* v) {
          read_field(shown, text, *static_cast<Value*>(v));
        }) {
    if constexpr (std::is_enum_v<Value>) {
      choices = enum_choices<Value>();
      type = Type::kChoice;
    } else if constexpr (std::is_same_v<Value, bool>) {
      type = Type::kFlag;
    } else if constexpr (std::is_same_v<Value, std::string>) {
      type = Type::kText;
    } else if constexpr (std::is_same_v<Value, Duration>) {
      type = Type::kTime;
    } else if constexpr (std::is_same_v<Value, PictureSize>) {
      type = Type::kSize;
    } else if constexpr (std::is_same_v<Value, Ramp>) {
      type = Type::kRamp;
    }
  }

  std::string name;
  std::string help;
  Effect effect;
  Type type = Type::kNumber;
  std::string choices = {};  // of a choice: its names, separated by '|'

  std::string text() const { return text_(value_); }
  // Throws Error(kUsage) that calls the option `shown`.
  void read(std::string_view shown, std::string_view text) const { read_(shown, text, value_); }

 private:
  void* value_;
  std::string (*text_)(const void*);
  void (*read_)(std::string_view, std::string_view, void*);
};
using Fields = std::vector<Field>;

// Options that belong together, and what is written above them.
struct FieldGroup {
  const char* title;
  Fields fields;
};

Fields fields_of(const std::vector<FieldGroup>& groups);
std::vector<std::string> names_of(const Fields& fields);

// One value that a person gave, not defaulted.
struct Setting {
  std::string name;
  std::string text;
  std::string source = "file";  // or "flag"
};
using Settings = std::vector<Setting>;

// Writes every setting whose name is that of a field, the later over the earlier; the others are
// ignored. Throws as read_field does.
void apply_settings(const Settings& settings, const Fields& fields);
template <class Options>
void apply_settings(const Settings& settings, Options& options) {
  apply_settings(settings, options.fields());
}

// {"name": "text", ...} of all fields; every value as text, so that doubles stay exact.
nlohmann::ordered_json fields_to_json(const Fields& fields);
// The inverse. A key that is no field, or a value that is no text, is an Error(kUsage).
void fields_from_json(const nlohmann::ordered_json& json, const Fields& fields);

template <class Options>
nlohmann::ordered_json options_to_json(Options options) {
  return fields_to_json(options.fields());
}
template <class Options>
Options options_from_json(const nlohmann::ordered_json& json) {
  Options options;
  fields_from_json(json, options.fields());
  return options;
}

// The parts of a text between separators.
std::vector<std::string> split(const std::string& text, char separator);

// The numbers in "1,3,5". Throws Error(kUsage) naming the option.
std::vector<double> parse_numbers(const std::string& option, const std::string& text);

// Throws Error(kUsage) that names the option, where a value is not from low to high, or not at
// least `low` and below `below`.
void want_between(const char* option, int64_t value, int64_t low, int64_t high);
void want_number(const char* option, double value, double low, double below);
void want_number(const char* option, const Ramp& value, double low, double below);

// The known name nearest to `text`: by edits (Damerau-Levenshtein), else one that begins it or that
// it begins, else one that shares words with it; "" where none is near.
std::string nearest_name(std::string_view text, std::span<const std::string> known);

}  // namespace wgan
