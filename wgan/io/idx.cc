// Checks an IDX header against the bytes that follow it.
#include "wgan/io/idx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/gzip.h"
#include "wgan/io/mapped_file.h"
#include "wgan/io/shape_bytes.h"

namespace wgan {
namespace {

constexpr int kUnsignedByte = 0x08;
constexpr size_t kMagicBytes = 4;
constexpr size_t kExtentBytes = 4;

int byte_at(std::span<const std::byte> bytes, size_t at) { return std::to_integer<int>(bytes[at]); }

// Throws Error(kData) where the file is no IDX file of bytes. Returns the shape.
std::vector<int64_t> read_shape(std::span<const std::byte> file, const std::string& name) {
  if (file.size() < kMagicBytes || byte_at(file, 0) != 0 || byte_at(file, 1) != 0) {
    throw Error(ErrorKind::kData, name + ": is no IDX file: it does not begin with two zero bytes",
                "give one of MNIST's files, such as train-images-idx3-ubyte or its .gz");
  }
  if (byte_at(file, 2) != kUnsignedByte) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: has elements of IDX type 0x{:02x}; unsigned bytes (0x08) are read",
                            name, byte_at(file, 2)),
                "save the array as NPY instead");
  }
  const size_t rank = static_cast<size_t>(byte_at(file, 3));
  if (rank == 0 || file.size() - kMagicBytes < rank * kExtentBytes) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: promises {}, {} for their extents", name, counted(rank, "dimension"),
                    counted(file.size() - kMagicBytes, "byte follows", "bytes follow")),
        "the file is damaged: fetch it again");
  }
  std::vector<int64_t> shape(rank, 0);
  for (size_t i = 0; i < rank * kExtentBytes; ++i) {  // big-endian
    int64_t& extent = shape[i / kExtentBytes];
    extent = extent << 8 | byte_at(file, kMagicBytes + i);
  }
  return shape;
}

}  // namespace

IdxArray read_idx(const std::filesystem::path& path, size_t limit) {
  const auto mapped = std::make_shared<const MappedFile>(path);
  IdxArray array{{}, mapped->bytes(), mapped};
  if (array.bytes.size() >= 2 && byte_at(array.bytes, 0) == 0x1f &&
      byte_at(array.bytes, 1) == 0x8b) {
    const auto inflated = std::make_shared<const std::vector<std::byte>>(read_gzip(path, limit));
    array.bytes = *inflated;
    array.owner = inflated;
  }
  array.shape = read_shape(array.bytes, path.string());
  array.bytes = array.bytes.subspan(kMagicBytes + array.shape.size() * kExtentBytes);
  const auto wanted = shape_bytes(array.shape, 1);
  if (!wanted || *wanted != array.bytes.size()) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: its header ({}) promises {} of data, it holds {}", path.string(),
                    fmt::join(array.shape, " x "),
                    wanted ? counted(*wanted, "byte") : "more than 2^63 bytes", array.bytes.size()),
        "the file is damaged: fetch it again");
  }
  return array;
}

}  // namespace wgan
