// Opens files and checks that their parts fit one another.
#include "wgan/infer/generator_file.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/io/checksums.h"
#include "wgan/io/safetensors.h"
#include "wgan/net/slots.h"

namespace wgan::infer {
namespace {

namespace fs = std::filesystem;

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
  const auto count = static_cast<size_t>(elements(view.shape));
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

}  // namespace

GeneratorFile read_generator(const fs::path& path) {
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

}  // namespace wgan::infer
