// Compression with zlib: .gz files, and the raw deflate streams inside zip archives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace wgan {

// Whether this build can (de)compress (CMake option WGAN_WITH_ZLIB). Where not, the functions below
// throw Error(kUsage), but for crc32.
bool has_zlib();

// The decompressed contents of a gzip file of one or more members. Throws Error(kData) where the
// file is truncated or corrupt, its checksum is wrong, or it holds more than `limit` bytes.
std::vector<std::byte> read_gzip(const std::filesystem::path& path, size_t limit);

// The `size` bytes that a raw deflate stream holds. name: what the stream is, for messages. Throws
// Error(kData) where it is corrupt or holds more or fewer bytes; nothing is allocated for a size
// that deflate cannot reach.
std::vector<std::byte> inflate_raw(std::span<const std::byte> deflated, size_t size,
                                   const std::string& name);

// The raw deflate stream of these bytes, of less than 2 GiB.
std::vector<std::byte> deflate_raw(std::span<const std::byte> bytes);

// The CRC-32 that gzip and zip use.
uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace wgan
