// Joins CIFAR's batches into a data set.
#include "wgan/data/open_cifar.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/rows.h"
#include "wgan/io/cifar.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

bool is_train_name(const std::string& name) { return name.starts_with("data_batch_"); }
bool is_test_name(const std::string& name) { return name.starts_with("test_batch"); }

// CIFAR-100's train.bin or test.bin, whose names say little: their size must fit.
bool is_hundred(const fs::directory_entry& entry) {
  const std::string name = entry.path().filename().string();
  if (name != "train.bin" && name != "test.bin") return false;
  std::error_code error;
  const auto bytes = entry.file_size(error);
  return !error && bytes > 0 && bytes % CifarFile::record_bytes(100) == 0;
}

struct Batches {
  std::vector<fs::path> train, test;  // the .bin files, in the order of their names
  bool compressed = false;            // there are .bin.* files
  int64_t classes = 10;
};

Batches find_batches(const fs::path& folder) {
  Batches batches, hundred;
  hundred.classes = 100;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (is_hundred(entry)) {
      (name == "train.bin" ? hundred.train : hundred.test).push_back(entry.path());
    }
    if (!is_train_name(name) && !is_test_name(name)) continue;
    if (name.ends_with(".bin")) {
      (is_train_name(name) ? batches.train : batches.test).push_back(entry.path());
    } else if (name.find(".bin.") != std::string::npos) {
      batches.compressed = true;
    }
  }
  std::sort(batches.train.begin(), batches.train.end());
  const bool ten = !batches.train.empty() || !batches.test.empty() || batches.compressed;
  return ten ? batches : hundred;
}

Dataset batch_rows(const std::shared_ptr<const CifarFile>& file) {
  Dataset dataset;
  dataset.shape = {CifarFile::kSide, CifarFile::kSide, 3};
  dataset.size = file->size();
  dataset.read_row = [file](int64_t row, std::span<std::byte> out) { file->copy_pixels(row, out); };
  dataset.label = [file](int64_t row) { return file->label(row); };
  return dataset;
}

std::vector<std::string> class_names(const fs::path& folder, int64_t classes) {
  std::vector<std::string> names = read_cifar_class_names(folder, classes);
  if (!names.empty()) return names;
  for (int64_t i = 0; i < classes; ++i) names.push_back(std::to_string(i));
  return names;
}

}  // namespace

bool is_cifar_folder(const fs::path& folder) {
  const Batches batches = find_batches(folder);
  return !batches.train.empty() || !batches.test.empty() || batches.compressed;
}

Dataset open_cifar_folder(const fs::path& folder, const DataOptions& options) {
  const Batches batches = find_batches(folder);
  const bool has_test = !batches.test.empty();
  std::vector<fs::path> paths;
  if (options.split != Split::kTest || !has_test) paths = batches.train;
  if (options.split != Split::kTrain && has_test) paths.push_back(batches.test.front());
  if (paths.empty()) {
    throw Error(ErrorKind::kData,
                folder.string() + ": holds no data_batch_*.bin or train.bin" +
                    (batches.compressed ? ", only compressed files" : ""),
                batches.compressed ? "unpack them, as with xz -dk " + folder.string() + "/*.xz"
                                   : "fetch the rest of the binary version, or use --split test");
  }
  Dataset dataset;
  std::vector<std::span<const std::byte>> contents;
  std::vector<std::shared_ptr<const CifarFile>> files;
  for (const fs::path& path : paths) {
    files.push_back(std::make_shared<const CifarFile>(path, batches.classes));
    contents.push_back(files.back()->bytes());
    Dataset batch = batch_rows(files.back());
    dataset = dataset.size == 0 ? std::move(batch) : joined(std::move(dataset), std::move(batch));
  }
  check_images(folder, dataset.size, dataset.shape, options);
  dataset.name = short_name(folder);
  dataset.class_names = class_names(folder, batches.classes);
  dataset.identity = content_identity(contents, options);
  return has_test ? dataset : choose_split(std::move(dataset), options);
}

}  // namespace wgan
