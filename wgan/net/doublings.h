// Pictures that networks double from a small one, and halve to it: which sizes there are, and how
// many channels stand at each.
#pragma once

#include <cstdint>

#include "wgan/net/layer.h"

namespace wgan {

// How often the smallest picture inside, 4 to 7 pixels on its longer side, is doubled to make
// `sample` [C, H, W]: 2 to 7 times. net: whose name stands in errors ("resnet"). Throws
// Error(kUsage) where there is no such picture, naming the nearest size that has one.
int64_t doublings_of(const Shape& sample, const char* net);

// Channels at a picture that is halved so often: doubled from `width` at each halving until 8 times
// the width.
int64_t channels_at(int64_t width, int64_t halvings);

}  // namespace wgan
