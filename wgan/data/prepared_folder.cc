// Decodes in chunks: threads fill a chunk of rows, which is then appended in the files' order.
#include "wgan/data/prepared_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>
#include <system_error>
#include <unordered_set>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/core/utf8.h"
#include "wgan/data/image_folder.h"
#include "wgan/data/picture_source.h"
#include "wgan/data/treatment.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/digest.h"
#include "wgan/io/json_fields.h"
#include "wgan/io/npy.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"

namespace wgan {
namespace {

constexpr int kManifestFormat = 1;
constexpr int kDeepestManifest = 4;  // brackets of the manifest
constexpr int64_t kChunkBytes = 64 << 20;
constexpr int64_t kChunkRows = 512;

std::filesystem::path images_path(const std::filesystem::path& folder) {
  return folder / "images.npy";
}
std::filesystem::path labels_path(const std::filesystem::path& folder) {
  return folder / "images-labels.npy";
}
std::filesystem::path manifest_path(const std::filesystem::path& folder) {
  return folder / "manifest.json";
}

// A folder beside its destination that is renamed to it in the end, or else removed.
class StagedFolder {
 public:
  explicit StagedFolder(const std::filesystem::path& destination) : destination_(destination) {
    if (!destination_.has_filename()) destination_ = destination_.parent_path();  // "a/" to "a"
    std::error_code error;
    const bool free = !std::filesystem::exists(destination_, error) ||
                      (std::filesystem::is_directory(destination_, error) &&
                       std::filesystem::is_empty(destination_, error));
    if (!free || error) {
      throw Error(ErrorKind::kOutput,
                  destination_.string() + ": is there already" +
                      (error ? " and cannot be read: " + error.message() : ""),
                  "remove it or choose another name");
    }
    if (destination_.has_parent_path()) {
      std::filesystem::create_directories(destination_.parent_path(), error);
      if (error) throw output_error("make " + destination_.parent_path().string(), error.value());
    }
    for (int number = 0;; ++number) {
      path_ = destination_;
      path_ += fmt::format(".{}-{}.tmp", ::getpid(), number);
      if (std::filesystem::create_directory(path_, error)) return;
      if (error) throw output_error("make " + path_.string(), error.value());
    }
  }
  ~StagedFolder() {
    if (!path_.empty()) remove_tree(path_);
  }
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  void commit() {
    if (std::rename(path_.c_str(), destination_.c_str()) != 0) {
      throw output_error("write " + destination_.string(), errno);
    }
    path_.clear();
  }

 private:
  std::filesystem::path destination_;
  std::filesystem::path path_;
};

// images.npy while the number of rows is not known: its header, whose padding gives it one length
// whatever the number of rows, is written again at the end.
class RowFile {
 public:
  RowFile(const std::filesystem::path& path, std::vector<int64_t> shape)
      : path_(path), shape_(std::move(shape)), header_bytes_(header().size()) {
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail();
    end_ = static_cast<off_t>(header_bytes_);
  }
  ~RowFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  RowFile(const RowFile&) = delete;
  RowFile& operator=(const RowFile&) = delete;

  void append(std::span<const uint8_t> row) {
    write_at(end_, reinterpret_cast<const char*>(row.data()), row.size());
    end_ += static_cast<off_t>(row.size());
  }

  void finish(int64_t rows) {
    shape_[0] = rows;
    const std::string last = header();
    if (last.size() != header_bytes_) {
      throw Error(ErrorKind::kInternal, path_.string() + ": the header has changed its length");
    }
    write_at(0, last.data(), last.size());
    if (::fsync(descriptor_) != 0) fail();
  }

 private:
  std::string header() const { return npy_header(NpyType::kUint8, shape_); }

  void write_at(off_t offset, const char* bytes, size_t count) {
    while (count > 0) {
      const ssize_t written = ::pwrite(descriptor_, bytes, count, offset);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      bytes += written;
      offset += written;
      count -= static_cast<size_t>(written);
    }
  }

  [[noreturn]] void fail() const { throw output_error("write " + path_.string(), errno); }

  std::filesystem::path path_;
  std::vector<int64_t> shape_;
  size_t header_bytes_;
  int descriptor_ = -1;
  off_t end_ = 0;
};

// What has become of one file.
struct Decoded {
  Image image;
  ImageInfo info;
  std::string sha256;  // of the row
  bool enlarged = false;
  double cut = 0;      // share of the pixels
  double aspect = 1;   // width over height
  std::string reason;  // why it is skipped; empty: it is not
};

std::span<const std::byte> text_bytes(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

Decoded decode(const std::filesystem::path& path, const ImageRequest& request) {
  Decoded result;
  try {
    const ImageInfo& info = result.info;
    result.image = load_image(path, request, &result.info);
    const bool narrower = info.width < request.size.width,
               lower = info.height < request.size.height;
    result.enlarged = request.fit == ImageFit::kPad ? narrower && lower : narrower || lower;
    result.aspect = static_cast<double>(info.width) / static_cast<double>(info.height);
    const double wanted =
        static_cast<double>(request.size.width) / static_cast<double>(request.size.height);
    if (request.fit == ImageFit::kCrop) {
      result.cut = 1 - std::min(result.aspect / wanted, wanted / result.aspect);
    }
    result.sha256 = sha256_hex(std::as_bytes(std::span(result.image.pixels)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    result.reason = skip_reason(error, path);
  }
  return result;
}

// The rows written so far and what is to be told about them.
struct Tally {
  Treatment treatment;
  std::vector<int32_t> labels;
  std::unordered_set<std::string> seen;  // the first 16 bytes of the rows' digests
  Sha256 digest;
  int64_t rows = 0;
  int64_t train_rows = 0;
  double cut = 0, log_aspect = 0;  // sums
};

void append_row(const Decoded& decoded, RowFile& file, Tally& tally, PreparedManifest& manifest) {
  file.append(decoded.image.pixels);
  tally.treatment.add_used(decoded.info);
  ++tally.rows;
  tally.cut += decoded.cut;
  tally.log_aspect += std::log(decoded.aspect);
  manifest.enlarged += decoded.enlarged;
  manifest.duplicates += !tally.seen.insert(decoded.sha256.substr(0, 32)).second;
  tally.digest.update(text_bytes(decoded.sha256));
}

void decode_all(const ImageFolder& folder, const ImageRequest& request, OnError on_error,
                const Progress& progress, int threads, RowFile& file, Tally& tally,
                PreparedManifest& manifest) {
  const auto total = static_cast<int64_t>(folder.files.size());
  const int64_t row_bytes = request.size.width * request.size.height * request.channels;
  const int64_t chunk_rows = std::clamp<int64_t>(kChunkBytes / row_bytes, 16, kChunkRows);
  for (int64_t first = 0; first < total; first += chunk_rows) {
    std::vector<Decoded> chunk(std::min(chunk_rows, total - first));
    for_each_index(
        static_cast<int64_t>(chunk.size()), threads,
        [&](int64_t i) { chunk[i] = decode(folder.root / folder.files[first + i], request); },
        [&](int64_t done) {
          if (progress) progress(first + done, total);
        });
    for (size_t i = 0; i < chunk.size(); ++i) {
      const std::filesystem::path& name = folder.files[first + i];
      if (chunk[i].reason.empty()) {
        append_row(chunk[i], file, tally, manifest);
        if (!folder.labels.empty()) tally.labels.push_back(folder.labels[first + i]);
        if (first + static_cast<int64_t>(i) < folder.train_files.value_or(0)) ++tally.train_rows;
      } else if (on_error == OnError::kFail) {
        throw Error(ErrorKind::kData, (folder.source / name).string() + ": " + chunk[i].reason,
                    "remove the file, or skip such files with --on-error skip");
      } else {
        tally.treatment.add_unused(folder.root / name);
        manifest.skipped.push_back({utf8_text(name.string()), chunk[i].reason});
      }
    }
  }
}

[[noreturn]] void refuse_all(const ImageFolder& folder, const PreparedManifest& manifest,
                             const Treatment& treatment) {
  constexpr size_t kNamed = 5;
  const size_t count = manifest.skipped.size();
  std::string message = folder.source.string() + ": " +
                        (count == 1 ? std::string("its only image cannot be used:")
                                    : fmt::format("none of its {} images can be used:", count));
  for (size_t i = 0; i < std::min(kNamed, manifest.skipped.size()); ++i) {
    message += fmt::format("\n  {}: {}", manifest.skipped[i].file, manifest.skipped[i].reason);
  }
  if (manifest.skipped.size() > kNamed) message += "\n  ...";
  const std::string conversion = treatment.conversion(folder.source);
  throw Error(ErrorKind::kData, message,
              !conversion.empty()
                  ? conversion
                  : "see 'wgan data inspect' for all of them; images need 8 pixels a side and at "
                    "most --max-pixels");
}

std::string manifest_text(const PreparedManifest& manifest) {
  nlohmann::ordered_json json;
  json["format"] = kManifestFormat;
  json["source"] = manifest.source;
  json["options"] = manifest.options;
  json["shape"] = manifest.shape;
  json["class_names"] = manifest.class_names;
  json["enlarged"] = manifest.enlarged;
  json["duplicates"] = manifest.duplicates;
  json["cut"] = manifest.cut;
  json["aspect"] = manifest.aspect;
  json["sha256"] = manifest.sha256;
  if (manifest.train_rows) json["train_rows"] = *manifest.train_rows;
  for (const auto& [key, levels] :
       {std::pair{"levels_16", manifest.sixteen}, std::pair{"levels_open", manifest.open}}) {
    if (levels.given()) json[key] = std::vector{levels.low, levels.high};
  }
  json["notes"] = manifest.notes;
  json["skipped"] = nlohmann::ordered_json::array();
  for (const SkippedImage& skipped : manifest.skipped) {
    json["skipped"].push_back({{"file", skipped.file}, {"reason", skipped.reason}});
  }
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Levels parse_levels(const nlohmann::ordered_json& json, const char* key) {
  if (!json.contains(key)) return {};
  const auto values = json_field<std::vector<double>>(json, key);
  return values.size() == 2 ? Levels{values[0], values[1]} : Levels{};
}

PreparedManifest parse_manifest(const nlohmann::ordered_json& json) {
  if (json_field<int64_t>(json, "format") != kManifestFormat) {
    throw Error(ErrorKind::kData, "its format is another version's");
  }
  PreparedManifest manifest;
  manifest.source = json_field<std::string>(json, "source");
  manifest.options = json.at("options");
  manifest.shape = json_field<std::vector<int64_t>>(json, "shape");
  manifest.class_names = json_field<std::vector<std::string>>(json, "class_names");
  manifest.enlarged = json_field<int64_t>(json, "enlarged");
  manifest.duplicates = json_field<int64_t>(json, "duplicates");
  if (json.contains("cut")) manifest.cut = json_field<double>(json, "cut");
  if (json.contains("aspect")) manifest.aspect = json_field<double>(json, "aspect");
  manifest.sha256 = json_field<std::string>(json, "sha256");
  if (json.contains("train_rows")) manifest.train_rows = json_field<int64_t>(json, "train_rows");
  manifest.sixteen = parse_levels(json, "levels_16");
  manifest.open = parse_levels(json, "levels_open");
  if (json.contains("notes")) {
    manifest.notes = json_field<std::vector<std::string>>(json, "notes");
  }
  for (const auto& skipped : json.at("skipped")) {
    manifest.skipped.push_back(
        {json_field<std::string>(skipped, "file"), json_field<std::string>(skipped, "reason")});
  }
  return manifest;
}

void check_prepared(const PreparedFolder& prepared) {
  const NpyArray images = map_npy(prepared.images);
  if (images.type != NpyType::kUint8 || images.shape != prepared.manifest.shape ||
      images.shape.size() != 4) {
    throw Error(ErrorKind::kData, "images.npy is not the array of the manifest");
  }
  const auto& train = prepared.manifest.train_rows;
  if (train && (*train < 0 || *train > images.shape[0])) {
    throw Error(ErrorKind::kData, "manifest.json has more rows to train on than there are");
  }
  if (prepared.labels.empty()) return;
  const NpyArray labels = map_npy(prepared.labels);
  if (labels.type != NpyType::kInt32 || labels.shape != std::vector{images.shape[0]}) {
    throw Error(ErrorKind::kData, "images-labels.npy does not hold an int32 for each image");
  }
}

}  // namespace

PreparedFolder prepare_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                    const std::filesystem::path& destination,
                                    const Progress& progress, int threads) {
  const PictureSource pictures(source);
  const ImageFolder folder = scan_image_folder(pictures.folder(), source);
  ImageRequest request = image_request(folder, options);
  find_levels(folder, request, threads);
  StagedFolder staged(destination);
  PreparedManifest manifest;
  manifest.source = utf8_text(std::filesystem::absolute(source).lexically_normal().string());
  DataOptions noted = options;
  noted.data = utf8_text(options.data);
  manifest.options = options_to_json(noted);
  for (const std::string& name : folder.class_names) {
    manifest.class_names.push_back(utf8_text(name));
  }
  manifest.sixteen = request.sixteen;
  manifest.open = request.open;
  manifest.shape = {static_cast<int64_t>(folder.files.size()), request.size.height,
                    request.size.width, request.channels};
  Tally tally{Treatment(request), {}, {}, {}};
  RowFile file(images_path(staged.path()), manifest.shape);
  decode_all(folder, request, options.on_error, progress, threads, file, tally, manifest);
  if (tally.rows == 0) refuse_all(folder, manifest, tally.treatment);
  file.finish(tally.rows);
  manifest.shape[0] = tally.rows;
  if (folder.train_files) manifest.train_rows = tally.train_rows;
  manifest.notes = tally.treatment.notes(folder);
  for (std::string& note : manifest.notes) note = utf8_text(note);
  const auto rows = static_cast<double>(tally.rows);
  manifest.cut = tally.cut / rows;
  manifest.aspect = std::exp(tally.log_aspect / rows);
  manifest.sha256 = tally.digest.hex();
  if (!manifest.class_names.empty()) {
    write_npy(labels_path(staged.path()), NpyType::kInt32, std::vector{tally.rows},
              std::as_bytes(std::span(tally.labels)));
  }
  write_file_atomically(manifest_path(staged.path()), manifest_text(manifest));
  staged.commit();
  return read_prepared(destination);
}

bool is_prepared_folder(const std::filesystem::path& folder) {
  std::ifstream stream(manifest_path(folder), std::ios::binary);
  if (!stream) return false;
  const auto shallow = [](int depth, auto, const auto&) { return depth <= 1; };
  const auto json = nlohmann::json::parse(stream, shallow, /*allow_exceptions=*/false);
  if (json.is_discarded()) return std::filesystem::exists(images_path(folder));  // a damaged one
  return json.is_object() && json.contains("format") && json.contains("class_names") &&
         json.contains("sha256");
}

PreparedFolder read_prepared(const std::filesystem::path& folder) {
  PreparedFolder prepared{folder, images_path(folder), {}, {}};
  try {
    std::ifstream stream(manifest_path(folder), std::ios::binary);
    if (!stream) throw Error(ErrorKind::kData, "manifest.json cannot be read");
    // What lies deeper is dropped: nothing there is looked at, and copies go as deep as brackets
    // do.
    const auto shallow = [](int depth, auto, const auto&) { return depth <= kDeepestManifest; };
    try {
      prepared.manifest = parse_manifest(nlohmann::ordered_json::parse(stream, shallow));
    } catch (const std::exception& error) {
      throw Error(ErrorKind::kData, fmt::format("manifest.json is damaged: {}", error.what()));
    }
    if (!prepared.manifest.class_names.empty()) prepared.labels = labels_path(folder);
    check_prepared(prepared);
  } catch (const Error& error) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: is no prepared folder: {}", folder.string(), error.what()),
                "prepare it again with 'wgan data prepare'");
  }
  return prepared;
}

}  // namespace wgan
