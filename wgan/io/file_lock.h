// A lock that one process holds on a place, and that dies with it.
#pragma once

#include <filesystem>
#include <string>

namespace wgan {

class FileLock {
 public:
  // Makes the file where it is not there, and locks it (flock). Throws Error(kUsage) where another
  // process holds it, Error(kOutput) where the file cannot be opened. what: what is locked, for the
  // message.
  FileLock(const std::filesystem::path& file, const std::string& what);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace wgan
