// Each file is decoded once at a small size, which reads all of it, and then counted.
#include "wgan/data/inspect.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <span>

#include "wgan/core/error.h"
#include "wgan/core/utf8.h"
#include "wgan/data/image_folder.h"
#include "wgan/data/picture_source.h"
#include "wgan/data/treatment.h"
#include "wgan/io/digest.h"
#include "wgan/io/mapped_file.h"

namespace wgan {
namespace {

// What is known of one file.
struct Finding {
  ImageInfo info;      // without format: the header could not be read
  std::string reason;  // why it cannot be used; empty: it can
  std::string sha256;  // of the file's content; empty where it cannot be read
  bool transparent = false;
};

Finding look_at(const std::filesystem::path& path, const ImageRequest& request) {
  Finding finding;
  try {
    const MappedFile file(path);
    finding.sha256 = sha256_hex(file.bytes());
    ImageRequest all = request;  // the whole picture with its alpha, whatever is asked for
    all.channels = 4;
    all.fit = ImageFit::kStretch;
    finding.transparent = has_transparency(load_image(path, all, &finding.info));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kData) throw;
    finding.reason = skip_reason(error, path);
  }
  return finding;
}

std::vector<SkippedImage>& place_of(const Finding& finding, const ImageRequest& request,
                                    Inspection& inspection) {
  const ImageInfo& info = finding.info;
  if (info.format.empty()) return inspection.unreadable;
  if (std::min(info.width, info.height) < kMinImageSide) return inspection.tiny;
  if (info.width > request.max_pixels / info.height) return inspection.huge;
  return inspection.unreadable;
}

void count_findings(const ImageFolder& folder, const std::vector<Finding>& findings,
                    const ImageRequest& request, Inspection& inspection) {
  Treatment treatment(request);
  for (const std::string& name : folder.class_names) {
    inspection.classes.emplace_back(utf8_text(name), 0);
  }
  std::map<std::string, std::vector<std::string>> by_content;
  for (size_t i = 0; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    const std::string name = utf8_text(folder.files[i].string());
    if (!finding.sha256.empty()) by_content[finding.sha256].push_back(name);
    if (!finding.reason.empty()) {
      place_of(finding, request, inspection).push_back({name, finding.reason});
      treatment.add_unused(folder.root / folder.files[i]);
      continue;
    }
    treatment.add_used(finding.info);
    ++inspection.usable;
    inspection.transparent += finding.transparent;
    ++inspection.sizes[{finding.info.width, finding.info.height}];
    ++inspection.modes[finding.info.mode];
    ++inspection.formats[finding.info.format];
    if (!folder.labels.empty()) ++inspection.classes[folder.labels[i]].second;
  }
  for (auto& [digest, names] : by_content) {
    if (names.size() > 1) inspection.duplicates.push_back(std::move(names));
  }
  std::ranges::sort(inspection.duplicates);
  for (const std::string& note : treatment.notes(folder)) {
    inspection.notes.push_back(utf8_text(note));
  }
}

// At most `most` usable images: of each class in turn, and of a class or a folder without classes
// spread over its files.
std::vector<size_t> preview_files(const ImageFolder& folder, const std::vector<Finding>& findings,
                                  int64_t most) {
  std::vector<std::vector<size_t>> classes(std::max<size_t>(1, folder.class_names.size()));
  for (size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].reason.empty())
      classes[folder.labels.empty() ? 0 : folder.labels[i]].push_back(i);
  }
  std::erase_if(classes, [](const auto& files) { return files.empty(); });
  std::vector<size_t> chosen;
  const auto wanted = static_cast<size_t>(most);
  const size_t rounds = classes.empty() ? 0 : (wanted + classes.size() - 1) / classes.size();
  for (size_t round = 0; round < rounds; ++round) {
    for (const std::vector<size_t>& files : classes) {
      const size_t shown = std::min(rounds, files.size());
      if (round < shown && chosen.size() < wanted) {
        chosen.push_back(files[round * files.size() / shown]);
      }
    }
  }
  return chosen;
}

Image make_preview(const ImageFolder& folder, const std::vector<Finding>& findings,
                   const ImageRequest& request, int64_t most) {
  std::vector<uint8_t> tiles;
  for (const size_t i : preview_files(folder, findings, most)) {
    const Image image = load_image(folder.root / folder.files[i], request);
    tiles.insert(tiles.end(), image.pixels.begin(), image.pixels.end());
  }
  if (tiles.empty()) return {};
  return make_grid(tiles, request.size.height, request.size.width, request.channels);
}

nlohmann::ordered_json skipped_to_json(const std::vector<SkippedImage>& images) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const SkippedImage& image : images) {
    json.push_back({{"file", image.file}, {"reason", image.reason}});
  }
  return json;
}

nlohmann::ordered_json sizes_to_json(const Inspection& inspection) {
  constexpr size_t kNamed = 20;
  struct Size {
    int64_t width, height, count;
  };
  std::vector<Size> sizes;
  nlohmann::ordered_json json = {{"distinct", inspection.sizes.size()}};
  int64_t smallest = INT64_MAX;
  int64_t largest = 0;
  for (const auto& [size, count] : inspection.sizes) {
    sizes.push_back({size.first, size.second, count});
    smallest = std::min({smallest, size.first, size.second});
    largest = std::max({largest, size.first, size.second});
  }
  if (!sizes.empty()) {
    json["smallest_side"] = smallest;
    json["largest_side"] = largest;
  }
  std::ranges::stable_sort(sizes, std::greater(), &Size::count);
  json["commonest"] = nlohmann::ordered_json::array();
  for (const Size& size : std::span(sizes).first(std::min(kNamed, sizes.size()))) {
    json["commonest"].push_back(
        {{"width", size.width}, {"height", size.height}, {"count", size.count}});
  }
  return json;
}

}  // namespace

Inspection inspect_image_folder(const std::filesystem::path& source, const DataOptions& options,
                                const Progress& progress, int64_t preview, int threads) {
  const PictureSource pictures(source);
  const ImageFolder folder = scan_image_folder(pictures.folder(), source);
  ImageRequest request = image_request(folder, options);
  find_levels(folder, request, threads);
  const auto count = static_cast<int64_t>(folder.files.size());
  std::vector<Finding> findings(count);
  for_each_index(
      count, threads,
      [&](int64_t i) { findings[i] = look_at(folder.root / folder.files[i], request); },
      [&](int64_t done) {
        if (progress) progress(done, count);
      });
  Inspection inspection;
  inspection.source = utf8_text(std::filesystem::absolute(source).lexically_normal().string());
  inspection.count = count;
  inspection.channels = request.channels;
  inspection.other_files = folder.other_files;
  inspection.hidden_files = folder.hidden_files;
  count_findings(folder, findings, request, inspection);
  inspection.preview = make_preview(folder, findings, request, preview);
  return inspection;
}

nlohmann::ordered_json inspection_to_json(const Inspection& inspection) {
  nlohmann::ordered_json json;
  json["source"] = inspection.source;
  json["count"] = inspection.count;
  json["usable"] = inspection.usable;
  json["other_files"] = inspection.other_files;
  json["hidden_files"] = inspection.hidden_files;
  json["sizes"] = sizes_to_json(inspection);
  json["modes"] = inspection.modes;
  json["formats"] = inspection.formats;
  json["transparent"] = inspection.transparent;
  json["channels"] = inspection.channels;
  json["classes"] = nlohmann::ordered_json::object();
  for (const auto& [name, count] : inspection.classes) json["classes"][name] = count;
  json["tiny"] = skipped_to_json(inspection.tiny);
  json["huge"] = skipped_to_json(inspection.huge);
  json["unreadable"] = skipped_to_json(inspection.unreadable);
  json["duplicates"] = inspection.duplicates;
  json["notes"] = inspection.notes;
  return json;
}

}  // namespace wgan
