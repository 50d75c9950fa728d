// The images of a folder and below, their classes, and how they are to be decoded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/dataset.h"
#include "wgan/io/image.h"

namespace wgan {

// The images below a folder, sorted by path (bytewise), those of a test part last.
struct ImageFolder {
  std::filesystem::path root;
  std::filesystem::path source;  // what a person calls it: root, or the archive unpacked there
  std::vector<std::filesystem::path> files;  // relative to root
  std::vector<int32_t> labels;               // one a file; empty: no classes
  std::vector<std::string> class_names;      // of folders, sorted, or "0", "1", ...
  std::optional<int64_t> train_files;  // those behind are the test part; none: there are no parts
  int64_t other_files = 0;             // that are no images
  int64_t hidden_files = 0;            // names that begin with a dot; hidden folders count 1
  std::vector<std::string> notes;      // sentences about what is not as one might think
};

// Looks into all folders below root, and into those that links lead to, once each. What has the
// ending of an image format, or no ending and an image's first bytes, is an image.
//
// Levels count from the deepest folder that holds all images. The folders on the first level are
// classes where there are at least two and no image lies outside of them. Where they are called
// train and test (or training, testing, val, valid, validation), they are the two parts, and the
// folders on the level below are classes; an image for testing whose class the train part lacks is
// left out. A dataset.json beside them says classes instead (dataset_json.h).
//
// Throws Error(kData) where root is missing, no folder, unreadable, or holds no image, or where
// dataset.json has no label for an image.
// source: empty for root itself.
ImageFolder scan_image_folder(const std::filesystem::path& root,
                              const std::filesystem::path& source = {});

// What the options alone say; channels are not settled. Throws Error(kUsage) for sides outside
// 8..1024 (0 is 64) or a bad background.
ImageRequest basic_request(const DataOptions& options);

// What load_image is asked for, with channels settled: where options.channels is auto, 4 if most of
// at most 64 images spread over the folder have transparent pixels, else 3 if more than a tenth of
// at most 256 have colour by their headers. Throws as basic_request does.
ImageRequest image_request(const ImageFolder& folder, const DataOptions& options);

// What load_image says against the file `path`, without the path that its message begins with.
std::string skip_reason(const Error& error, const std::filesystem::path& path);

}  // namespace wgan
