// The generator's part of state.json, which lies in every checkpoint: what it takes to draw samples
// in the data's units, besides the weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/net/known.h"
#include "wgan/net/layer.h"

namespace wgan {

inline constexpr const char* kStateFile = "state.json";
inline constexpr std::string_view kStepPrefix = "step-";  // of the folder of a checkpoint
inline constexpr int64_t kMostSteps = int64_t{1} << 40;   // keeps numbers of images within int64

enum class LatentDist { kNormal, kUniform };
template <>
struct EnumNames<LatentDist> {
  static constexpr std::pair<LatentDist, const char*> kNames[] = {
      {LatentDist::kNormal, "normal"}, {LatentDist::kUniform, "uniform"}};
};

// Per-column affine map of vectors: standardised = (original - mean) / deviation.
struct ColumnScale {
  std::vector<double> mean;       // [D], original units
  std::vector<double> deviation;  // [D], original units, > 0
  bool empty() const { return mean.empty(); }
  // Whether original units need float64: where a mean is more than 4096 deviations from zero, since
  // float32, of 24 bits, leaves a deviation as few as 2048 steps there; and where the numbers come
  // near the ends of float32's range.
  bool needs_float64() const;
};

// What the bytes 0 to 255 of a picture become.
enum class PixelRange {
  kSigned,  // [-1, 1], for generators that end in tanh: x / 127.5 - 1
  kUnit,    // [0, 1], for generators that end in a sigmoid: x / 255
};

// The range of the pixels that a generator makes.
PixelRange pixel_range(const Network& generator);

// What a checkpoint says of the data it was trained on: enough to sample in the data's units.
struct DataDescription {
  std::string name;
  std::string identity;
  std::vector<int64_t> shape;  // [H, W, C] or [D]
  std::vector<std::string> class_names;
  ColumnScale scale;
  ColumnScale condition_scale;      // of the conditions of each row; empty: there are none
  std::vector<int64_t> row_shape;   // of [D] in the data's file, such as [24, 3]; empty: [D]
  std::vector<int64_t> class_rows;  // rows of each class; empty: not known
  // [N * K] conditions of some rows, in original units; empty: there are none, or an older
  // checkpoint keeps none.
  std::vector<double> conditions = {};
};

// The numbers of the classes that have rows, in order: of all where that is not known.
std::vector<int64_t> classes_with_rows(const DataDescription& data);

// The shape of a sample as networks see it: [C, H, W] or [D].
Shape sample_shape(const std::vector<int64_t>& data_shape);

// What networks are conditioned on where they are (conditional), and nothing otherwise.
Known known_of(bool conditional, const std::vector<std::string>& class_names,
               const ColumnScale& condition_scale);

struct GeneratorState {
  int64_t step = 0;    // of training
  int64_t latent = 0;  // dimensions of z
  LatentDist latent_dist = LatentDist::kNormal;
  Known known;  // what stands behind z
  DataDescription data;
  Network network;
};

// The checkpoint beside it that the file checkpoints/last or checkpoints/best names; empty where it
// names none.
std::filesystem::path pointed_to(const std::filesystem::path& pointer);

// state.json of a checkpoint's folder as a JSON object. Throws Error(kIncompatible) where it is
// damaged, Error(kData) where it is not there.
nlohmann::ordered_json read_state_json(const std::filesystem::path& checkpoint);

// What state.json begins with: its format and version.
nlohmann::ordered_json state_head();
nlohmann::ordered_json data_to_json(const DataDescription& data);

// Checks the head of state.json, then reads its parts: read(json). Throws Error(kIncompatible)
// naming `file` and what is missing or wrong.
void read_state(const nlohmann::ordered_json& json, const std::filesystem::path& file,
                const std::function<void(const nlohmann::ordered_json&)>& read);

// The generator's part of state.json, for use in read_state.
GeneratorState generator_part(const nlohmann::ordered_json& json);

// The same as text in a single file's metadata, and back. Throws as read_state does.
std::map<std::string, std::string> generator_metadata(const GeneratorState& state);
GeneratorState generator_of_metadata(const std::map<std::string, std::string>& metadata,
                                     const std::filesystem::path& file);

// The generator's part of state.json in a checkpoint's folder. Throws as read_state_json and
// read_state do.
GeneratorState read_generator_state(const std::filesystem::path& checkpoint);

}  // namespace wgan
