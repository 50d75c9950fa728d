// Characters in UTF-8; names of files, which may be any bytes, as text that JSON can hold.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wgan {

// The length of the character that the bytes, at least one, begin with; 0: they begin with none.
size_t utf8_character_bytes(std::string_view bytes);

bool is_utf8(std::string_view bytes);

// The bytes themselves where they are UTF-8; otherwise each that is part of no character as \xNN.
std::string utf8_text(std::string_view bytes);

// The bytes of which utf8_text made the text, where nothing else in them looked like \xNN.
std::string bytes_of_utf8_text(std::string_view text);

}  // namespace wgan
