// Pictures as the networks make them, as pictures are shown and classified.
#pragma once

#include <torch/types.h>

namespace wgan {

// samples: [N, C, H, W] in [-1, 1]. Returns uint8 [N, H, W, C].
inline at::Tensor pictures_of(const at::Tensor& samples) {
  const at::Tensor bytes = ((samples + 1) * 127.5).round().clamp(0, 255);
  return bytes.to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
}

}  // namespace wgan
