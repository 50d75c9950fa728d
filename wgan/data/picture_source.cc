// Unpacks archives with distrust: names stay below the folder, sizes below a limit.
#include "wgan/data/picture_source.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/cache.h"
#include "wgan/data/list_images.h"
#include "wgan/io/digest.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"
#include "wgan/io/zip.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

// Pictures are compressed already. What is much larger than its archive fills disks on purpose.
constexpr uint64_t kLargestGrowth = 100;
constexpr uint64_t kGrowthForAll = uint64_t{64} << 20;

// With the slashes of Unix.
std::string member_path(std::string name) {
  std::ranges::replace(name, '\\', '/');
  return name;
}

bool is_hidden(const fs::path& path) {
  return std::ranges::any_of(path, [](const fs::path& part) {
    const std::string name = part.string();
    return name.starts_with('.') && name != "." && name != "..";
  });
}

bool is_wanted(const std::string& name) {
  const fs::path path = member_path(name);
  return !is_hidden(path) && (has_image_ending(path) || path.filename() == "dataset.json");
}

// Whether the path leads to a place below the folder to which it is added, whatever is there.
bool stays_below(const std::string& path) {
  if (path.find('\0') != std::string::npos || fs::path(path).is_absolute()) return false;
  return std::ranges::none_of(fs::path(path), [](const fs::path& part) { return part == ".."; });
}

void write_member(const fs::path& folder, const fs::path& archive, const ZipMember& member) {
  const std::string name = member_path(member.name);
  if (!stays_below(name)) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: its member '{}' would lie outside of the folder it is unpacked to",
                            archive.string(), member.name),
                "pack the pictures again, as with zip -r, in their folder");
  }
  const fs::path path = folder / name;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream stream;
  if (!error) stream.open(path, std::ios::binary);
  stream.write(reinterpret_cast<const char*>(member.bytes.data()),
               static_cast<std::streamsize>(member.bytes.size()));
  stream.close();
  if (error || !stream) throw output_error("write " + path.string(), error ? error.value() : errno);
}

// A new folder in the cache, named as what interrupted runs leave there, which clear_cache removes.
fs::path make_folder(const fs::path& archive) {
  const std::string name = fs::absolute(archive).lexically_normal().string();
  const std::string key = sha256_hex(std::as_bytes(std::span(name)));
  std::error_code error;
  fs::create_directories(cache_folder(), error);
  for (int number = 0; !error; ++number) {
    const fs::path folder =
        cache_folder() / fmt::format("{}.{}-zip{}.tmp", key, ::getpid(), number);
    if (fs::create_directory(folder, error)) return folder;
  }
  throw output_error("make a folder in " + cache_folder().string(), error.value());
}

}  // namespace

bool is_picture_zip(const fs::path& file) {
  std::string start(4, '\0');
  std::ifstream(file, std::ios::binary).read(start.data(), 4);
  if (start != "PK\x03\x04") return false;
  const std::vector<std::string> names = zip_names(file);
  if (std::ranges::any_of(names, [](const auto& name) { return name.ends_with(".npy"); })) {
    return false;
  }
  const bool pictures = std::ranges::any_of(names, [](const auto& name) {
    return is_wanted(name) && has_image_ending(member_path(name));
  });
  if (pictures) return true;
  throw Error(ErrorKind::kData,
              file.string() + ": is a zip archive without pictures and without NumPy arrays",
              "unpack it, and give the folder with its files");
}

PictureSource::PictureSource(const fs::path& source) : folder_(source) {
  if (!fs::is_regular_file(source)) return;
  folder_ = with_cache_hint([&] { return make_folder(source); });
  unpacked_ = true;
  try {
    with_cache_hint([&] { unpack(source); });
  } catch (...) {
    remove_tree(folder_);
    throw;
  }
}

PictureSource::~PictureSource() {
  if (unpacked_) remove_tree(folder_);
}

void PictureSource::unpack(const fs::path& archive) {
  const uint64_t limit = fs::file_size(archive) * kLargestGrowth + kGrowthForAll;
  for_each_in_zip(archive, limit, is_wanted,
                  [&](const ZipMember& member) { write_member(folder_, archive, member); });
}

}  // namespace wgan
