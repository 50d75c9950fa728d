// The ready-made networks: functions that return a list of layers.
//
// Sample shapes are [C, H, W] (C 1, 3 or 4, sides 8 to 1024) or [D]. Critics end in one number
// without a sigmoid; generators end in tanh ([-1, 1]), in a sigmoid ([0, 1]), or, for vectors, in
// nothing.
#pragma once

#include "wgan/net/layer.h"

namespace wgan {

struct MlpOptions {
  int64_t width = 512;
  int64_t depth = 3;   // hidden layers
  double slope = 0.0;  // of the LeakyRelu between them
};
Network mlp_generator(const Shape& sample, int64_t latent, const MlpOptions& options);
Network mlp_critic(const Shape& sample, const MlpOptions& options);

// Radford et al. 2016 as in martinarjovsky/WassersteinGAN: kernel 4, stride 2, padding 1; channels
// double from `width` at each halving of the image until `widest` times the width.
struct DcganOptions {
  int64_t width = 64;
  int64_t base = 4;  // the smallest image inside is base to 2 base - 1 pixels on its longer side
  int64_t widest = 1024;
  bool batch_norm = true;  // in the generator
  bool upsample = false;   // in the generator: nearest neighbour and a convolution of kernel 3
                           // in place of each transposed one (Odena et al. 2016)
  bool full_resolution = false;  // one more feature map on each side, as large as the picture: of
                                 // half of `width` in the generator and a quarter in the critic,
                                 // between which and the picture there is a convolution of kernel 3
  bool critic_batch_norm = true;  // not on its first layer
  bool bias = false;              // of the convolutions (and the first Linear)
  bool output_bias = false;       // of the layers that make the image and the critic's number
};
Network dcgan_generator(const Shape& sample, int64_t latent, const DcganOptions& options);
Network dcgan_critic(const Shape& sample, const DcganOptions& options);

// igul222/improved_wgan_training: kernel 5, stride 2. For 28x28x1 the networks of gan_mnist.py (no
// normalisation, sigmoid), otherwise those of gan_cifar.py (BatchNorm in the generator, tanh),
// continued to other sizes by more or fewer doublings. TensorFlow's SAME padding puts one pixel
// before even extents and two after; here it is two and one, the mirror image, which the
// convolutions of LibTorch know without padded copies.
Network gulrajani_generator(const Shape& sample, int64_t latent, int64_t width);
Network gulrajani_critic(const Shape& sample, int64_t width);

}  // namespace wgan
