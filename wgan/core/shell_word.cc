// Quoting for a shell.
#include "wgan/core/shell_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace wgan {
namespace {

bool is_plain(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || std::string_view("_-./:,+=@%").find(c) != std::string_view::npos;
}

// Bytes of the character in UTF-8 that the text begins with; 0: it begins with none that a terminal
// shows.
size_t shown_bytes(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(0);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const size_t length = first < 0xC2   ? 0
                        : first < 0xE0 ? 2
                        : first < 0xF0 ? 3
                        : first < 0xF5 ? 4
                                       : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  const uint8_t second = byte(1);
  const bool too_long = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool no_character = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F) ||
                            (first == 0xC2 && second < 0xA0);
  return too_long || no_character ? 0 : length;
}

}  // namespace

std::string shell_word(const std::string& text) {
  if (!text.empty() && std::ranges::all_of(text, is_plain)) return text;
  std::string plain = "'", escaped = "$'";
  bool all_shown = true;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t length = shown_bytes(rest);
    const std::string_view character = rest.substr(0, std::max<size_t>(1, length));
    rest.remove_prefix(character.size());
    all_shown = all_shown && length > 0;
    plain += character == "'" ? "'\\''" : character;
    if (length == 0) {
      escaped += fmt::format("\\{:03o}", static_cast<uint8_t>(character[0]));
    } else {
      escaped += character == "'" || character == "\\" ? "\\" : "";
      escaped += character;
    }
  }
  return (all_shown ? plain : escaped) + "'";
}

std::string shell_path(const std::filesystem::path& path) {
  return shell_word((path.string().starts_with('-') ? "./" : "") + path.string());
}

}  // namespace wgan
