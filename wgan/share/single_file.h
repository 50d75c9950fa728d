// A generator in one safetensors file, with its network in the metadata.
#pragma once

#include <filesystem>

#include "wgan/infer/generator_file.h"

namespace wgan {

// Numbers are stored in 16 bits where `half` is true: about 3 digits, and half of the size. Throws
// Error(kOutput), and Error(kIncompatible) where a number is too large for 16 bits.
void write_single_file(const std::filesystem::path& path, const infer::GeneratorFile& generator,
                       bool half);

}  // namespace wgan
