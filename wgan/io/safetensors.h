// Named arrays in one file, in the safetensors format, as checkpoints keep them.
//
// The file: an 8-byte little-endian length, a JSON header of that many bytes, the data. The header
// maps each name to {"dtype", "shape", "data_offsets": [begin, end)}, and "__metadata__" to an
// object of texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wgan/io/mapped_file.h"

namespace wgan {

// One array in C order, little-endian. dtype: "F32", "F64", "F16", "I64" or "U8".
struct TensorView {
  std::string name;
  std::string dtype;
  std::vector<int64_t> shape;  // empty: one number
  std::span<const std::byte> bytes;
};

// Writes the file atomically. Arrays of larger elements come first, so that in the file every array
// is aligned to its elements; otherwise the given order is kept. Throws Error(kOutput) where the
// file cannot be written, Error(kInternal) where a name is used twice, or bytes do not fit a shape.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const std::map<std::string, std::string>& metadata);

// A mapped and fully validated file; nothing is loaded before it is read.
class SafetensorsFile {
 public:
  // Throws Error(kData) where the file cannot be read, Error(kIncompatible) where it is damaged:
  // the header's length, JSON, dtypes, shapes and offsets are all checked, and the data must be
  // covered without holes or overlaps.
  explicit SafetensorsFile(const std::filesystem::path& path);

  // In the order of their data. The bytes live as long as this object, and may be unaligned where
  // another program wrote the file: copy elements with memcpy.
  const std::vector<TensorView>& tensors() const { return tensors_; }

  // Throws Error(kIncompatible) that lists the names there are.
  const TensorView& find(std::string_view name) const;

  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  std::filesystem::path path_;
  MappedFile file_;
  std::vector<TensorView> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace wgan
