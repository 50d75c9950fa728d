// Finds the parts and classes among the images of a folder.
#include "wgan/data/image_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/parallel.h"
#include "wgan/data/dataset_json.h"
#include "wgan/data/list_images.h"

namespace wgan {
namespace {

constexpr int64_t kSmallestSize = 8;
constexpr int64_t kLargestSize = 1024;
const PictureSize kDefaultSize = 64;
constexpr int64_t kChannelSample = 256;
constexpr int64_t kAlphaSample = 64;

// The first level of a path behind `level` leading folders: "cats" of "x/cats/a/1.jpg" behind 1, ""
// of "x/1.jpg".
std::string level_name(const std::filesystem::path& file, size_t level) {
  const std::filesystem::path parent = file.parent_path();
  auto part = parent.begin();
  for (size_t i = 0; i < level && part != parent.end(); ++i) ++part;
  return part == parent.end() ? "" : part->string();
}

// How many leading folders all of the sorted files share.
size_t shared_levels(const std::vector<std::filesystem::path>& files) {
  size_t level = 0;
  while (true) {
    const std::string name = level_name(files.front(), level);
    if (name.empty() || name != level_name(files.back(), level)) return level;
    ++level;
  }
}

enum class Part { kNone, kTrain, kTest };

Part part_of(std::string name) {
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  if (name == "train" || name == "training") return Part::kTrain;
  for (const char* test : {"test", "testing", "val", "valid", "validation"}) {
    if (name == test) return Part::kTest;
  }
  return Part::kNone;
}

// Puts the train part first where the folders on this level are parts.
void find_parts(ImageFolder& folder, size_t level) {
  std::set<std::string> train, test;
  std::string other;  // an image outside of the parts
  for (const auto& file : folder.files) {
    const std::string name = level_name(file, level);
    const Part part = part_of(name);
    if (part == Part::kNone) other = file.string();
    if (part == Part::kTrain) train.insert(name);
    if (part == Part::kTest) test.insert(name);
  }
  if (train.empty() || test.empty()) return;
  if (!other.empty()) {
    folder.notes.push_back(
        fmt::format("folders {}, {} are no split, since other images lie beside them, such as {}",
                    fmt::join(train, ", "), fmt::join(test, ", "), other));
    return;
  }
  const auto rest = std::ranges::stable_partition(folder.files, [&](const auto& file) {
    return part_of(level_name(file, level)) == Part::kTrain;
  });
  folder.train_files = static_cast<int64_t>(rest.begin() - folder.files.begin());
  folder.notes.push_back(fmt::format("folder {} holds the train part ({}), {} the test part ({})",
                                     fmt::join(train, ", "), counted(*folder.train_files, "image"),
                                     fmt::join(test, ", "), rest.size()));
}

// The names of the folders on this level of the files to be trained on; none where some lie outside
// of them or there is only one.
std::vector<std::string> class_folders(const ImageFolder& folder, size_t level) {
  std::set<std::string> names;
  const auto count = folder.train_files.value_or(static_cast<int64_t>(folder.files.size()));
  for (int64_t i = 0; i < count; ++i) names.insert(level_name(folder.files[i], level));
  if (names.contains("") || names.size() < 2) return {};
  return {names.begin(), names.end()};
}

// Labels files by folders on this level.
void find_classes(ImageFolder& folder, size_t level) {
  folder.class_names = class_folders(folder, level);
  if (folder.class_names.empty()) return;
  std::vector<std::filesystem::path> kept;
  for (const auto& file : folder.files) {
    const std::string name = level_name(file, level);
    const auto place = std::ranges::lower_bound(folder.class_names, name);
    if (place == folder.class_names.end() || *place != name) continue;  // only in the test part
    kept.push_back(file);
    folder.labels.push_back(static_cast<int32_t>(place - folder.class_names.begin()));
  }
  const size_t without = folder.files.size() - kept.size();
  folder.files = std::move(kept);
  if (without == 0) return;
  folder.notes.push_back(fmt::format("{} of the test part {} left out: the train part lacks {}",
                                     counted(without, "image"), without == 1 ? "is" : "are",
                                     without == 1 ? "its class" : "their classes"));
  if (*folder.train_files == static_cast<int64_t>(folder.files.size())) folder.train_files.reset();
}

// Whether most of the images have pixels that can be seen through: an alpha channel often says
// nothing. Decodes at most kAlphaSample of them, spread over the folder.
bool mostly_transparent(const ImageFolder& folder, int64_t max_pixels) {
  const ImageRequest small{.channels = 4, .fit = ImageFit::kStretch, .max_pixels = max_pixels};
  const auto count = static_cast<int64_t>(folder.files.size());
  const int64_t sample = std::min(count, kAlphaSample);
  enum Finding : char { kUnreadable, kOpaque, kTransparent };
  std::vector<Finding> findings(static_cast<size_t>(sample), kUnreadable);
  for_each_index(sample, /*threads=*/0, [&](int64_t i) {
    try {
      const Image image = load_image(folder.root / folder.files[i * count / sample], small);
      findings[static_cast<size_t>(i)] = has_transparency(image) ? kTransparent : kOpaque;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
    }
  });
  return std::ranges::count(findings, kTransparent) > std::ranges::count(findings, kOpaque);
}

int64_t commonest_channels(const ImageFolder& folder, int64_t max_pixels) {
  const auto count = static_cast<int64_t>(folder.files.size());
  const int64_t sample = std::min(count, kChannelSample);
  int64_t readable = 0;
  int64_t coloured = 0;
  int64_t with_alpha = 0;
  for (int64_t i = 0; i < sample; ++i) {
    try {
      const ImageInfo info = read_image_info(folder.root / folder.files[i * count / sample]);
      ++readable;
      coloured += info.channels == 3;
      with_alpha += info.alpha;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
    }
  }
  if (2 * with_alpha > readable && mostly_transparent(folder, max_pixels)) return 4;
  return readable == 0 || 10 * coloured > readable ? 3 : 1;
}

}  // namespace

ImageFolder scan_image_folder(const std::filesystem::path& root,
                              const std::filesystem::path& source) {
  ImageFolder folder;
  folder.root = root;
  folder.source = source.empty() ? root : source;
  ListedFiles listed = list_images(root);
  folder.files = std::move(listed.images);
  folder.other_files = listed.other_files;
  folder.hidden_files = listed.hidden_files;
  folder.notes = std::move(listed.notes);
  const size_t level = shared_levels(folder.files);
  find_parts(folder, level);
  if (!read_dataset_json(folder, level)) find_classes(folder, level + (folder.train_files ? 1 : 0));
  return folder;
}

ImageRequest basic_request(const DataOptions& options) {
  ImageRequest request;
  request.size = options.size == PictureSize() ? kDefaultSize : options.size;
  const auto [shorter, longer] = std::minmax(request.size.width, request.size.height);
  if (shorter < kSmallestSize || longer > kLargestSize) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--size {}: sides of {} to {} pixels are wanted",
                            field_text(options.size), kSmallestSize, kLargestSize));
  }
  request.fit = options.fit == Fit::kCrop  ? ImageFit::kCrop
                : options.fit == Fit::kPad ? ImageFit::kPad
                                           : ImageFit::kStretch;
  request.background = parse_colour(options.background);
  request.max_pixels = options.max_pixels;
  return request;
}

ImageRequest image_request(const ImageFolder& folder, const DataOptions& options) {
  ImageRequest request = basic_request(options);
  request.channels = options.channels == Channels::kGrey  ? 1
                     : options.channels == Channels::kRgb ? 3
                     : options.channels == Channels::kRgba
                         ? 4
                         : commonest_channels(folder, options.max_pixels);
  return request;
}

std::string skip_reason(const Error& error, const std::filesystem::path& path) {
  const std::string text = error.what();
  const std::string prefix = path.string() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace wgan
