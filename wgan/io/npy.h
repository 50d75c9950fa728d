// NumPy's array files: NPY read by mapping and written row by row, NPZ archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "wgan/io/atomic_file.h"

namespace wgan {

// The element types that are read and written, little-endian in memory. kCharacter is a character
// of text in UTF-32: an array of texts of up to L characters, '<UL' or '|SL', is one of characters
// whose last axis has L, filled up with zeros.
enum class NpyType {
  kBool,
  kInt8,
  kUint8,
  kInt16,
  kUint16,
  kInt32,
  kUint32,
  kInt64,
  kUint64,
  kFloat16,
  kFloat32,
  kFloat64,
  kCharacter
};

int64_t item_bytes(NpyType type);
const char* npy_descr(NpyType type);  // as in the file: "|u1", "<i4", "<f8", "<U1", ...
bool is_float(NpyType type);

// An array in C order, whatever order of axes and bytes the file has. `bytes` holds exactly the
// product of shape times item_bytes(type) bytes and lives as long as `owner`. It may be unaligned
// for its type: copy elements with memcpy.
struct NpyArray {
  NpyType type = NpyType::kUint8;
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

// The array in a whole NPY file's bytes, format version 1, 2 or 3. Big-endian numbers, texts of
// bytes, and Fortran order of more than one axis are converted in memory, up to 4 GiB; everything
// else stays where it lies. name: the file, for messages. Throws Error(kData) where the header is
// malformed, the element type is another one, or the length is not what the header promises.
NpyArray parse_npy(std::span<const std::byte> file, std::shared_ptr<const void> owner,
                   const std::string& name);

// The same, mapped from a file: nothing is loaded before it is read.
NpyArray map_npy(const std::filesystem::path& path);

// The arrays of an NPZ archive under their names (without ".npy"), in the archive's order. Stored
// members stay mapped; compressed ones are decompressed into at most `limit` bytes in all. Throws
// Error(kData).
std::vector<std::pair<std::string, NpyArray>> read_npz(const std::filesystem::path& path,
                                                       size_t limit);

// Writes an archive as numpy.savez_compressed does (numpy.savez in a build without zlib). Names are
// given without ".npy". The file appears whole. Throws Error(kInternal) where bytes do not fit a
// shape or a name comes twice; Error(kOutput), Error(kUsage) as write_zip (io/zip.h).
void write_npz(const std::filesystem::path& path,
               std::span<const std::pair<std::string, NpyArray>> arrays);

// The bytes of a version 1 file before its data: a multiple of 64, so that the data can be mapped.
std::string npy_header(NpyType type, std::span<const int64_t> shape);

// Writes a version 1 file whose data begins at a multiple of 64 bytes, so that it can be mapped.
// The file appears at commit(). Throws Error(kOutput) as AtomicFile does.
class NpyWriter {
 public:
  NpyWriter(const std::filesystem::path& path, NpyType type, std::span<const int64_t> shape);

  // Appends the next bytes of the array, in C order: any number of rows.
  void append(std::span<const std::byte> bytes);

  // Throws Error(kInternal) unless exactly the bytes of the shape were appended.
  void commit();

 private:
  AtomicFile file_;
  uint64_t bytes_left_;
};

void write_npy(const std::filesystem::path& path, NpyType type, std::span<const int64_t> shape,
               std::span<const std::byte> bytes);

}  // namespace wgan
