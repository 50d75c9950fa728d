// Reading and writing extensions.
#include "wgan/train/extension.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "wgan/core/counted.h"
#include "wgan/net/generator_state.h"

namespace wgan {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

PartLength parse_extension(std::string_view text) {
  std::string_view number = text;
  for (const std::string_view unit : {"steps", "step"}) {
    if (!number.ends_with(unit)) continue;
    number = trimmed(number.substr(0, number.size() - unit.size()));
    break;
  }
  const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
  PartLength part;
  try {
    if (number.size() < text.size() || digits) {
      read_field("--extend", number, part.steps);
    } else {
      part.time = parse_duration("--extend", text);
    }
  } catch (const Error&) {
    part = {};
  }
  const bool steps = part.steps > 0 && part.steps <= kMostSteps;
  if (!steps && part.time.seconds <= 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--extend: '{}' is neither a number of steps nor a time", text),
                "give it as '2000 steps' or 10m");
  }
  return part;
}

}  // namespace

std::vector<PartLength> parse_extensions(const std::string& text) {
  std::vector<PartLength> extensions;
  if (text.empty()) return extensions;
  for (const std::string& part : split(text, '+')) {
    extensions.push_back(parse_extension(trimmed(part)));
  }
  return extensions;
}

std::string extensions_text(const std::vector<PartLength>& extensions) {
  std::string text;
  for (const PartLength& part : extensions) {
    if (!text.empty()) text += " + ";
    text += part.steps > 0 ? counted(part.steps, "step") : format_duration(part.time);
  }
  return text;
}

std::vector<PartLength> parts_of(const Length& length) {
  std::vector<PartLength> parts{{.steps = length.steps, .time = length.time}};
  for (const PartLength& extension : parse_extensions(length.extend)) parts.push_back(extension);
  return parts;
}

}  // namespace wgan
