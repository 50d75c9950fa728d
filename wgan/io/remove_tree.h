// Removing a folder with all that is in it.
#pragma once

#include <filesystem>
#include <system_error>

namespace wgan {

// Removes the file, or the folder with all in it; of symbolic links the link itself. What was not
// there is no error. Returns the first error met; the rest is removed nevertheless.
//
// In place of std::filesystem::remove_all, which crashes in programs that load a LibTorch with
// parts of another version of the C++ library inside (that of Python's packages, 2.11).
std::error_code remove_tree(const std::filesystem::path& path);

}  // namespace wgan
