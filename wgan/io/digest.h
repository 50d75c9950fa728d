// SHA-256 (FIPS 180-4): the identity of data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace wgan {

// The digest of all bytes given to update(), in whatever pieces.
class Sha256 {
 public:
  void update(std::span<const std::byte> bytes);
  std::string hex() const;  // 64 lower-case digits; more may follow

 private:
  void compress(const std::byte* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> block_{};  // the first length_ % 64 bytes wait for the rest
  uint64_t length_ = 0;                // bytes so far
};

std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace wgan
