// What a folder of images holds, before training on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"
#include "wgan/data/prepared_folder.h"
#include "wgan/io/image.h"

namespace wgan {

struct Inspection {
  std::string source;                                    // absolute path
  int64_t count = 0;                                     // images found
  int64_t usable = 0;                                    // of them
  int64_t other_files = 0;                               // no images by their names
  int64_t hidden_files = 0;                              // passed over
  std::map<std::pair<int64_t, int64_t>, int64_t> sizes;  // (width, height) -> usable images
  std::map<std::string, int64_t> modes;                  // "rgb", "palette", ... -> usable images
  int64_t transparent = 0;                               // usable images seen through somewhere
  int64_t channels = 0;                                  // that training would see
  std::map<std::string, int64_t> formats;                // "jpeg", ... by content
  std::vector<std::pair<std::string, int64_t>> classes;  // name, usable images; empty: no classes
  std::vector<SkippedImage> tiny;                        // below kMinImageSide
  std::vector<SkippedImage> huge;                        // over max-pixels
  std::vector<SkippedImage> unreadable;                  // damaged, or no image at all
  std::vector<std::vector<std::string>> duplicates;      // groups of files of equal content
  std::vector<std::string> notes;                        // sentences about what is done to images
  Image preview;                                         // a grid of usable images of all classes
};

// Decodes every image below `source`, a folder or a zip archive, on all processors (threads 0) or
// on some. preview: how many images the grid shows, of each class in turn or else spread over the
// folder. Throws as scan_image_folder and image_request do; a folder without one usable image is no
// error, its preview is empty.
Inspection inspect_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                const Progress& progress = {}, int64_t preview = 64,
                                int threads = 0);

// All but the preview. Of the sizes, the commonest 20 and the extremes.
nlohmann::ordered_json inspection_to_json(const Inspection& inspection);

}  // namespace wgan
