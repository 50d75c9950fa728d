// Samples and rows of data as a NumPy array.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace wgan {

// Writes the tensor, on the CPU, of uint8, float32 or float64, in its type and shape. Throws
// Error(kOutput) as AtomicFile does.
void write_rows(const std::filesystem::path& file, const at::Tensor& rows);

}  // namespace wgan
