// Reads what state.json says of a generator, with every part checked against the others.
#include "wgan/net/generator_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>

#include "wgan/core/error.h"
#include "wgan/io/json_fields.h"
#include "wgan/io/mapped_file.h"
#include "wgan/net/network_json.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 3;
constexpr const char* kFormat = "wgan-checkpoint";
constexpr const char* kInMetadata = "wgan_generator";
constexpr int64_t kLargestLatent = int64_t{1} << 20;
constexpr double kMostDeviations = 4096;  // of a mean from zero, in float32

DataDescription data_from_json(const Json& json) {
  DataDescription data;
  data.name = json_field<std::string>(json, "name");
  data.identity = json_field<std::string>(json, "identity");
  data.shape = json_field<std::vector<int64_t>>(json, "shape");
  data.class_names = json_field<std::vector<std::string>>(json, "class_names");
  data.scale.mean = json_field<std::vector<double>>(json, "mean");
  data.scale.deviation = json_field<std::vector<double>>(json, "deviation");
  data.condition_scale.mean = json_field<std::vector<double>>(json, "condition_mean");
  data.condition_scale.deviation = json_field<std::vector<double>>(json, "condition_deviation");
  // Older checkpoints lack the rest.
  if (json.contains("row_shape")) {
    data.row_shape = json_field<std::vector<int64_t>>(json, "row_shape");
  }
  if (json.contains("class_rows")) {
    data.class_rows = json_field<std::vector<int64_t>>(json, "class_rows");
  }
  if (json.contains("conditions")) {
    data.conditions = json_field<std::vector<double>>(json, "conditions");
  }
  return data;
}

// Whether the extents are above zero and multiply to `count`.
bool has_product(const std::vector<int64_t>& extents, int64_t count) {
  for (const int64_t extent : extents) {
    if (extent < 1 || count % extent != 0) return false;
    count /= extent;
  }
  return count == 1;
}

// The parts must agree with each other: they come from a file.
void check_consistency(const GeneratorState& state) {
  const auto want = [](bool good, const char* what) {
    if (!good) throw Error(ErrorKind::kIncompatible, what);
  };
  const Shape& shape = state.data.shape;
  want(state.step >= 0 && state.step <= kMostSteps, "a counter is out of range");
  want(shape.size() == 1 || shape.size() == 3, "the data's shape is neither [H, W, C] nor [D]");
  want(state.latent >= 1 && state.latent <= kLargestLatent,
       "the latent vectors' length is out of range");
  want(state.network.input == Shape{state.latent + state.known.classes + state.known.conditions},
       "the generator does not take the latent vectors");
  want(output_shape(state.network) == sample_shape(shape),
       "the generator does not make the data's shape");
  const ColumnScale& scale = state.data.scale;
  for (const ColumnScale* columns : {&scale, &state.data.condition_scale}) {
    want(columns->mean.size() == columns->deviation.size(), "mean and deviation differ in length");
    want(std::ranges::all_of(columns->deviation, [](float d) { return d > 0; }),
         "a deviation is not above zero");
  }
  const size_t row = state.data.condition_scale.mean.size();
  want(row == 0 ? state.data.conditions.empty() : state.data.conditions.size() % row == 0,
       "the conditions are no whole rows");
  want(scale.empty() || Shape{static_cast<int64_t>(scale.mean.size())} == shape,
       "mean and deviation do not have the data's length");
  const std::vector<int64_t>& row_shape = state.data.row_shape;
  want(row_shape.empty() || (shape.size() == 1 && has_product(row_shape, shape[0])),
       "the shape of a row does not have the data's length");
  const std::vector<int64_t>& class_rows = state.data.class_rows;
  want(class_rows.empty() || class_rows.size() == state.data.class_names.size(),
       "there are not as many numbers of rows as classes");
  want(std::ranges::all_of(class_rows, [](int64_t rows) { return rows >= 0; }) &&
           (class_rows.empty() || std::ranges::any_of(class_rows, [](int64_t n) { return n > 0; })),
       "the numbers of rows of the classes are out of range");
}

}  // namespace

bool ColumnScale::needs_float64() const {
  constexpr double kLargest = std::numeric_limits<float>::max() / 1e3;
  constexpr double kSmallest = std::numeric_limits<float>::min() * 1e3;
  for (size_t i = 0; i < mean.size(); ++i) {
    const double from_zero = std::abs(mean[i]);
    if (from_zero > kMostDeviations * deviation[i]) return true;
    if (deviation[i] > kLargest || deviation[i] < kSmallest) return true;
  }
  return false;
}

std::vector<int64_t> classes_with_rows(const DataDescription& data) {
  std::vector<int64_t> classes(data.class_names.size());
  std::iota(classes.begin(), classes.end(), int64_t{0});
  if (!data.class_rows.empty()) {
    std::erase_if(classes, [&](int64_t c) { return data.class_rows[static_cast<size_t>(c)] == 0; });
  }
  return classes;
}

PixelRange pixel_range(const Network& generator) {
  const bool unit = std::holds_alternative<Sigmoid>(generator.layers.back());
  return unit ? PixelRange::kUnit : PixelRange::kSigned;
}

Shape sample_shape(const std::vector<int64_t>& shape) {
  return shape.size() == 3 ? Shape{shape[2], shape[0], shape[1]} : shape;
}

Known known_of(bool conditional, const std::vector<std::string>& class_names,
               const ColumnScale& condition_scale) {
  if (!conditional) return {};
  return {.classes = static_cast<int64_t>(class_names.size()),
          .conditions = static_cast<int64_t>(condition_scale.mean.size())};
}

std::filesystem::path pointed_to(const std::filesystem::path& pointer) {
  std::string name;
  std::getline(std::ifstream(pointer), name);
  const bool good = name.starts_with(kStepPrefix) && name.find('/') == std::string::npos;
  return good ? pointer.parent_path() / name : std::filesystem::path();
}

Json read_state_json(const std::filesystem::path& checkpoint) {
  const std::filesystem::path path = checkpoint / kStateFile;
  const MappedFile file(path);
  const auto bytes = file.bytes();
  const char* text = reinterpret_cast<const char*>(bytes.data());
  try {
    return Json::parse(text, text + bytes.size());
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} is damaged: {}", path.string(), error.what()),
                "use another checkpoint of the run");
  }
}

Json state_head() { return {{"format", kFormat}, {"version", kFormatVersion}}; }

Json data_to_json(const DataDescription& data) {
  Json json;
  json["name"] = data.name;
  json["identity"] = data.identity;
  json["shape"] = data.shape;
  json["class_names"] = data.class_names;
  json["mean"] = data.scale.mean;
  json["deviation"] = data.scale.deviation;
  json["condition_mean"] = data.condition_scale.mean;
  json["condition_deviation"] = data.condition_scale.deviation;
  json["row_shape"] = data.row_shape;
  json["class_rows"] = data.class_rows;
  if (!data.conditions.empty()) json["conditions"] = data.conditions;
  return json;
}

void read_state(const Json& json, const std::filesystem::path& file,
                const std::function<void(const Json&)>& read) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kIncompatible, fmt::format("{}: {}", file.string(), what),
                "it was not written by this version of wgan, or is damaged");
  };
  try {
    if (json.at("format") != kFormat) refuse("this is no wgan checkpoint");
    const Json& version = json.at("version");
    if (version != kFormatVersion) {
      // Only a number is told: printing a value goes as deep as the file has brackets.
      refuse(fmt::format("its version {}, wanted {}",
                         version.is_number_integer() ? "is " + version.dump() : "is no number",
                         kFormatVersion));
    }
    read(json);
  } catch (const nlohmann::json::exception& error) {
    refuse(error.what());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kIncompatible && !error.hint().empty()) throw;
    refuse(error.what());
  }
}

GeneratorState generator_part(const Json& json) {
  GeneratorState state;
  const Json& options = json.at("options");
  const auto option = [&](const char* name, auto& value) {
    if (options.contains(name)) read_field(name, json_field<std::string>(options, name), value);
  };
  bool conditional = false;
  option("latent", state.latent);
  option("latent-dist", state.latent_dist);
  option("conditional", conditional);
  state.step = json_field<int64_t>(json, "step");
  state.data = data_from_json(json.at("data"));
  state.network = network_from_json(json.at("generator"));
  state.known = known_of(conditional, state.data.class_names, state.data.condition_scale);
  check_consistency(state);
  return state;
}

std::map<std::string, std::string> generator_metadata(const GeneratorState& state) {
  Json json = state_head();
  json["step"] = state.step;
  json["options"] = {{"latent", field_text(state.latent)},
                     {"latent-dist", field_text(state.latent_dist)},
                     {"conditional", field_text(state.known.classes + state.known.conditions > 0)}};
  json["data"] = data_to_json(state.data);
  json["generator"] = network_to_json(state.network);
  return {{kInMetadata, json.dump()}};
}

GeneratorState generator_of_metadata(const std::map<std::string, std::string>& metadata,
                                     const std::filesystem::path& file) {
  const auto text = metadata.find(kInMetadata);
  if (text == metadata.end()) {
    throw Error(ErrorKind::kIncompatible, file.string() + ": its metadata says of no network",
                "files that hold a whole generator are made by wgan export RUN --to wgan");
  }
  GeneratorState state;
  Json json;
  try {
    json = Json::parse(text->second);
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorKind::kIncompatible, fmt::format("{}: {}", file.string(), error.what()),
                "the file is damaged");
  }
  read_state(json, file, [&](const Json& read) { state = generator_part(read); });
  return state;
}

GeneratorState read_generator_state(const std::filesystem::path& checkpoint) {
  GeneratorState state;
  read_state(read_state_json(checkpoint), checkpoint / kStateFile,
             [&](const Json& json) { state = generator_part(json); });
  return state;
}

}  // namespace wgan
