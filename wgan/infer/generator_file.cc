// Opens files and checks that their parts fit one another.
#include "wgan/infer/generator_file.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/core/half.h"
#include "wgan/io/checksums.h"
#include "wgan/io/safetensors.h"
#include "wgan/net/slots.h"

namespace wgan::infer {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAverage = "average.safetensors";

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
    numbers[i] = static_cast<float>(half_to_double(half));
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
  const fs::path last = pointed_to(folder / "checkpoints" / "last");
  return !last.empty() && fs::exists(last / kStateFile) ? last : folder;
}

}  // namespace

GeneratorFile read_generator(const fs::path& path) {
  std::error_code unreadable;
  if (!fs::exists(path, unreadable)) {
    throw Error(ErrorKind::kData, path.string() + ": there is no such file or folder",
                "give a run folder, a checkpoint, or a file of wgan export --to wgan");
  }
  if (!fs::is_directory(path, unreadable)) return read_checked_generator(path);
  const fs::path checkpoint = checkpoint_in(path);
  check_checksums(checkpoint, std::array<std::string, 2>{kAverage, kStateFile});
  return read_checked_generator(checkpoint);
}

GeneratorFile read_checked_generator(const fs::path& checkpoint_or_file) {
  std::error_code unreadable;
  const bool whole = !fs::is_directory(checkpoint_or_file, unreadable);
  const fs::path place = whole ? checkpoint_or_file : checkpoint_or_file / kAverage;
  const SafetensorsFile file(place);
  GeneratorState state = whole ? generator_of_metadata(file.metadata(), place)
                               : read_generator_state(checkpoint_or_file);
  NetworkTensors tensors = tensors_of(file, place, state.network);
  return {std::move(state), std::move(tensors)};
}

}  // namespace wgan::infer
