// Asks each kind of data set whether a folder is its own.
#include "wgan/data/find_data.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>

#include "wgan/core/error.h"
#include "wgan/data/list_images.h"
#include "wgan/data/open_cifar.h"
#include "wgan/data/open_idx.h"
#include "wgan/data/prepared_folder.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBinaryCifar =
    "fetch the binary version, cifar-10-binary.tar.gz (or cifar-100-binary.tar.gz) from "
    "https://www.cs.toronto.edu/~kriz/cifar.html, unpack it, and give its folder";

bool ends_in(const std::string& name, std::initializer_list<std::string_view> endings) {
  return std::ranges::any_of(endings, [&](const auto ending) { return name.ends_with(ending); });
}

// Pickles of protocol 2 and later begin so.
bool is_pickle(const fs::path& file) {
  std::string start(2, '\0');
  std::ifstream(file, std::ios::binary).read(start.data(), 2);
  return start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
}

bool is_cifar_name(const std::string& name) {
  return name.starts_with("data_batch") || name.starts_with("test_batch") || name == "train" ||
         name == "test" || name.ends_with("meta");
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

// What lies in a folder without pictures, where that is known.
void refuse_known_files(const fs::path& folder) {
  for (int level = 0; level <= kDeepestData; ++level) {
    for (const fs::path& place : folders_below(folder, level)) {
      for (const fs::path& file : files_in(place)) {
        const std::string name = file.filename().string();
        if (ends_in(name, {"-labels.npy", "-conditions.npy"})) continue;  // they belong to another
        if (ends_in(name, {".npy", ".npz", ".zip"})) {
          throw Error(ErrorKind::kData,
                      folder.string() + ": holds no pictures, but " +
                          file.lexically_relative(folder).string(),
                      "give the file itself: " + file.string());
        }
        refuse_known_file(file);
      }
    }
  }
}

// The data sets on this level.
std::vector<FolderPlace> places_on(const fs::path& folder, int level) {
  std::vector<FolderPlace> places;
  bool idx = false;
  for (const fs::path& place : folders_below(folder, level)) {
    if (is_prepared_folder(place)) {
      places.push_back({FolderKind::kPrepared, place});
    } else if (is_cifar_folder(place)) {
      places.push_back({FolderKind::kCifar, place});
    } else if (is_idx_folder(place) && !idx) {
      idx = true;  // whose files may lie in a folder each
      places.push_back({FolderKind::kIdx, folder});
    }
  }
  return places;
}

}  // namespace

std::vector<fs::path> folders_below(const fs::path& folder, int levels) {
  std::vector<fs::path> folders{folder};
  for (int level = 0; level < levels; ++level) {
    std::vector<fs::path> deeper;
    for (const fs::path& place : folders) {
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(place, error)) {
        const bool hidden = entry.path().filename().string().starts_with('.');
        if (!hidden && !entry.is_symlink(error) && entry.is_directory(error)) {
          deeper.push_back(entry.path());
        }
      }
    }
    std::ranges::sort(deeper);
    folders = std::move(deeper);
  }
  return folders;
}

FolderPlace find_data(const fs::path& folder) {
  std::error_code error;
  const bool empty = fs::is_empty(folder, error);
  if (error) {
    throw Error(ErrorKind::kData, folder.string() + ": cannot be read: " + error.message(),
                "check the permissions of the folder");
  }
  if (empty) {
    throw Error(ErrorKind::kData, folder.string() + ": is an empty folder",
                "give a folder of pictures, or of IDX or CIFAR files");
  }
  const std::vector<FolderPlace> here = places_on(folder, 0);
  if (!here.empty()) return here.front();
  if (holds_images(folder)) return {FolderKind::kPictures, folder};
  for (int level = 1; level <= kDeepestData; ++level) {
    const std::vector<FolderPlace> places = places_on(folder, level);
    if (places.size() == 1) return places.front();
    if (places.empty()) continue;
    std::vector<std::string> names;
    for (const FolderPlace& place : places) names.push_back(place.folder.string());
    throw Error(ErrorKind::kData, folder.string() + ": holds several data sets",
                fmt::format("give one of them: {}", fmt::join(names, ", ")));
  }
  refuse_known_files(folder);
  return {FolderKind::kPictures, folder};
}

void refuse_known_file(const fs::path& file) {
  const std::string name = file.filename().string();
  if (ends_in(name, {".mat"})) {
    throw Error(ErrorKind::kData, file.string() + ": is a MATLAB file, which is not read",
                is_cifar_name(name) ? kBinaryCifar
                                    : "save its arrays with numpy.save, from scipy.io.loadmat");
  }
  if (is_pickle(file)) {
    throw Error(ErrorKind::kData,
                file.string() +
                    ": is a Python pickle, which can run code when it is read and is "
                    "therefore not read",
                is_cifar_name(name) ? kBinaryCifar : "save its arrays with numpy.save");
  }
  if (ends_in(name, {".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".7z", ".rar"})) {
    throw Error(ErrorKind::kData, file.string() + ": is an archive of a kind that is not read",
                name.starts_with("cifar") && name.find("binary") == std::string::npos
                    ? kBinaryCifar
                    : "unpack it, and give the folder with its files");
  }
}

}  // namespace wgan
