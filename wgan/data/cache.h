// Where image folders that were prepared for training are kept, so that it is done once.
//
// The cache lies in $WGAN_CACHE, else $XDG_CACHE_HOME/wgan, else ~/.cache/wgan. An entry is a
// prepared folder named after its key: the SHA-256 over the source's absolute path, the relative
// path, size, time of change (ns) and class of each image in it, which of them are for testing, and
// the options that change pixels (size, fit, channels, background, max-pixels). Of an archive, its
// own size and time stand for its images'. When the entries take more than $WGAN_CACHE_LIMIT bytes
// ("500M", "20G"; 20 GB where unset), the one not used for the longest time goes first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/prepared_folder.h"

namespace wgan {

// Throws Error(kUsage) where no environment variable says where.
std::filesystem::path cache_folder();

// In bytes. Throws Error(kUsage) for a bad $WGAN_CACHE_LIMIT.
int64_t cache_limit();

// Returns work(). What cannot be written is thrown on with the hint that the cache can lie
// elsewhere.
template <class Work>
auto with_cache_hint(const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kOutput) throw;
    throw Error(
        error.kind(), error.what(),
        "prepared pictures are kept in the cache: set WGAN_CACHE to a folder with room that "
        "can be written, as in WGAN_CACHE=/tmp/wgan-cache wgan ...");
  }
}

// The prepared form of an image folder, or of a zip archive of images: found in the cache, or
// prepared and put there. Throws as prepare_image_folder does; with OnError::kFail also where the
// cached form has skipped images.
PreparedFolder cached_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                   const Progress& progress = {});

struct CacheEntry {
  std::filesystem::path folder;
  std::string source;          // absolute path of the image folder; "" where it is not known
  std::vector<int64_t> shape;  // [N, H, W, C]
  int64_t bytes = 0;           // on the disk
  std::filesystem::file_time_type last_used;
};

// Last used first.
std::vector<CacheEntry> list_cache();

// Removes all entries and what interrupted runs have left; nothing else in the folder is touched.
// Returns the bytes freed.
int64_t clear_cache();

}  // namespace wgan
