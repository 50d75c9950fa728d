// What the critic sees of pictures, changed at random, so that it cannot learn few of them by heart
// (Zhao et al. 2020, "Differentiable augmentation for data-efficient GAN training").
//
// For fixed draws every change is affine in the picture, A x + b. So gradients pass by the adjoint
// A^T, and the tangents of a gradient penalty by A. In this order:
//   flip         left to right
//   color        brightness + U[-1/2, 1/2), saturation: U[0, 2) times the distance from the mean of
//                the pixel's channels, contrast: U[1/2, 3/2) times that from the picture's mean
//   translation  by whole pixels up to an eighth of each side; zeros come in
//   cutout       zeros in a square of half the sides, clipped at the border
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "wgan/core/random.h"
#include "wgan/net/generator_state.h"
#include "wgan/net/layer.h"

namespace wgan {

// Which changes there are.
struct Augment {
  bool flip = false;
  bool color = false;
  bool translation = false;
  bool cutout = false;
  int64_t conditions = 0;  // the last so many channels are no picture and stay as they are

  bool any() const { return flip || color || translation || cutout; }
};

// "none", or names with commas between. Throws Error(kUsage) naming --augment.
Augment parse_augment(const std::string& text);

// How each of `rows` pictures is changed: [rows, kAugmentDraws] float32 on the CPU, a function of
// the address, whose index belongs to the first picture, that of the next being one more. strength:
// the probability with which a picture gets each change (a flip is then as likely as none). sample:
// [C, H, W]; range: of the pixels.
inline constexpr int64_t kAugmentDraws = 8;
at::Tensor augment_draws(const Augment& augment, double strength, const Shape& sample,
                         PixelRange range, const RandomAddress& first, int64_t rows);

// A x + b. x: [B, C, H, W]; draws: [B, kAugmentDraws], or undefined, which changes nothing.
// Differentiable in x.
at::Tensor augmented(const Augment& augment, const at::Tensor& x, const at::Tensor& draws);

// A t
at::Tensor augmented_tangent(const Augment& augment, const at::Tensor& t, const at::Tensor& draws);

// A^T d
at::Tensor augmented_adjoint(const Augment& augment, const at::Tensor& d, const at::Tensor& draws);

}  // namespace wgan
