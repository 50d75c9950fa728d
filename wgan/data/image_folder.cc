// Finds images and their classes.
#include "wgan/data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <string_view>
#include <system_error>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr int64_t kSmallestSize = 8;
constexpr int64_t kLargestSize = 1024;
const PictureSize kDefaultSize = 64;
constexpr int64_t kChannelSample = 256;

// Endings of image formats. Some of them wgan does not read: such a file is then listed with the
// reason instead of being passed over in silence.
constexpr std::array kEndings = {".jpg", ".jpeg", ".jpe", ".jfif", ".png",  ".webp", ".gif",
                                 ".tif", ".tiff", ".bmp", ".heic", ".heif", ".avif", ".jxl"};

bool begins_like_an_image(const std::filesystem::path& path) {
  std::array<char, 12> bytes{};
  std::ifstream(path, std::ios::binary).read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), bytes.size());
  return start.starts_with("\xff\xd8\xff") || start.starts_with("\x89PNG\r\n\x1a\n") ||
         start.starts_with("GIF8") || start.starts_with("II*") || start.starts_with("MM") ||
         (start.starts_with("RIFF") && start.substr(8) == "WEBP");
}

bool is_image_file(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  if (ending.empty()) return begins_like_an_image(path);
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return std::ranges::find(kEndings, std::string_view(ending)) != kEndings.end();
}

[[noreturn]] void refuse_folder(const std::filesystem::path& path, const std::string& reason) {
  throw Error(ErrorKind::kData, fmt::format("{}: {}", path.string(), reason),
              "give a folder that holds JPEG, PNG, WebP, GIF or TIFF images");
}

void list_files(ImageFolder& folder) {
  using Iterator = std::filesystem::recursive_directory_iterator;
  std::error_code error;
  Iterator entry(folder.root, error);
  for (; !error && entry != Iterator(); entry.increment(error)) {
    const std::filesystem::path& path = entry->path();
    std::error_code dangling;  // a link to nothing is no image
    const auto type = entry->status(dangling).type();
    if (path.filename().string().starts_with('.')) {
      ++folder.hidden_files;
      entry.disable_recursion_pending();
    } else if (type == std::filesystem::file_type::regular) {
      if (is_image_file(path)) {
        folder.files.push_back(path.lexically_relative(folder.root));
      } else {
        ++folder.other_files;
      }
    } else if (type != std::filesystem::file_type::directory) {
      ++folder.other_files;
    }
  }
  if (error) refuse_folder(folder.root, "cannot be listed: " + error.message());
  std::ranges::sort(folder.files, {}, [](const auto& path) { return path.string(); });
}

// The first level of a relative path: "cats" of "cats/a/1.jpg", "" of "1.jpg".
std::string first_level(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.begin()->string() : "";
}

void find_classes(ImageFolder& folder) {
  std::set<std::string> names;
  for (const auto& file : folder.files) names.insert(first_level(file));
  if (names.contains("") || names.size() < 2) return;
  folder.class_names.assign(names.begin(), names.end());
  for (const auto& file : folder.files) {
    const auto place = std::ranges::lower_bound(folder.class_names, first_level(file));
    folder.labels.push_back(static_cast<int32_t>(place - folder.class_names.begin()));
  }
}

int64_t commonest_channels(const ImageFolder& folder) {
  const auto count = static_cast<int64_t>(folder.files.size());
  const int64_t sample = std::min(count, kChannelSample);
  int64_t readable = 0;
  int64_t coloured = 0;
  for (int64_t i = 0; i < sample; ++i) {
    try {
      const ImageInfo info = read_image_info(folder.root / folder.files[i * count / sample]);
      ++readable;
      coloured += info.channels == 3;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData) throw;
    }
  }
  return readable == 0 || 10 * coloured > readable ? 3 : 1;
}

}  // namespace

ImageFolder scan_image_folder(const std::filesystem::path& root) {
  std::error_code error;
  const auto status = std::filesystem::status(root, error);
  if (!std::filesystem::exists(status)) refuse_folder(root, "there is no such folder");
  if (!std::filesystem::is_directory(status)) refuse_folder(root, "is not a folder");
  ImageFolder folder;
  folder.root = root;
  list_files(folder);
  if (folder.files.empty()) {
    refuse_folder(root, folder.other_files + folder.hidden_files == 0
                            ? "the folder is empty"
                            : fmt::format("no image among {} ({} of them hidden)",
                                          counted(folder.other_files + folder.hidden_files, "file"),
                                          folder.hidden_files));
  }
  find_classes(folder);
  return folder;
}

ImageRequest image_request(const ImageFolder& folder, const DataOptions& options) {
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
  request.channels = options.channels == Channels::kGrey  ? 1
                     : options.channels == Channels::kRgb ? 3
                                                          : commonest_channels(folder);
  return request;
}

std::string skip_reason(const Error& error, const std::filesystem::path& path) {
  const std::string text = error.what();
  const std::string prefix = path.string() + ": ";
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

}  // namespace wgan
