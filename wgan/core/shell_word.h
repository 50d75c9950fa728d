// Words of commands that a person is to paste into a shell.
#pragma once

#include <filesystem>
#include <string>

namespace wgan {

// The text as one word of a shell's command line: as it is where that is one, otherwise quoted.
// Bytes that a terminal does not show, or that are no UTF-8, are written as $'\ooo', which bash,
// ksh and zsh read.
std::string shell_word(const std::string& text);

// The same for a path; "./" goes before a dash, which would make a flag of it.
std::string shell_path(const std::filesystem::path& path);

}  // namespace wgan
