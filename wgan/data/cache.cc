// An entry's time of last use is the time of change of its manifest.
#include "wgan/data/cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/data/image_folder.h"
#include "wgan/io/digest.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"

namespace wgan {
namespace {

constexpr int64_t kDefaultLimit = 20'000'000'000;
constexpr size_t kKeyLength = 64;
constexpr const char* kCacheVersion = "wgan prepared images 2";  // of the way pixels are made

// The value of an environment variable; "" where it is unset.
std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

bool is_key(std::string_view name) {
  return name.size() == kKeyLength &&
         std::ranges::all_of(name, [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// KEY.PID-NUMBER.tmp: left by a run that was killed, or being filled by another one.
bool is_leftover(std::string_view name) {
  return name.size() > kKeyLength && is_key(name.substr(0, kKeyLength)) &&
         name[kKeyLength] == '.' && name.ends_with(".tmp");
}

// A digest of texts with their ends, so that they cannot run together.
class Key {
 public:
  Key(const std::filesystem::path& source, const ImageRequest& request, std::string_view channels) {
    add(kCacheVersion);
    add(std::filesystem::absolute(source).lexically_normal().string());
    add(fmt::format("{} {} {} {},{},{} {}", field_text(request.size), static_cast<int>(request.fit),
                    channels, request.background[0], request.background[1], request.background[2],
                    request.max_pixels));
  }
  void add(const std::string& text) {
    digest_.update(std::as_bytes(std::span(text.c_str(), text.size() + 1)));
  }
  void add_file(const std::filesystem::path& file) {
    std::error_code gone;  // a file that has gone since is skipped in preparing
    const auto bytes = std::filesystem::file_size(file, gone);
    const auto time = std::filesystem::last_write_time(file, gone);
    add(fmt::format("{} {}", bytes, time.time_since_epoch().count()));
  }
  std::string hex() const { return digest_.hex(); }

 private:
  Sha256 digest_;
};

std::string folder_key(const ImageFolder& folder, const ImageRequest& request) {
  Key key(folder.root, request, std::to_string(request.channels));
  key.add(fmt::format("{}", folder.train_files.value_or(-1)));
  for (const std::string& name : folder.class_names) key.add(name);
  for (const std::string& note : folder.notes) key.add(note);
  for (size_t i = 0; i < folder.files.size(); ++i) {
    key.add(folder.files[i].string());
    key.add_file(folder.root / folder.files[i]);
    if (!folder.labels.empty()) key.add(std::to_string(folder.labels[i]));
  }
  return key.hex();
}

// Of an archive, in which the channels of images are not known before it is unpacked.
std::string archive_key(const std::filesystem::path& archive, const DataOptions& options) {
  Key key(archive, basic_request(options), enum_name(options.channels));
  key.add_file(archive);
  return key.hex();
}

int64_t folder_bytes(const std::filesystem::path& folder) {
  int64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto size = entry.file_size(error);
    if (!error) bytes += static_cast<int64_t>(size);
  }
  return bytes;
}

void remove_folder(const std::filesystem::path& folder) {
  const std::error_code error = remove_tree(folder);
  if (error) throw output_error("remove " + folder.string(), error.value());
}

// The folders in the cache whose names fit.
template <class Predicate>
std::vector<std::filesystem::path> folders_named(const Predicate& fits) {
  std::vector<std::filesystem::path> folders;
  std::error_code none;  // no cache yet: no entries
  for (const auto& entry : std::filesystem::directory_iterator(cache_folder(), none)) {
    if (fits(entry.path().filename().string())) folders.push_back(entry.path());
  }
  return folders;
}

// Removes the entries used longest ago, but not `kept`, until the limit holds.
void trim_cache(const std::filesystem::path& kept, int64_t limit) {
  std::vector<CacheEntry> entries = list_cache();
  int64_t total = 0;
  for (const CacheEntry& entry : entries) total += entry.bytes;
  for (; total > limit && !entries.empty(); entries.pop_back()) {
    if (entries.back().folder == kept) continue;
    total -= entries.back().bytes;
    remove_folder(entries.back().folder);
  }
}

// Notes that the entry is in use now. By the program's clock for new entries too: the kernel's,
// which stamps files as they are written, may be some milliseconds behind, and the order would be
// wrong. Where the cache is read-only, the entry stays as old as it was.
void touch(const PreparedFolder& prepared) {
  std::error_code ignored;
  std::filesystem::last_write_time(prepared.folder / "manifest.json",
                                   std::filesystem::file_time_type::clock::now(), ignored);
}

// The entry where it is there and whole; a damaged one is removed.
std::optional<PreparedFolder> read_entry(const std::filesystem::path& entry) {
  std::error_code ignored;
  if (!std::filesystem::exists(entry, ignored)) return std::nullopt;
  try {
    return read_prepared(entry);
  } catch (const Error&) {
    remove_folder(entry);
    return std::nullopt;
  }
}

PreparedFolder found(PreparedFolder prepared, OnError on_error) {
  if (on_error == OnError::kFail && !prepared.manifest.skipped.empty()) {
    const SkippedImage& first = prepared.manifest.skipped.front();
    throw Error(ErrorKind::kData,
                fmt::format("{}/{}: {}", prepared.manifest.source, first.file, first.reason),
                "remove the file, or skip such files with --on-error skip");
  }
  touch(prepared);
  return prepared;
}

}  // namespace

std::filesystem::path cache_folder() {
  if (const std::string own = environment("WGAN_CACHE"); !own.empty()) return own;
  if (const std::string shared = environment("XDG_CACHE_HOME"); !shared.empty()) {
    return std::filesystem::path(shared) / "wgan";
  }
  if (const std::string home = environment("HOME"); !home.empty()) {
    return std::filesystem::path(home) / ".cache" / "wgan";
  }
  throw Error(ErrorKind::kUsage, "there is no place for the cache: HOME is not set",
              "set WGAN_CACHE to a folder");
}

int64_t cache_limit() {
  const std::string text = environment("WGAN_CACHE_LIMIT");
  if (text.empty()) return kDefaultLimit;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(end, text.data() + text.size() - end);
  const int64_t factor = unit.empty()  ? 1
                         : unit == "K" ? 1'000
                         : unit == "M" ? 1'000'000
                         : unit == "G" ? 1'000'000'000
                                       : 0;
  if (error != std::errc() || value < 0 || factor == 0 ||
      __builtin_mul_overflow(value, factor, &value)) {
    throw Error(ErrorKind::kUsage, "WGAN_CACHE_LIMIT: '" + text + "' is no number of bytes",
                "give a whole number, with K, M or G after it if you like: 20G");
  }
  return value;
}

PreparedFolder cached_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                   const Progress& progress) {
  const int64_t limit = cache_limit();
  DataOptions settled = options;
  std::string key;
  if (std::filesystem::is_directory(source)) {
    const ImageFolder folder = scan_image_folder(source);
    const ImageRequest request = image_request(folder, options);
    // What the key says of the channels is what is prepared.
    settled.channels = request.channels == 1   ? Channels::kGrey
                       : request.channels == 3 ? Channels::kRgb
                                               : Channels::kRgba;
    key = folder_key(folder, request);
  } else {
    key = archive_key(source, options);
  }
  const std::filesystem::path entry = cache_folder() / key;
  if (const auto cached = read_entry(entry)) return found(*cached, options.on_error);
  try {
    const PreparedFolder prepared =
        with_cache_hint([&] { return prepare_image_folder(source, settled, entry, progress); });
    touch(prepared);
    trim_cache(entry, limit);
    return prepared;
  } catch (const Error& error) {
    const auto cached = read_entry(entry);  // another run may have been quicker
    if (error.kind() != ErrorKind::kOutput || !cached) throw;
    return found(*cached, options.on_error);
  }
}

std::vector<CacheEntry> list_cache() {
  std::vector<CacheEntry> entries;
  for (const std::filesystem::path& folder : folders_named(is_key)) {
    CacheEntry entry;
    entry.folder = folder;
    entry.bytes = folder_bytes(folder);
    std::error_code error;
    entry.last_used = std::filesystem::last_write_time(folder / "manifest.json", error);
    try {
      const PreparedManifest manifest = read_prepared(folder).manifest;
      entry.source = manifest.source;
      entry.shape = manifest.shape;
    } catch (const Error&) {  // damaged: listed without a source, first to go
      entry.last_used = std::filesystem::file_time_type::min();
    }
    entries.push_back(std::move(entry));
  }
  std::ranges::sort(entries, std::greater(), &CacheEntry::last_used);
  return entries;
}

int64_t clear_cache() {
  int64_t freed = 0;
  for (const std::filesystem::path& folder :
       folders_named([](std::string_view name) { return is_key(name) || is_leftover(name); })) {
    freed += folder_bytes(folder);
    remove_folder(folder);
  }
  return freed;
}

}  // namespace wgan
