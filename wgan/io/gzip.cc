// Calls zlib's inflate piece by piece, never trusting a stated size, and its deflate.
#include "wgan/io/gzip.h"

#include <fmt/format.h>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/mapped_file.h"

#ifdef WGAN_WITH_ZLIB
#include <zlib.h>

#include <algorithm>
#include <new>

namespace wgan {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 30;  // fits zlib's 32-bit counters
constexpr size_t kFirstOutputBytes = size_t{1} << 16;
constexpr size_t kLargestRatio = 1032;  // of deflate: 258 bytes from 2 bits
constexpr int kGzipWindow = 15 + 16;    // zlib: the largest window, gzip wrapping
constexpr int kRawWindow = -15;         // zlib: the largest window, no wrapping

// Decompresses one input into a caller's growing output.
class Inflater {
 public:
  Inflater(std::span<const std::byte> input, int window) : input_(input) {
    if (inflateInit2(&stream_, window) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  // Fills `out` as far as the input reaches. Returns the bytes written.
  size_t read(std::span<std::byte> out) {
    const size_t in_now = std::min(input_.size(), kPieceBytes);
    const size_t out_now = std::min(out.size(), kPieceBytes);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input_.data()));
    stream_.avail_in = static_cast<uInt>(in_now);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(out_now);
    status_ = inflate(&stream_, Z_NO_FLUSH);
    if (status_ == Z_MEM_ERROR) throw std::bad_alloc();
    input_ = input_.subspan(in_now - stream_.avail_in);
    return out_now - stream_.avail_out;
  }

  bool ended() const { return status_ == Z_STREAM_END; }
  bool corrupt() const { return status_ == Z_DATA_ERROR || status_ == Z_NEED_DICT; }
  const char* reason() const { return stream_.msg != nullptr ? stream_.msg : "bad data"; }
  size_t input_left() const { return input_.size(); }
  void restart() { inflateReset(&stream_); }

 private:
  std::span<const std::byte> input_;
  z_stream stream_{};
  int status_ = Z_OK;
};

[[noreturn]] void throw_corrupt(const std::string& name, const std::string& what) {
  throw Error(ErrorKind::kData, name + ": " + what, "the file is damaged: fetch or make it again");
}

}  // namespace

bool has_zlib() { return true; }

std::vector<std::byte> read_gzip(const std::filesystem::path& path, size_t limit) {
  const MappedFile file(path);
  const std::string name = path.string();
  Inflater inflater(file.bytes(), kGzipWindow);
  std::vector<std::byte> out(std::min(limit, kFirstOutputBytes));
  size_t size = 0;
  while (true) {
    if (size == out.size() && size < limit) out.resize(size + std::min(size, limit - size));
    // At the limit, one spare byte tells a stream that ends here from one that goes on.
    std::byte spare;
    const bool full = size == limit;
    const size_t got =
        full ? inflater.read({&spare, 1}) : inflater.read(std::span(out).subspan(size));
    if (full && got > 0) {
      throw Error(ErrorKind::kData,
                  fmt::format("{}: holds more than {} bytes when decompressed", name, limit),
                  "decompress it first, or check that it is the right file");
    }
    size += got;
    if (inflater.corrupt()) {
      throw_corrupt(name, fmt::format("cannot be decompressed: {}", inflater.reason()));
    }
    if (inflater.ended()) {
      if (inflater.input_left() == 0) break;
      inflater.restart();  // the next member
    } else if (got == 0 && inflater.input_left() == 0) {
      throw_corrupt(name, fmt::format("ends in the middle of its compressed data, after {}",
                                      counted(file.bytes().size(), "byte")));
    }
  }
  out.resize(size);
  return out;
}

std::vector<std::byte> inflate_raw(std::span<const std::byte> deflated, size_t size,
                                   const std::string& name) {
  if (size / kLargestRatio > deflated.size()) {
    throw_corrupt(name, fmt::format("promises {}, more than {} can hold", counted(size, "byte"),
                                    counted(deflated.size(), "compressed byte")));
  }
  Inflater inflater(deflated, kRawWindow);
  std::vector<std::byte> out(size + 1);  // the spare byte shows a stream that holds more
  size_t got_in_all = 0;
  while (!inflater.ended()) {
    const size_t got = inflater.read(std::span(out).subspan(got_in_all));
    got_in_all += got;
    if (inflater.corrupt()) {
      throw_corrupt(name, fmt::format("cannot be decompressed: {}", inflater.reason()));
    }
    if (got_in_all > size || (got == 0 && !inflater.ended())) break;
  }
  if (!inflater.ended() || got_in_all != size || inflater.input_left() != 0) {
    throw_corrupt(name,
                  fmt::format("promises {}, its compressed data holds {}", counted(size, "byte"),
                              got_in_all > size ? "more" : std::to_string(got_in_all)));
  }
  out.resize(size);
  return out;
}

std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes) {
  constexpr int kMemoryLevel = 8;  // zlib's default
  if (bytes.size() > UINT32_MAX / 2) {
    throw Error(ErrorKind::kInternal, fmt::format("{} bytes to deflate at once", bytes.size()));
  }
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kRawWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw Error(ErrorKind::kInternal, "deflate passed its own bound");
  return out;
}

uint32_t crc32(std::span<const std::byte> bytes) {
  return static_cast<uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace wgan

#else

namespace wgan {
namespace {

[[noreturn]] void throw_without_zlib(const std::string& name) {
  throw Error(ErrorKind::kUsage, name + ": is compressed, and wgan was built without zlib",
              "decompress it first, or build with -DWGAN_WITH_ZLIB=ON");
}

}  // namespace

bool has_zlib() { return false; }

std::vector<std::byte> read_gzip(const std::filesystem::path& path, size_t) {
  throw_without_zlib(path.string());
}

std::vector<std::byte> inflate_raw(std::span<const std::byte>, size_t, const std::string& name) {
  throw_without_zlib(name);
}

std::vector<std::byte> deflate_raw(std::span<const std::byte>) {
  throw_without_zlib("an archive to write");
}

uint32_t crc32(std::span<const std::byte> bytes) {
  uint32_t checksum = 0xffffffff;
  for (const std::byte byte : bytes) {
    checksum ^= std::to_integer<uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) checksum = checksum >> 1 ^ (checksum & 1 ? 0xedb88320 : 0);
  }
  return ~checksum;
}

}  // namespace wgan

#endif
