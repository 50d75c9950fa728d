// How many bytes an array of a shape takes, safe against shapes made to overflow.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace wgan {

// The product of shape times item_bytes; nothing where an extent is negative or the product of the
// extents, zeros aside, or of the bytes does not fit int64. item_bytes > 0.
inline std::optional<uint64_t> shape_bytes(std::span<const int64_t> shape, int64_t item_bytes) {
  int64_t product = item_bytes;
  bool empty = false;
  for (const int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) {
      empty = true;
    } else if (__builtin_mul_overflow(product, extent, &product)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : static_cast<uint64_t>(product);
}

}  // namespace wgan
