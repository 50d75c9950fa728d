// Multi-scale structural similarity, and the diversity of a set of images as the similarity of
// random pairs of them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

// How many scales images of these sides allow: each scale halves the sides, rounding up, and the
// window wants 11 pixels; at most 5, which take more than 160 pixels. 0 below 11 pixels.
int64_t ms_ssim_scales(int64_t height, int64_t width);

struct Similarities {
  at::Tensor values;   // [N] float64 on the CPU, in [0, 1]
  int64_t scales = 0;  // used
};

// MS-SSIM of a_i and b_i (Wang, Simoncelli and Bovik 2003, Eq. 7): the products of contrast and
// structure of each scale, to the powers .0448, .2856, .3001, .2363, .1333, times the luminance of
// the last. Where the size allows fewer than 5 scales, the first weights are divided by their sum:
// such values compare with others of the same number of scales alone. A Gaussian window of 11
// pixels and deviation 1.5 within the image, K1 = .01, K2 = .03, a range of 255, scales by means of
// 2x2 pixels (of what there is at an odd edge), negative means of contrast taken as 0. Channels are
// measured one by one and averaged. a, b: uint8 [N, H, W, C] of one shape, H and W at least 11.
// Computed in float64, some pairs at a time. Throws Error(kUsage).
Similarities ms_ssim(const at::Tensor& a, const at::Tensor& b);

struct MsSsimOptions {
  int64_t pairs = 1000;
  uint64_t seed = 0;
};

struct MsSsimDiversity {
  double mean = 0;            // of the pairs: high where images are alike
  double deviation = 0;       // of the pairs' values (divided by their number, as numpy.std)
  double standard_error = 0;  // of the mean, as if no two pairs shared an image
  int64_t scales = 0;
  at::Tensor values;  // [pairs] float64
};

// ms_ssim of random pairs of different images (Odena, Olah and Shlens 2017, section 4.2, there
// within each class). Only beside the value of as many pairs of real images does it tell of
// diversity: a mode collapse is above it. images: uint8 [N, H, W, C], N >= 2. Throws as ms_ssim,
// and Error(kUsage) for fewer than 2 pairs.
MsSsimDiversity ms_ssim_diversity(const at::Tensor& images, const MsSsimOptions& options = {});

}  // namespace wgan
