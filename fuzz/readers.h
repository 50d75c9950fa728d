// The readers of files from outside, each with files to begin mutating from.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wgan::fuzz {

struct Reader {
  std::string name;
  std::string ending;                               // of the files, as "x.npy"
  void (*read)(const std::filesystem::path& file);  // returns, or throws wgan::Error
  std::vector<std::string> (*seeds)();              // valid files
};

std::span<const Reader> readers();

// Writes the bytes to a file in the folder and reads it; wgan::Error is an answer, anything else is
// let through.
void read_bytes(const Reader& reader, std::span<const char> bytes,
                const std::filesystem::path& folder);

}  // namespace wgan::fuzz
