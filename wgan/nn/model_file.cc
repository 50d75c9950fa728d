// Models to safetensors and back.
#include "wgan/nn/model_file.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <cstring>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

std::span<const std::byte> bytes_of(const at::Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

const TensorView& find_slot(const SafetensorsFile& file, const fs::path& path, const Slot& slot) {
  const TensorView& view = file.find(slot.name);
  if (view.dtype != "F32" || view.shape != slot.shape) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{}: {} is {} {}, wanted F32 {}", path.string(), slot.name, view.dtype,
                            shape_text(view.shape), shape_text(slot.shape)),
                "the file does not belong to the network that is said to be in it");
  }
  return view;
}

}  // namespace

void TensorFile::add(const std::vector<Slot>& slots, const std::vector<at::Tensor>& tensors,
                     const std::string& suffix) {
  for (size_t i = 0; i < slots.size(); ++i) {
    alive_.push_back(tensors[i].to(torch::kCPU, torch::kFloat32).contiguous());
    views_.push_back({slots[i].name + suffix, "F32", slots[i].shape, bytes_of(alive_.back())});
  }
}

void TensorFile::write(const fs::path& file, std::map<std::string, std::string> metadata) const {
  metadata["format"] = "pt";
  write_safetensors(file, views_, metadata);
}

void read_slots(const SafetensorsFile& file, const fs::path& path, const std::vector<Slot>& slots,
                const std::vector<at::Tensor>& tensors, const std::string& suffix) {
  for (size_t i = 0; i < slots.size(); ++i) {
    Slot slot = slots[i];
    slot.name += suffix;
    const TensorView& view = find_slot(file, path, slot);
    const at::Tensor values = torch::empty(view.shape, torch::kFloat32);
    std::memcpy(values.data_ptr(), view.bytes.data(), view.bytes.size());
    tensors[i].copy_(values);
  }
}

void write_model(const fs::path& path, const Model& model,
                 std::map<std::string, std::string> metadata) {
  TensorFile file;
  file.add(model.slots, model.frozen);
  file.add(state_slots(model.network), model.memory);
  file.write(path, std::move(metadata));
}

void check_model_file(const fs::path& path, const Network& network) {
  const SafetensorsFile file(path);
  for (const auto& slots : {parameter_slots(network), state_slots(network)}) {
    for (const Slot& slot : slots) find_slot(file, path, slot);
  }
}

void read_model(const fs::path& path, Model& model) {
  const SafetensorsFile file(path);
  read_slots(file, path, model.slots, model.frozen);
  read_slots(file, path, state_slots(model.network), model.memory);
}

}  // namespace wgan
