// Finds out what a path is, by names and first bytes, and calls the opener for it.
#include "wgan/data/open.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/cache.h"
#include "wgan/data/open_cifar.h"
#include "wgan/data/open_idx.h"
#include "wgan/data/open_npy.h"
#include "wgan/data/prepared_folder.h"
#include "wgan/data/rows.h"
#include "wgan/data/synthetic.h"
#include "wgan/io/mapped_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

Dataset open_synthetic(const DataOptions& options, uint64_t seed) {
  Dataset dataset = make_synthetic(options.data, options.split, seed);
  if (dataset.is_image()) check_images(options.data, dataset.size, dataset.shape, options);
  return dataset;
}

[[noreturn]] void throw_missing(const std::string& data) {
  std::string hint = "check the spelling of the path";
  if (data.find('/') == std::string::npos) {
    const std::string near = nearest_name(data, synthetic_names());
    hint = near.empty() ? fmt::format("check the path; embedded sets are {}",
                                      fmt::join(synthetic_names(), ", "))
                        : "did you mean " + near + "?";
  }
  throw Error(ErrorKind::kData, data + ": no such file, folder or embedded set", hint);
}

// The class folders' names stand in the manifest; the array's openers number classes only.
Dataset open_prepared(const PreparedFolder& prepared, const fs::path& source,
                      const DataOptions& options) {
  Dataset dataset = open_array_file(prepared.images, options, short_name(source));
  const std::vector<std::string>& names = prepared.manifest.class_names;
  if (names.size() < dataset.class_names.size()) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: names {}, its labels use {}", prepared.folder.string(),
                            counted(names.size(), "class", "classes"), dataset.class_names.size()),
                "prepare the folder again");
  }
  if (dataset.labelled()) dataset.class_names = names;
  dataset.skipped = prepared.manifest.skipped;
  dataset.enlarged = prepared.manifest.enlarged;
  return dataset;
}

bool is_prepared(const fs::path& folder) { return fs::exists(folder / "manifest.json"); }

Dataset open_folder(const fs::path& folder, const DataOptions& options, const Progress& progress) {
  if (fs::is_empty(folder)) {
    throw Error(ErrorKind::kData, folder.string() + ": is an empty folder",
                "give a folder of pictures, or of IDX or CIFAR-10 files");
  }
  if (is_prepared(folder)) {
    return open_prepared(read_prepared(folder), folder, options);
  }
  if (is_idx_folder(folder)) return open_idx_folder(folder, options);
  if (is_cifar_folder(folder)) return open_cifar_folder(folder, options);
  return open_prepared(cached_image_folder(folder, options, progress), folder, options);
}

Dataset open_file(const fs::path& path, const DataOptions& options) {
  if (is_array_file(path)) return open_array_file(path, options);
  const MappedFile file(path);
  const std::string_view start(reinterpret_cast<const char*>(file.bytes().data()),
                               std::min<size_t>(file.bytes().size(), 6));
  const std::string ending = path.extension().string();
  const bool begins_as_idx =
      start.starts_with(std::string_view("\0\0\x08", 3)) || start.starts_with("\x1f\x8b");
  if (ending == ".gz" || begins_as_idx) return open_idx_file(path, options);
  throw Error(ErrorKind::kData,
              path.string() + ": is no NPY, NPZ or IDX file, the files that are read singly",
              "of pictures and of CIFAR-10's files, give the folder that holds them");
}

}  // namespace

Dataset open_dataset(const DataOptions& options, uint64_t seed, const Progress& progress) {
  if (!(options.holdout >= 0 && options.holdout < 1)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("holdout: {} is not a fraction below 1", options.holdout),
                "give a number from 0 up to, but not including, 1");
  }
  const auto names = synthetic_names();
  if (std::find(names.begin(), names.end(), options.data) != names.end()) {
    return open_synthetic(options, seed);
  }
  const fs::path path(options.data);
  try {
    if (options.data.empty() || !fs::exists(path)) throw_missing(options.data);
    return fs::is_directory(path) ? open_folder(path, options, progress) : open_file(path, options);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: cannot be read: {}", options.data, error.code().message()),
                "check the permissions of the file and its folders");
  }
}

bool is_image_folder(const fs::path& path) {
  return fs::is_directory(path) && !is_prepared(path) && !is_idx_folder(path) &&
         !is_cifar_folder(path);
}

}  // namespace wgan
