// A reader of the zip archives that NumPy writes: stored or deflated members, no zip64.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wgan {

struct ZipMember {
  std::string name;
  std::span<const std::byte> bytes;   // decompressed
  std::shared_ptr<const void> owner;  // keeps bytes alive
};

// All members, in the order of the central directory, each checked against its CRC-32. Stored
// members stay mapped; deflated ones may take at most `limit` bytes in all. Throws Error(kData)
// where the archive is damaged, truncated, encrypted or in zip64 form, members overlap, two have
// one name, or the limit is passed. Throws Error(kUsage) in a build without zlib.
std::vector<ZipMember> read_zip(const std::filesystem::path& path, size_t limit);

}  // namespace wgan
