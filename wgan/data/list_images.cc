// Walks through folders and links; what an image is, names say first and bytes where they do not.
#include "wgan/data/list_images.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

// Endings of image formats. Some of them wgan does not read: such a file is then listed with the
// reason instead of being passed over in silence.
constexpr std::array kEndings = {".jpg", ".jpeg", ".jpe", ".jfif", ".png",  ".webp", ".gif",
                                 ".tif", ".tiff", ".bmp", ".dib",  ".heic", ".heif", ".avif",
                                 ".jxl", ".ppm",  ".pgm", ".pbm",  ".pnm",  ".svg",  ".psd",
                                 ".tga", ".jp2",  ".exr", ".hdr",  ".dds",  ".ico"};

bool begins_like_an_image(const std::filesystem::path& path) {
  std::array<char, 12> bytes{};
  std::ifstream(path, std::ios::binary).read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), bytes.size());
  return start.starts_with("\xff\xd8\xff") || start.starts_with("\x89PNG\r\n\x1a\n") ||
         start.starts_with("GIF8") || start.starts_with("II*") || start.starts_with("MM") ||
         (start.starts_with("RIFF") && start.substr(8) == "WEBP");
}

// In lower case: ".jpg".
std::string ending_of(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

bool is_image_file(const std::filesystem::path& path) {
  return path.has_extension() ? has_image_ending(path) : begins_like_an_image(path);
}

[[noreturn]] void refuse_folder(
    const std::filesystem::path& path, const std::string& reason,
    const std::string& hint = "give a folder that holds JPEG, PNG, WebP, GIF or TIFF images") {
  throw Error(ErrorKind::kData, fmt::format("{}: {}", path.string(), reason), hint);
}

bool holds(const std::filesystem::path& folder, const std::filesystem::path& other) {
  return std::mismatch(folder.begin(), folder.end(), other.begin(), other.end()).first ==
         folder.end();
}

class Lister {
 public:
  Lister(std::filesystem::path root, bool only_one) : root_(std::move(root)), only_one_(only_one) {}

  ListedFiles list() {
    look_into(root_);
    while (!links_.empty() && !enough()) {  // links may lead to links
      std::vector<std::filesystem::path> links;
      std::swap(links, links_);
      std::ranges::sort(links);
      for (const std::filesystem::path& link : links) follow(link);
    }
    std::ranges::sort(found_.images, {}, [](const auto& path) { return path.string(); });
    add_notes();
    return std::move(found_);
  }

  // Why nothing was found.
  [[noreturn]] void refuse(const ListedFiles& found) const {
    constexpr size_t kNamed = 5;
    if (found.other_files + found.hidden_files == 0) refuse_folder(root_, "the folder is empty");
    std::vector<std::string> counts;
    for (const auto& [ending, count] : endings_) {
      if (counts.size() < kNamed) counts.push_back(fmt::format("{} {}", count, ending));
    }
    if (found.hidden_files > 0) counts.push_back(fmt::format("{} hidden", found.hidden_files));
    const std::string reason = fmt::format(
        "no image among {} ({}{})", counted(found.other_files + found.hidden_files, "file"),
        fmt::join(counts, ", "), endings_.size() > kNamed ? ", ..." : "");
    if (!endings_.contains(".pdf")) refuse_folder(root_, reason);
    refuse_folder(root_, reason,
                  "of a PDF, pdftoppm makes pictures (package poppler-utils): pdftoppm -png "
                  "FILE.pdf page");
  }

 private:
  bool enough() const { return only_one_ && !found_.images.empty(); }

  // Returns false where the folder has been seen before.
  bool look_into(const std::filesystem::path& folder) {
    struct stat about {};
    const bool told = ::stat(folder.c_str(), &about) == 0;  // if not, listing it says why
    if (told && !seen_.emplace(about.st_dev, about.st_ino).second) return false;
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      look_at(*entry);
      if (enough()) return true;
    }
    if (error) refuse_folder(folder, "cannot be listed: " + error.message());
    return true;
  }

  void look_at(const std::filesystem::directory_entry& entry) {
    const std::filesystem::path& path = entry.path();
    std::error_code dangling;  // a link to nothing is no image
    const auto type = entry.status(dangling).type();
    if (path.filename().string().starts_with('.')) {
      ++found_.hidden_files;
    } else if (type == std::filesystem::file_type::directory) {
      if (entry.is_symlink()) {
        links_.push_back(path);
      } else {
        look_into(path);
      }
    } else if (type == std::filesystem::file_type::regular && is_image_file(path)) {
      found_.images.push_back(path.lexically_relative(root_));
    } else {
      ++found_.other_files;
      ++endings_[path.has_extension() ? ending_of(path) : "without an ending"];
      if (entry.is_symlink() && type == std::filesystem::file_type::not_found) {
        dangling_.push_back(path.lexically_relative(root_).string());
      }
    }
  }

  void follow(const std::filesystem::path& link) {
    std::error_code error;
    const auto target = std::filesystem::canonical(link, error);
    const auto place = std::filesystem::canonical(link.parent_path(), error);
    const auto root = std::filesystem::canonical(root_, error);
    if (error || holds(target, place) || holds(target, root)) {
      loops_.push_back(link.lexically_relative(root_).string());
    } else if (!look_into(link)) {
      again_.push_back(link.lexically_relative(root_).string());
    }
  }

  void add_notes() {
    const auto note = [&](const std::vector<std::string>& links, const char* one,
                          const char* many) {
      if (links.empty()) return;
      found_.notes.push_back(fmt::format("{}: {}{}", counted(links.size(), one, many), links[0],
                                         links.size() > 1 ? ", ..." : ""));
    };
    note(loops_, "link was not followed, since it leads to a folder around it",
         "links were not followed, since they lead to folders around them");
    note(again_, "link was not followed, since its folder is among the others",
         "links were not followed, since their folders are among the others");
    note(dangling_, "link leads nowhere", "links lead nowhere");
  }

  std::filesystem::path root_;
  bool only_one_;
  ListedFiles found_;
  std::map<std::string, int64_t> endings_;    // of other files
  std::vector<std::filesystem::path> links_;  // to folders, not yet followed
  std::vector<std::string> loops_, again_, dangling_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

ListedFiles list_images(const std::filesystem::path& root) {
  std::error_code error;
  const auto status = std::filesystem::status(root, error);
  if (!std::filesystem::exists(status)) refuse_folder(root, "there is no such folder");
  if (!std::filesystem::is_directory(status)) refuse_folder(root, "is not a folder");
  Lister lister(root, false);
  ListedFiles found = lister.list();
  if (found.images.empty()) lister.refuse(found);
  return found;
}

bool has_image_ending(const std::filesystem::path& path) {
  const std::string ending = ending_of(path);
  return std::ranges::find(kEndings, std::string_view(ending)) != kEndings.end();
}

bool holds_images(const std::filesystem::path& root) {
  try {
    return !Lister(root, true).list().images.empty();
  } catch (const Error&) {
    return false;
  }
}

}  // namespace wgan
