// A file's bytes, mapped read-only into memory: opened at once however large, loaded page by page.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace wgan {

// Owns one mapping; moving hands it over. The file must not shrink while it is mapped (reading a
// page that has gone raises SIGBUS): wgan replaces its own files by renaming, never in place.
class MappedFile {
 public:
  // Throws Error(kData) where path is missing, unreadable or not a regular file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  // The whole file; empty for an empty file. Starts on a page boundary. Valid as long as this.
  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace wgan
