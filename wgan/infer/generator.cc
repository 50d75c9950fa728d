// Files to tensors, and outputs to bytes or the data's units.
#include "wgan/infer/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/io/checksums.h"
#include "wgan/io/safetensors.h"
#include "wgan/net/slots.h"

namespace wgan::infer {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kAverage = "average.safetensors";

// A number of 16 bits (IEEE 754 binary16).
float from_half(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000U) << 16;
  const uint32_t exponent = half >> 10 & 0x1fU, fraction = half & 0x3ffU;
  if (exponent == 0) {
    const float size = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -size : size;
  }
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

std::vector<float> numbers_of(const TensorView& view) {
  const size_t count = index(elements(view.shape));
  std::vector<float> numbers(count);
  if (view.dtype == "F32") {
    std::memcpy(numbers.data(), view.bytes.data(), view.bytes.size());
    return numbers;
  }
  for (size_t i = 0; i < count; ++i) {
    uint16_t half = 0;
    std::memcpy(&half, view.bytes.data() + 2 * i, 2);
    numbers[i] = from_half(half);
  }
  return numbers;
}

std::vector<std::vector<float>> tensors_of(const SafetensorsFile& file, const fs::path& path,
                                           const std::vector<Slot>& slots) {
  std::vector<std::vector<float>> tensors;
  for (const Slot& slot : slots) {
    const TensorView& view = file.find(slot.name);
    if ((view.dtype != "F32" && view.dtype != "F16") || view.shape != slot.shape) {
      throw Error(ErrorKind::kIncompatible,
                  fmt::format("{}: {} is {} {}, wanted F32 or F16 {}", path.string(), slot.name,
                              view.dtype, shape_text(view.shape), shape_text(slot.shape)),
                  "the file does not belong to the network that is said to be in it");
    }
    tensors.push_back(numbers_of(view));
  }
  return tensors;
}

NetworkTensors tensors_of(const SafetensorsFile& file, const fs::path& path,
                          const Network& network) {
  return {tensors_of(file, path, parameter_slots(network)),
          tensors_of(file, path, state_slots(network))};
}

// The checkpoint in a run's folder, or the folder itself.
fs::path checkpoint_in(const fs::path& folder) {
  const fs::path checkpoints = folder / "checkpoints";
  std::string name;
  std::getline(std::ifstream(checkpoints / "last"), name);
  const bool named = name.starts_with("step-") && name.find('/') == std::string::npos;
  if (named && fs::exists(checkpoints / name / kStateFile)) return checkpoints / name;
  return folder;
}

float clamped(float number) { return std::clamp(number, 0.0F, 255.0F); }

uint8_t byte_of(float number) {
  return std::isnan(number) ? uint8_t{0} : static_cast<uint8_t>(clamped(std::nearbyint(number)));
}

std::vector<uint8_t> pictures_of(std::span<const float> outputs, int64_t channels,
                                 PixelRange range) {
  const auto scaled = [&](float x) {
    return range == PixelRange::kUnit ? x * 255 : (x + 1) * 127.5F;
  };
  std::vector<uint8_t> pictures(outputs.size());
  if (channels != 4) {
    std::ranges::transform(outputs, pictures.begin(), [&](float x) { return byte_of(scaled(x)); });
    return pictures;
  }
  for (size_t i = 0; i + 3 < outputs.size(); i += 4) {  // colours are premultiplied by alpha
    const uint8_t alpha = byte_of(scaled(outputs[i + 3]));
    for (size_t c = 0; c < 3; ++c) {
      const float straight = scaled(outputs[i + c]) * 255 / std::max<float>(1, alpha);
      pictures[i + c] = alpha == 0 ? uint8_t{0} : byte_of(straight);
    }
    pictures[i + 3] = alpha;
  }
  return pictures;
}

std::vector<double> rows_of(std::span<const float> outputs, const ColumnScale& scale) {
  std::vector<double> rows(outputs.begin(), outputs.end());
  if (scale.empty()) return rows;
  const bool wide = scale.needs_float64();
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t column = i % scale.mean.size();
    rows[i] = rows[i] * scale.deviation[column] + scale.mean[column];
    if (!wide) rows[i] = double{static_cast<float>(rows[i])};
  }
  return rows;
}

}  // namespace

Generator::Generator(GeneratorState state, NetworkTensors tensors)
    : state_(std::move(state)), runner_(make_graph(state_.network, std::move(tensors))) {}

Generator Generator::open(const fs::path& path) {
  std::error_code unreadable;
  if (!fs::exists(path, unreadable)) {
    throw Error(ErrorKind::kData, path.string() + ": there is no such file or folder",
                "give a run folder, a checkpoint, or a file of wgan export --to wgan");
  }
  if (!fs::is_directory(path, unreadable)) {
    const SafetensorsFile file(path);
    GeneratorState state = generator_of_metadata(file.metadata(), path);
    NetworkTensors tensors = tensors_of(file, path, state.network);
    return {std::move(state), std::move(tensors)};
  }
  const fs::path checkpoint = checkpoint_in(path);
  const std::array<std::string, 2> files{kAverage, kStateFile};
  check_checksums(checkpoint, files);
  GeneratorState state = read_generator_state(checkpoint);
  const SafetensorsFile file(checkpoint / kAverage);
  NetworkTensors tensors = tensors_of(file, checkpoint / kAverage, state.network);
  return {std::move(state), std::move(tensors)};
}

std::vector<int64_t> Generator::shape() const {
  return state_.data.row_shape.empty() ? state_.data.shape : state_.data.row_shape;
}

std::vector<float> Generator::outputs(std::span<const float> latents, int threads) const {
  const auto width = index(parts().size());
  if (latents.size() % width != 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} numbers are no whole rows of {}", latents.size(), width),
                "a row is z, then the class one-hot, then the conditions, standardised");
  }
  if (threads <= 0) threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::vector<float> outputs(latents.size() / width * index(runner_.outputs()));
  runner_.run(latents, outputs, threads);
  return outputs;
}

Samples Generator::from_latents(std::span<const float> latents, int threads) const {
  const std::vector<float> made = outputs(latents, threads);
  Samples samples{.shape = shape(), .pictures = {}, .rows = {}};
  samples.shape.insert(samples.shape.begin(),
                       static_cast<int64_t>(latents.size()) / parts().size());
  if (makes_pictures()) {
    samples.pictures = pictures_of(made, state_.data.shape[2], pixel_range(state_.network));
  } else {
    samples.rows = rows_of(made, state_.data.scale);
  }
  return samples;
}

Samples Generator::sample(std::span<const uint64_t> seeds, const WantedInputs& wanted,
                          int threads) const {
  return from_latents(inputs_of_seeds(parts(), state_.data, seeds, wanted), threads);
}

}  // namespace wgan::infer
