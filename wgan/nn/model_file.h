// The tensors of a model in one safetensors file: named by layer ("3.weight", "4.running_mean"), in
// canonical order (OIHW), float32.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "wgan/io/safetensors.h"
#include "wgan/nn/parameters.h"

namespace wgan {

// A file that is gathered tensor by tensor and then written at once.
class TensorFile {
 public:
  // tensors: in the order of the slots. suffix: added to the slots' names.
  void add(const std::vector<Slot>& slots, const std::vector<at::Tensor>& tensors,
           const std::string& suffix = "");

  // metadata: besides the format. Throws Error(kOutput).
  void write(const std::filesystem::path& file,
             std::map<std::string, std::string> metadata = {}) const;

 private:
  std::vector<at::Tensor> alive_;  // contiguous copies, as long as the views
  std::vector<TensorView> views_;
};

// Copies the file's tensors of these names into `tensors`. Throws Error(kIncompatible) where one is
// missing or has another shape or type.
void read_slots(const SafetensorsFile& file, const std::filesystem::path& path,
                const std::vector<Slot>& slots, const std::vector<at::Tensor>& tensors,
                const std::string& suffix = "");

// Parameters and state of a model. Throws Error(kOutput).
void write_model(const std::filesystem::path& path, const Model& model,
                 std::map<std::string, std::string> metadata = {});

// Throws Error(kIncompatible) where the file does not hold the network's tensors. Before a model is
// made of a network that came from a file: only what the file is long enough for is worth memory.
void check_model_file(const std::filesystem::path& path, const Network& network);

// Fills the parameters and state of a model. Throws Error(kIncompatible) where a tensor is missing
// or has another shape or type.
void read_model(const std::filesystem::path& path, Model& model);

}  // namespace wgan
