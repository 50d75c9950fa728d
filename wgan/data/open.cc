// Finds out what a path is, by names and first bytes, and calls the opener for it.
#include "wgan/data/open.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/utf8.h"
#include "wgan/data/cache.h"
#include "wgan/data/find_data.h"
#include "wgan/data/open_cifar.h"
#include "wgan/data/open_idx.h"
#include "wgan/data/open_npy.h"
#include "wgan/data/picture_source.h"
#include "wgan/data/prepared_folder.h"
#include "wgan/data/rows.h"
#include "wgan/data/synthetic.h"
#include "wgan/io/digest.h"
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

// The part that the options ask for, of a prepared folder that has two.
Dataset choose_part(Dataset whole, int64_t train_rows, const DataOptions& options) {
  if (options.split == Split::kAll) return whole;
  const bool train = options.split == Split::kTrain;
  std::vector<int64_t> rows;
  for (int64_t row = train ? 0 : train_rows; row < (train ? train_rows : whole.size); ++row) {
    rows.push_back(row);
  }
  if (rows.empty()) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: no image of its {} part can be used", whole.name,
                            enum_name(options.split)),
                "see 'wgan data inspect' for the reasons");
  }
  const std::string part =
      fmt::format("{} {} {}", whole.identity, enum_name(options.split), train_rows);
  Dataset dataset = subset(std::move(whole), std::move(rows));
  dataset.identity = sha256_hex(std::as_bytes(std::span(part)));
  return dataset;
}

// The class folders' names stand in the manifest; the array's openers number classes only.
Dataset open_prepared(const PreparedFolder& prepared, const fs::path& source,
                      const DataOptions& options) {
  const PreparedManifest& manifest = prepared.manifest;
  DataOptions asked = options;
  if (manifest.train_rows) {
    asked.split = Split::kAll;
    asked.holdout = 0;
  }
  Dataset dataset = open_array_file(prepared.images, asked, short_name(source));
  const std::vector<std::string>& names = manifest.class_names;
  if (names.size() < dataset.class_names.size()) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: names {}, its labels use {}", prepared.folder.string(),
                            counted(names.size(), "class", "classes"), dataset.class_names.size()),
                "prepare the folder again");
  }
  if (dataset.labelled()) dataset.class_names = names;
  dataset.skipped = manifest.skipped;
  dataset.enlarged = manifest.enlarged;
  dataset.cut = manifest.cut;
  dataset.aspect = manifest.aspect;
  dataset.notes = manifest.notes;
  return manifest.train_rows ? choose_part(std::move(dataset), *manifest.train_rows, options)
                             : dataset;
}

Dataset open_pictures(const fs::path& source, const DataOptions& options,
                      const Progress& progress) {
  return open_prepared(cached_image_folder(source, options, progress), source, options);
}

Dataset open_folder(const fs::path& folder, const DataOptions& options, const Progress& progress) {
  const FolderPlace place = find_data(folder);
  switch (place.kind) {
    case FolderKind::kPrepared:
      return open_prepared(read_prepared(place.folder), folder, options);
    case FolderKind::kIdx:
      return open_idx_folder(place.folder, options);
    case FolderKind::kCifar:
      return open_cifar_folder(place.folder, options);
    case FolderKind::kPictures:
      break;
  }
  return open_pictures(folder, options, progress);
}

Dataset open_file(const fs::path& path, const DataOptions& options, const Progress& progress) {
  if (is_picture_zip(path)) return open_pictures(path, options, progress);
  if (is_array_file(path)) return open_array_file(path, options);
  refuse_known_file(path);
  const MappedFile file(path);
  const std::string_view start(reinterpret_cast<const char*>(file.bytes().data()),
                               std::min<size_t>(file.bytes().size(), 6));
  const std::string ending = path.extension().string();
  const bool begins_as_idx =
      start.starts_with(std::string_view("\0\0\x08", 3)) || start.starts_with("\x1f\x8b");
  if (ending == ".gz" || begins_as_idx) return open_idx_file(path, options);
  throw Error(ErrorKind::kData,
              path.string() + ": is no NPY, NPZ, IDX or zip file, the files that are read singly",
              "of pictures and of CIFAR's files, give the folder that holds them");
}

}  // namespace

Dataset open_dataset(const DataOptions& options, uint64_t seed, const Progress& progress) {
  if (!(options.holdout >= 0 && options.holdout < 1)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("holdout: {} is not a fraction below 1", options.holdout),
                "give a number from 0 up to, but not including, 1");
  }
  if (is_embedded(options.data)) return open_synthetic(options, seed);
  fs::path path(options.data);
  std::error_code unreadable;           // said below
  if (!fs::exists(path, unreadable)) {  // as a run has noted a name that is not UTF-8
    const fs::path noted(bytes_of_utf8_text(options.data));
    if (fs::exists(noted, unreadable)) path = noted;
  }
  try {
    if (options.data.empty() || !fs::exists(path)) throw_missing(options.data);
    return fs::is_directory(path) ? open_folder(path, options, progress)
                                  : open_file(path, options, progress);
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: cannot be read: {}", options.data, error.code().message()),
                "check the permissions of the file and its folders");
  }
}

bool is_embedded(const std::string& data) {
  const auto names = synthetic_names();
  return std::find(names.begin(), names.end(), data) != names.end();
}

std::string absolute_data(const std::string& data) {
  return is_embedded(data) ? data : fs::absolute(data).lexically_normal().string();
}

bool is_picture_source(const fs::path& path) {
  if (fs::is_regular_file(path)) return is_picture_zip(path);
  return fs::is_directory(path) && find_data(path).kind == FolderKind::kPictures;
}

}  // namespace wgan
