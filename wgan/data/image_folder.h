// The images of a folder and below, their classes, and how they are to be decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/dataset.h"
#include "wgan/io/image.h"

namespace wgan {

// The images below a folder, sorted by path (bytewise).
struct ImageFolder {
  std::filesystem::path root;
  std::vector<std::filesystem::path> files;  // relative to root
  std::vector<int32_t> labels;               // one a file; empty: no classes
  std::vector<std::string> class_names;      // folders on the first level, sorted
  int64_t other_files = 0;                   // that are no images
  int64_t hidden_files = 0;                  // names that begin with a dot; hidden folders count 1
};

// Looks into all folders below root, links to folders aside. What has the ending of an image
// format, or no ending and an image's first bytes, is an image. The folders on the first level are
// classes where there are at least two and no image lies outside of them. Throws Error(kData) where
// root is missing, no folder, unreadable, or holds no image.
ImageFolder scan_image_folder(const std::filesystem::path& root);

// What load_image is asked for, with channels settled: where options.channels is auto, 3 if more
// than a tenth of at most 256 images spread over the folder have colour by their headers. Throws
// Error(kUsage) for sides outside 8..1024 (0 is 64) or a bad background.
ImageRequest image_request(const ImageFolder& folder, const DataOptions& options);

// What load_image says against the file `path`, without the path that its message begins with.
std::string skip_reason(const Error& error, const std::filesystem::path& path);

}  // namespace wgan
