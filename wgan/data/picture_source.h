// Where pictures come from: a folder, or a zip archive that is unpacked for the while.
#pragma once

#include <filesystem>

namespace wgan {

// Whether the file is a zip archive that holds images, rather than NumPy arrays or no archive.
// Throws Error(kData) where it begins as an archive and is damaged, or holds neither.
bool is_picture_zip(const std::filesystem::path& file);

class PictureSource {
 public:
  // A folder is taken as it is. Of an archive, the images and dataset.json are unpacked below the
  // cache folder. Throws Error(kData) where the archive is damaged or a trap: members that would
  // lie outside, or take far more room than the archive; Error(kOutput) where there is no room.
  explicit PictureSource(const std::filesystem::path& source);
  ~PictureSource();  // removes what was unpacked
  PictureSource(const PictureSource&) = delete;
  PictureSource& operator=(const PictureSource&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

 private:
  void unpack(const std::filesystem::path& archive);

  std::filesystem::path folder_;
  bool unpacked_ = false;
};

}  // namespace wgan
