// Pictures as bytes that people see, and as the values that networks see.
//
// RGBA as bytes has straight alpha: the colours are not multiplied by it. Networks see colours that
// are (premultiplied), so that what lies below transparent pixels is nothing to them.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/net/generator_state.h"

namespace wgan {

// values: [N, C, H, W] in the range. Returns uint8 [N, H, W, C]; RGBA is black where alpha is 0.
at::Tensor to_pictures(const at::Tensor& values, PixelRange range);

// The inverse: uint8 [N, H, W, C] to float32 [N, C, H, W] in the range.
at::Tensor to_values(const at::Tensor& pictures, PixelRange range);

// uint8 [N, H, W, C] to float32 in 0..255, RGBA premultiplied.
at::Tensor premultiplied(const at::Tensor& pictures);

// RGBA, uint8 [N, H, W, 4], on white: float32 [N, H, W, 3] in 0..255.
at::Tensor on_white(const at::Tensor& pictures);

}  // namespace wgan
