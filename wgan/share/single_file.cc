// Tensors under the names of a checkpoint.
#include "wgan/share/single_file.h"

#include <bit>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/io/safetensors.h"
#include "wgan/net/slots.h"

namespace wgan {
namespace {

// The nearest number of 16 bits (IEEE 754 binary16), ties to even.
uint16_t to_half(float number) {
  const uint32_t bits = std::bit_cast<uint32_t>(number);
  const uint32_t sign = bits >> 16 & 0x8000U;
  const float size = std::abs(number);
  if (!(size < 65520)) {  // what is not a number too
    throw Error(ErrorKind::kIncompatible, "a weight does not fit into 16 bits", "leave out --half");
  }
  if (size < 0x1p-14F) {  // a multiple of 2^-24
    return static_cast<uint16_t>(sign | static_cast<uint32_t>(std::nearbyint(size * 0x1p24F)));
  }
  const uint32_t magnitude = bits & 0x7fffffffU;
  const uint32_t rounded = magnitude + 0xfffU + (magnitude >> 13 & 1U);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112U << 10)));
}

std::vector<std::byte> stored(const std::vector<float>& numbers, bool half) {
  if (!half) {
    const auto bytes = std::as_bytes(std::span(numbers));
    return {bytes.begin(), bytes.end()};
  }
  std::vector<std::byte> bytes;
  for (const float number : numbers) {
    const uint16_t bits = to_half(number);
    bytes.push_back(static_cast<std::byte>(bits & 0xffU));
    bytes.push_back(static_cast<std::byte>(bits >> 8));
  }
  return bytes;
}

}  // namespace

void write_single_file(const std::filesystem::path& path, const infer::GeneratorFile& generator,
                       bool half) {
  std::vector<std::vector<std::byte>> alive;
  std::vector<TensorView> views;
  const auto add = [&](const std::vector<Slot>& slots,
                       const std::vector<std::vector<float>>& tensors) {
    for (size_t i = 0; i < slots.size(); ++i) {
      alive.push_back(stored(tensors[i], half));
      views.push_back({slots[i].name, half ? "F16" : "F32", slots[i].shape, alive.back()});
    }
  };
  const Network& network = generator.state.network;
  const std::vector<Slot> parameters = parameter_slots(network), memory = state_slots(network);
  alive.reserve(parameters.size() + memory.size());
  add(parameters, generator.tensors.parameters);
  add(memory, generator.tensors.memory);
  auto metadata = generator_metadata(generator.state);
  metadata["format"] = "pt";
  write_safetensors(path, views, metadata);
}

}  // namespace wgan
