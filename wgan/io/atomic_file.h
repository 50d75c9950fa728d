// A file that appears under its name complete or not at all.
//
// The bytes go to a temporary name beside the target; commit() syncs them to the disk and renames.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace wgan {

class AtomicFile {
 public:
  // path: the target. An old file there stays as it is until commit(). Throws Error(kOutput) where
  // the folder cannot be written or path is something else than a regular file.
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();  // without commit(): removes what was written
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  // Appends. Throws Error(kOutput): disk full, limits, permissions.
  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);

  // Flushes, syncs, renames to path, and syncs the folder. Once, as the last call. Throws
  // Error(kOutput).
  void commit();

  const std::filesystem::path& path() const { return path_; }

 private:
  void write_through(std::string_view text);
  void flush();

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // empty once renamed
  int descriptor_ = -1;
  std::string buffer_;  // gathers small writes
};

// The folder `temporary` takes the name `target` beside it, and the disk knows it; a folder that
// had the name goes. At no time is there no target where there was one (on file systems that can
// exchange two names, as Linux' own can). Throws Error(kOutput).
void publish_folder(const std::filesystem::path& temporary, const std::filesystem::path& target);

// path becomes a file that holds text, or stays as it was. Throws Error(kOutput).
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

}  // namespace wgan
