// MNIST's file format, IDX, plain or gzip-compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace wgan {

// An array of uint8 in C order: images [N, H, W], labels [N]. `bytes` has the product of shape
// bytes and lives as long as `owner`.
struct IdxArray {
  std::vector<int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
};

// Reads an IDX file of unsigned bytes: mapped where it is plain, decompressed into at most `limit`
// bytes where it begins as gzip does, whatever its name. Throws Error(kData) where the file is
// damaged, has another element type, or holds fewer or more bytes than its header promises.
IdxArray read_idx(const std::filesystem::path& path, size_t limit = size_t{4} << 30);

}  // namespace wgan
