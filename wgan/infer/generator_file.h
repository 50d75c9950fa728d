// A generator as it lies in files: a checkpoint of a run, or one file with all of it.
#pragma once

#include <filesystem>

#include "wgan/infer/network_tensors.h"
#include "wgan/net/generator_state.h"

namespace wgan::infer {

struct GeneratorFile {
  GeneratorState state;
  NetworkTensors tensors;  // of the averaged generator
};

// path: a run folder (its newest checkpoint), a checkpoint, or a safetensors file whose metadata
// has the network, in F32 or F16. Throws Error(kData) where it is not there, Error(kIncompatible)
// where it is damaged: checksums, names, types and shapes are all checked.
GeneratorFile read_generator(const std::filesystem::path& path);

// The same without a look at checksums: of a checkpoint whose own have been checked, or a single
// file.
GeneratorFile read_checked_generator(const std::filesystem::path& checkpoint_or_file);

}  // namespace wgan::infer
