// Scaling, and multiplying by alpha and back.
#include "wgan/train/pixels.h"

#include <torch/types.h>

namespace wgan {
namespace {

constexpr int64_t kRgba = 4;  // channels

// [N, 4, H, W] premultiplied in 0..255 to straight alpha in 0..255, unrounded colours.
at::Tensor straight(const at::Tensor& scaled) {
  const at::Tensor alpha = scaled.narrow(1, 3, 1).round().clamp(0, 255);
  const at::Tensor colour = scaled.narrow(1, 0, 3) * 255 / alpha.clamp_min(1);
  return torch::cat({colour.masked_fill(alpha.eq(0), 0), alpha}, 1);
}

}  // namespace

at::Tensor to_pictures(const at::Tensor& values, PixelRange range) {
  at::Tensor scaled = range == PixelRange::kUnit ? values * 255 : (values + 1) * 127.5;
  if (scaled.size(1) == kRgba) scaled = straight(scaled);
  return scaled.round().clamp(0, 255).to(torch::kUInt8).permute({0, 2, 3, 1}).contiguous();
}

at::Tensor to_values(const at::Tensor& pictures, PixelRange range) {
  const at::Tensor x = premultiplied(pictures).permute({0, 3, 1, 2});
  return range == PixelRange::kUnit ? x / 255 : x / 127.5 - 1;
}

at::Tensor premultiplied(const at::Tensor& pictures) {
  const at::Tensor x = pictures.to(torch::kFloat32);
  if (x.size(3) != kRgba) return x;
  const at::Tensor alpha = x.narrow(3, 3, 1);
  return torch::cat({x.narrow(3, 0, 3) * alpha / 255, alpha}, 3);
}

at::Tensor on_white(const at::Tensor& pictures) {
  const at::Tensor x = premultiplied(pictures);
  return x.narrow(3, 0, 3) + (255 - x.narrow(3, 3, 1));
}

}  // namespace wgan
