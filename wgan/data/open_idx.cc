// Finds the parts of an MNIST-like set and joins images with their labels.
#include "wgan/data/open_idx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstring>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/find_data.h"
#include "wgan/data/rows.h"
#include "wgan/io/idx.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kIdxDigits = 10;

struct Files {
  std::optional<fs::path> images, labels;
};

struct Parts {
  Files train, test;
};

bool is_idx_name(const std::string& name) {
  return name.ends_with("ubyte") || name.ends_with("ubyte.gz");
}

std::vector<fs::path> idx_files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (is_idx_name(entry.path().filename().string()) && entry.is_regular_file(error)) {
      files.push_back(entry.path());
    }
  }
  return files;
}

// The folder's own files; if there are none, those in the folders on the next level that has some.
std::vector<fs::path> nearest_idx_files(const fs::path& folder) {
  std::vector<fs::path> files;
  for (int level = 0; level <= kDeepestData && files.empty(); ++level) {
    for (const fs::path& place : folders_below(folder, level)) {
      for (fs::path& file : idx_files_in(place)) files.push_back(std::move(file));
    }
  }
  return files;
}

// Of a file and its .gz the plain one is taken: it can be mapped.
void take_file(std::optional<fs::path>& chosen, const fs::path& file) {
  if (chosen && chosen->parent_path() != file.parent_path()) {
    throw Error(ErrorKind::kData,
                fmt::format("{} and {} would both do", chosen->string(), file.string()),
                fmt::format("give one of their folders: {}, {}", chosen->parent_path().string(),
                            file.parent_path().string()));
  }
  if (!chosen || file.extension() != ".gz") chosen = file;
}

Parts find_parts(const fs::path& folder) {
  Parts parts;
  for (const fs::path& file : nearest_idx_files(folder)) {
    const std::string name = file.filename().string();
    const bool test = name.starts_with("t10k") || name.starts_with("test");
    if (!test && !name.starts_with("train")) continue;
    Files& files = test ? parts.test : parts.train;
    if (name.find("images") != std::string::npos) take_file(files.images, file);
    if (name.find("labels") != std::string::npos) take_file(files.labels, file);
  }
  return parts;
}

std::vector<int64_t> read_labels(const fs::path& path) {
  const IdxArray array = read_idx(path, kLargestDecompressed);
  if (array.shape.size() != 1) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: has the shape ({}); labels [N] are wanted", path.string(),
                            fmt::join(array.shape, ", ")),
                "check that it is the file of labels");
  }
  std::vector<int64_t> labels;
  labels.reserve(array.bytes.size());
  for (const std::byte byte : array.bytes) labels.push_back(std::to_integer<int64_t>(byte));
  return labels;
}

// The rows of one part, and in `contents` what they are made of.
Dataset part_rows(const Files& files, const DataOptions& options,
                  std::vector<std::span<const std::byte>>& contents) {
  const IdxArray array = read_idx(*files.images, kLargestDecompressed);
  if (array.shape.size() != 3 && array.shape.size() != 4) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: has the shape ({}); images [N, H, W] are wanted",
                            files.images->string(), fmt::join(array.shape, ", ")),
                "give the file of images; the labels beside it are found by themselves");
  }
  Dataset dataset;
  dataset.size = array.shape[0];
  dataset.shape = {array.shape[1], array.shape[2], array.shape.size() == 4 ? array.shape[3] : 1};
  check_images(*files.images, dataset.size, dataset.shape, options);
  const auto bytes = static_cast<size_t>(dataset.row_bytes());
  dataset.read_row = [array, bytes](int64_t row, std::span<std::byte> out) {
    std::memcpy(out.data(), array.bytes.data() + static_cast<size_t>(row) * bytes, bytes);
  };
  contents.push_back(array.bytes);
  if (files.labels) {
    // The digits' ten classes, or more: a split may lack the last one.
    attach_labels(dataset, read_labels(*files.labels), kIdxDigits, *files.labels);
  }
  return dataset;
}

// The identity of rows made of these contents and their own labels.
std::string identity_of(const Dataset& dataset, std::vector<std::span<const std::byte>> contents,
                        const DataOptions& options) {
  std::string notes = fmt::format("{};", dataset.shape);
  std::vector<int32_t> labels;
  if (dataset.labelled()) {
    for (int64_t row = 0; row < dataset.size; ++row) labels.push_back(dataset.label(row));
  }
  contents.push_back(std::as_bytes(std::span(notes)));
  contents.push_back(std::as_bytes(std::span(labels)));
  return content_identity(contents, options);
}

}  // namespace

bool is_idx_folder(const fs::path& folder) { return !idx_files_in(folder).empty(); }

Dataset open_idx_folder(const fs::path& folder, const DataOptions& options) {
  Parts parts = find_parts(folder);
  const bool want_test = options.split != Split::kTrain && parts.test.images;
  const bool want_train = options.split != Split::kTest || !parts.test.images;
  if (want_train && !parts.train.images) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: holds no train-images-*ubyte or .gz", folder.string()),
                "fetch it, or give the path of the images file that is meant");
  }
  std::vector<std::span<const std::byte>> contents;
  std::vector<Dataset> sets;
  if (want_train) sets.push_back(part_rows(parts.train, options, contents));
  if (want_test) sets.push_back(part_rows(parts.test, options, contents));
  if (sets.size() == 2) {
    if (sets[0].shape != sets[1].shape || sets[0].labelled() != sets[1].labelled()) {
      throw Error(ErrorKind::kData,
                  folder.string() +
                      ": its train and test part differ in image size, or only one "
                      "has labels",
                  "open them one at a time with --split train or --split test");
    }
    sets[0] = joined(std::move(sets[0]), std::move(sets[1]));
  }
  Dataset dataset = std::move(sets[0]);
  dataset.name = short_name(folder);
  dataset.identity = identity_of(dataset, contents, options);
  return parts.test.images ? dataset : choose_split(std::move(dataset), options);
}

Dataset open_idx_file(const fs::path& path, const DataOptions& options) {
  Files files{path, std::nullopt};
  for (const char* images : {"images-idx3", "images.idx3"}) {
    std::string name = path.filename().string();
    const size_t found = name.find(images);
    if (found == std::string::npos) continue;
    name.replace(found, 11, std::string("labels") + images[6] + "idx1");
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    for (const std::string& labels : {name, name + ".gz"}) {
      const fs::path beside = path.parent_path() / labels;
      if (!files.labels && fs::exists(beside)) files.labels = beside;
    }
  }
  std::vector<std::span<const std::byte>> contents;
  Dataset dataset = part_rows(files, options, contents);
  dataset.name = short_name(path);
  dataset.identity = identity_of(dataset, contents, options);
  return choose_split(std::move(dataset), options);
}

}  // namespace wgan
