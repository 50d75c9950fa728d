// Blocks without normalisation, and the two networks made of them.
#include "wgan/net/modern.h"

#include <numeric>

#include "wgan/net/doublings.h"

namespace wgan {
namespace {

constexpr int64_t kBlocks = 2;  // at each resolution
constexpr int64_t kExpansion = 2;
constexpr int64_t kGroupChannels = 16;
constexpr double kSlope = 0.2;

Conv2d conv1(int64_t in, int64_t out, bool bias) { return {in, out, 1, 1, 0, bias}; }

void add_blocks(Layers& layers, int64_t channels) {
  const int64_t inside = kExpansion * channels;
  const int64_t groups = inside / std::gcd(inside, kGroupChannels);
  for (int64_t i = 0; i < kBlocks; ++i) {
    layers.push_back(Residual{{conv1(channels, inside, true), LeakyRelu{kSlope},
                               GroupedConv2d{inside, inside, 3, 1, 1, groups, true},
                               LeakyRelu{kSlope}, conv1(inside, channels, false)},
                              {}});
  }
}

}  // namespace

Network modern_generator(const Shape& sample, int64_t latent, int64_t width) {
  const int64_t doublings = doublings_of(sample, "modern");
  int64_t channels = channels_at(width, doublings);
  Network network{{latent}, {}};
  Layers& layers = network.layers;
  layers.push_back(Linear{latent, channels, false});
  layers.push_back(Basis{channels, sample[1] >> doublings, sample[2] >> doublings});
  add_blocks(layers, channels);
  for (int64_t halvings = doublings; halvings-- > 0;) {
    const int64_t next = channels_at(width, halvings);
    if (next != channels) layers.push_back(conv1(channels, next, false));
    layers.push_back(FilterUp2x{});
    add_blocks(layers, next);
    channels = next;
  }
  layers.push_back(conv1(channels, sample[0], false));
  return network;
}

Network modern_critic(const Shape& sample, int64_t width) {
  const int64_t doublings = doublings_of(sample, "modern");
  int64_t channels = width;
  Network network{sample, {}};
  Layers& layers = network.layers;
  layers.push_back(conv1(sample[0], channels, false));
  add_blocks(layers, channels);
  for (int64_t halvings = 1; halvings <= doublings; ++halvings) {
    const int64_t next = channels_at(width, halvings);
    layers.push_back(FilterDown2x{});
    if (next != channels) layers.push_back(conv1(channels, next, false));
    add_blocks(layers, next);
    channels = next;
  }
  layers.push_back(BasisTranspose{channels, sample[1] >> doublings, sample[2] >> doublings});
  layers.push_back(Linear{channels, 1, false});
  return network;
}

}  // namespace wgan
