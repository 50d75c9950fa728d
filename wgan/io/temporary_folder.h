// A fresh folder that is removed, with all that is in it, when its owner goes out of scope.
#pragma once

#include <filesystem>

namespace wgan {

class TemporaryFolder {
 public:
  // Makes a folder under the system's place for temporary files. Throws Error(kOutput).
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace wgan
