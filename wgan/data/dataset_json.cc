// Reads dataset.json into a map from paths to classes, which is then asked for each image.
#include "wgan/data/dataset_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/mapped_file.h"

namespace wgan {
namespace {

using Json = nlohmann::json;

constexpr size_t kLargestJson = size_t{1} << 28;
constexpr int kDeepestLabel = 4;  // brackets: the object, its list, a pair, a vector
constexpr int64_t kMostLabels = 65'536;
constexpr const char* kName = "dataset.json";

bool is_pair(const Json& entry) {
  return entry.is_array() && entry.size() == 2 && entry[0].is_string();
}

// The file's "labels", null or pairs; discarded where it is no such file.
Json read_labels_field(const std::filesystem::path& path) {
  const Json discarded(Json::value_t::discarded);
  const MappedFile file(path);
  if (file.bytes().size() > kLargestJson) return discarded;
  const auto* first = reinterpret_cast<const char*>(file.bytes().data());
  const auto shallow = [](int depth, auto, const auto&) { return depth <= kDeepestLabel; };
  Json json = Json::parse(first, first + file.bytes().size(), shallow, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("labels")) return discarded;
  Json labels = std::move(json["labels"]);
  if (labels.is_array() && std::ranges::all_of(labels, is_pair)) return labels;
  return labels.is_null() ? labels : discarded;
}

bool is_class(const Json& label) {
  return label.is_number_integer() && label.get<double>() >= 0 &&
         label.get<double>() < static_cast<double>(kMostLabels);
}

// Path -> class. The first label that is no class goes into `odd`.
std::unordered_map<std::string, int32_t> classes_of(const Json& labels, std::string& odd) {
  std::unordered_map<std::string, int32_t> classes;
  for (const Json& entry : labels) {
    if (!is_class(entry[1])) {
      constexpr size_t kShown = 40;
      odd = entry[1].dump(-1, ' ', true, Json::error_handler_t::replace).substr(0, kShown);
      return {};
    }
    std::string name = entry[0].get<std::string>();
    std::ranges::replace(name, '\\', '/');
    classes[std::move(name)] = entry[1].get<int32_t>();
  }
  return classes;
}

void label_files(ImageFolder& folder, const std::filesystem::path& place,
                 const std::unordered_map<std::string, int32_t>& classes) {
  int64_t without = 0;
  std::string first;
  int32_t largest = 0;
  std::vector<int32_t> labels;
  for (const auto& file : folder.files) {
    const auto found = classes.find((folder.root / file).lexically_relative(place).string());
    if (found == classes.end()) {
      if (without++ == 0) first = file.string();
      continue;
    }
    labels.push_back(found->second);
    largest = std::max(largest, found->second);
  }
  if (without > 0) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: has no label for {}, the first: {}",
                            (folder.source / place.lexically_relative(folder.root) / kName)
                                .lexically_normal()
                                .string(),
                            counted(without, "image"), first),
                "add the labels, or remove the file to train without them");
  }
  folder.labels = std::move(labels);
  for (int32_t i = 0; i <= largest; ++i) folder.class_names.push_back(std::to_string(i));
}

}  // namespace

bool read_dataset_json(ImageFolder& folder, size_t levels) {
  std::filesystem::path place = folder.root;
  auto part = folder.files.front().begin();
  for (size_t i = 0; i < levels && !std::filesystem::exists(place / kName); ++i) place /= *part++;
  if (!std::filesystem::is_regular_file(place / kName)) return false;
  const Json labels = read_labels_field(place / kName);
  if (labels.is_discarded()) return false;
  if (labels.empty()) return true;  // null too
  std::string odd;
  const auto classes = classes_of(labels, odd);
  if (odd.empty()) {
    label_files(folder, place, classes);
  } else {
    folder.notes.push_back(fmt::format(
        "the labels in {} are not read: classes are whole numbers from 0, one of them is {}", kName,
        odd));
  }
  return true;
}

}  // namespace wgan
