// Which files below a folder are images.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace wgan {

struct ListedFiles {
  std::vector<std::filesystem::path> images;  // relative to the folder, sorted (bytewise)
  int64_t other_files = 0;                    // that are no images
  int64_t hidden_files = 0;                   // names that begin with a dot; hidden folders count 1
  std::vector<std::string> notes;             // sentences about links that were not followed
};

// Looks into all folders below root, and then into those that links lead to; a folder that was seen
// or that holds the link or root is not looked into again. Throws Error(kData) where root is
// missing, no folder, unreadable, or holds no image. What has the ending of an image format, or no
// ending and an image's first bytes, is an image.
ListedFiles list_images(const std::filesystem::path& root);

// Whether the name ends as those of images do.
bool has_image_ending(const std::filesystem::path& path);

// Whether list_images would find an image; stops at the first. Where root cannot be read: false.
bool holds_images(const std::filesystem::path& root);

}  // namespace wgan
