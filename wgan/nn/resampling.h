// Pictures at half and at double resolution by the filter [1, 3, 3, 1] along both axes, with zeros
// outside: FilterDown2x and FilterUp2x. Autograd goes through both, as often as it likes.
//
// Along one axis, with x outside of the picture 0,
//   down  y_o = (x_{2o-1} + 3 x_{2o} + 3 x_{2o+1} + x_{2o+2}) / 8
//   up    y_{2m} = (x_{m-1} + 3 x_m) / 4,  y_{2m+1} = (3 x_m + x_{m+1}) / 4
// so up is twice the transpose of down, and four times along both. The padding is that of
// upfirdn2d in the published code of StyleGAN 2 (Karras et al. 2020).
#pragma once

#include <ATen/core/Tensor.h>

namespace wgan {

// x: [B, C, H, W] floating, H and W even. Returns [B, C, H/2, W/2] in channels-last order, times
// `factor`.
at::Tensor filtered_down(const at::Tensor& x, double factor = 1);

// x: [B, C, H, W] floating. Returns [B, C, 2H, 2W] in channels-last order, times `factor`.
at::Tensor filtered_up(const at::Tensor& x, double factor = 1);

}  // namespace wgan
