// Pictures of samples: grids of images, clouds of points and lines for vectors.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/io/image.h"

namespace wgan {

// rows: uint8 [N, H, W, C], N >= 1; tiles from left to right, `columns` a row (0: about square).
// Small tiles are enlarged by a whole factor; RGBA lies on a checkerboard.
Image image_grid(const at::Tensor& rows, int64_t columns);

// rows: uint8 [N, H, W, C]. Row `index` as it is.
Image picture_of(const at::Tensor& rows, int64_t index);

// Row `index` as a frame of an animation: a grid of one; RGBA enlarged as there, on nothing.
Image animation_frame(const at::Tensor& rows, int64_t index);

// The first two columns of vectors as points (of one column: its values along a random second
// coordinate): `real` [M, D] in grey beneath `fake` [N, D] in blue, of any type. The frame is
// that of the real points with a margin. M >= 1.
Image point_cloud(const at::Tensor& real, const at::Tensor& fake);

// lines: [L, P, 2], L, P >= 1, P points each, joined; from blue for the first to orange for the
// last. cloud: [M, 2], points in grey beneath them, may be empty. The frame is that of all of them
// with a margin.
Image line_plot(const at::Tensor& cloud, const at::Tensor& lines);

}  // namespace wgan
