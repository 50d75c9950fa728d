// The residual networks of Gulrajani et al. 2017, as in igul222/improved_wgan_training.
//
// Images of up to three doublings (32x32, 48x48, 28x28) get the networks of gan_cifar_resnet.py:
// `width` channels everywhere, BatchNorm in the generator, no normalisation in the critic, whose
// last layer sees the mean of each channel. Larger ones (64x64, 96x96, 128x128) get those of
// gan_64x64.py: channels double from `width` at each halving until 8 times the width, BatchNorm in
// the generator, LayerNorm in the critic. A 1x1 convolution beside upsampling or mean pooling
// stands where it meets fewer pixels; the two commute.
#pragma once

#include <cstdint>

#include "wgan/net/layer.h"

namespace wgan {

// sample: [C, H, W] whose longer side is 4 to 7 pixels doubled 2 to 7 times, and whose other side
// can be halved as often. Throws Error(kUsage) elsewhere, naming the nearest size that is.
Network resnet_generator(const Shape& sample, int64_t latent, int64_t width);
Network resnet_critic(const Shape& sample, int64_t width);

}  // namespace wgan
