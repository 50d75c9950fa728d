// A folder of images decoded once, on all processors, and kept as one array to be mapped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"
#include "wgan/io/image.h"

namespace wgan {

// manifest.json of a prepared folder.
struct PreparedManifest {
  std::string source;                    // absolute path
  nlohmann::ordered_json options;        // DataOptions, as options_to_json
  std::vector<int64_t> shape;            // [N, H, W, C]
  std::vector<std::string> class_names;  // empty: no labels
  std::optional<int64_t> train_rows;     // those behind are the test part; none: there are no parts
  Levels sixteen, open;                  // as in ImageRequest
  std::vector<std::string> notes;        // sentences about what was done to the images
  std::vector<SkippedImage> skipped;     // tiny, huge or unreadable
  int64_t enlarged = 0;                  // rows of images smaller than the size
  int64_t duplicates = 0;                // rows equal to an earlier row
  double cut = 0;                        // as in Dataset; 0 in folders of older versions
  double aspect = 1;
  std::string sha256;  // over the rows' SHA-256 in hex, in order
};

// A folder with images.npy (uint8 [N, H, W, C]), images-labels.npy (int32 [N]) and manifest.json.
struct PreparedFolder {
  std::filesystem::path folder;
  std::filesystem::path images;
  std::filesystem::path labels;  // empty: unlabelled
  PreparedManifest manifest;
};

// Decodes the images of `source`, a folder or a zip archive, to a new folder `destination`, which
// appears complete or not at all. Memory stays bounded whatever the number of images. Rows keep the
// order of the files, for any number of threads (0: one a processor). Throws Error(kData) where no
// image can be used or, with OnError::kFail, for the first that cannot; Error(kOutput) where
// destination is there already (and no empty folder) or cannot be written; what `progress` throws.
PreparedFolder prepare_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                    const std::filesystem::path& destination,
                                    const Progress& progress = {}, int threads = 0);

// Whether the folder's manifest.json says that it is a prepared one, whole or not. Other programs
// write files of this name too.
bool is_prepared_folder(const std::filesystem::path& folder);

// Throws Error(kData) where the folder is not a whole prepared one.
PreparedFolder read_prepared(const std::filesystem::path& folder);

}  // namespace wgan
