// The networks of Huang et al. 2024, "The GAN is dead; long live the GAN!" (R3GAN), after
// brownvc/R3GAN: residual blocks without normalisation, resampling by a fixed filter.
//
// At each resolution stand two blocks x + body(x), whose body is a 1x1 convolution to twice the
// channels, one of kernel 3 in groups of 16 channels, and a 1x1 convolution back, with a LeakyReLU
// of slope 0.2 after the first two and biases before it. Where 16 does not divide the channels
// inside, a group has the largest power of 2 that does. Channels double from `width` at each
// halving until 8 times the width; 1x1 convolutions without biases change their number beside
// FilterUp2x (before it) and FilterDown2x (after it). The generator starts from a learnt basis of
// the smallest picture and ends in a 1x1 convolution, without tanh: what lies beyond [-1, 1] is
// clipped where pixels are written. The critic ends in a basis too. `--init scaled-depth` belongs
// to them (nn/init.h).
#pragma once

#include <cstdint>

#include "wgan/net/layer.h"

namespace wgan {

// sample: [C, H, W] of the sizes that doublings_of (net/doublings.h) knows, and throws as it does.
Network modern_generator(const Shape& sample, int64_t latent, int64_t width);
Network modern_critic(const Shape& sample, int64_t width);

}  // namespace wgan
