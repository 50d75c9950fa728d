// Quoting for a shell.
#include "wgan/core/shell_word.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "wgan/core/utf8.h"

namespace wgan {
namespace {

bool is_plain(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || std::string_view("_-./:,+=@%").find(c) != std::string_view::npos;
}

// Bytes of the character in UTF-8 that the text begins with; 0: it begins with none that a terminal
// shows.
size_t shown_bytes(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  const bool control = first < 0x20 || first == 0x7F ||
                       (first == 0xC2 && text.size() > 1 && static_cast<uint8_t>(text[1]) < 0xA0);
  return control ? 0 : utf8_character_bytes(text);
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
