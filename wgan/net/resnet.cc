// Residual blocks, and the two networks made of them for small and for large images.
#include "wgan/net/resnet.h"

#include "wgan/net/doublings.h"
#include "wgan/net/variants.h"

namespace wgan {
namespace {

enum class Resample { kNone, kUp, kDown };

struct Block {
  int64_t in;
  int64_t out;
  Resample resample;
  Norm norm;
  bool first_bias;  // of the block's first convolution
};

Conv2d conv3(int64_t in, int64_t out, bool bias = true) { return {in, out, 3, 1, 1, bias}; }

// Normalise, rectify, convolve, twice; resampled on the way.
Residual residual_block(const Block& b) {
  Residual residual;
  Layers& body = residual.body;
  const int64_t inside = b.resample == Resample::kUp ? b.out : b.in;
  add_norm(body, b.norm, b.in);
  body.push_back(LeakyRelu{0});
  if (b.resample == Resample::kUp) {
    body.push_back(UpsampleConv2d{b.in, inside, b.first_bias});
  } else {
    body.push_back(conv3(b.in, inside, b.first_bias));
  }
  add_norm(body, b.norm, inside);
  body.push_back(LeakyRelu{0});
  body.push_back(conv3(inside, b.out));
  if (b.resample == Resample::kDown) {
    body.push_back(MeanPool2x{});
    residual.shortcut.push_back(MeanPool2x{});
  }
  if (b.in != b.out || b.resample != Resample::kNone) {
    residual.shortcut.push_back(Conv2d{b.in, b.out, 1});
  }
  if (b.resample == Resample::kUp) residual.shortcut.push_back(Upsample2x{});
  return residual;
}

bool is_small(int64_t doublings) { return doublings <= 3; }

}  // namespace

Network resnet_generator(const Shape& sample, int64_t latent, int64_t width) {
  const int64_t doublings = doublings_of(sample, "resnet");
  const bool small = is_small(doublings);
  const int64_t height = sample[1] >> doublings, breadth = sample[2] >> doublings;
  int64_t in = small ? width : channels_at(width, doublings);
  Network network{{latent}, {}};
  Layers& layers = network.layers;
  layers.push_back(Linear{latent, in * height * breadth});
  layers.push_back(Reshape{{in, height, breadth}});
  for (int64_t i = 0; i < doublings; ++i) {
    // The widest stays at the first doubling: 8, 8, 4, 2, 1.
    const int64_t out = small ? width : channels_at(width, doublings - 1 - i);
    layers.push_back(residual_block({in, out, Resample::kUp, Norm::kBatch, small}));
    in = out;
  }
  layers.push_back(BatchNorm{in});
  layers.push_back(LeakyRelu{0});
  layers.push_back(conv3(in, sample[0]));
  layers.push_back(Tanh{});
  return network;
}

Network resnet_critic(const Shape& sample, int64_t width) {
  const int64_t doublings = doublings_of(sample, "resnet");
  Network network{sample, {}};
  Layers& layers = network.layers;
  if (is_small(doublings)) {
    const auto block = [&](Resample resample) {
      layers.push_back(residual_block({width, width, resample, Norm::kNone, true}));
    };
    // The first block sees pixels, which nothing rectifies.
    layers.push_back(
        Residual{{conv3(sample[0], width), LeakyRelu{0}, conv3(width, width), MeanPool2x{}},
                 {MeanPool2x{}, Conv2d{sample[0], width, 1}}});
    block(Resample::kDown);
    block(Resample::kNone);
    block(Resample::kNone);
    layers.push_back(LeakyRelu{0});
    layers.push_back(GlobalMean{});
    layers.push_back(Linear{width, 1});
    return network;
  }
  layers.push_back(conv3(sample[0], width));
  int64_t in = width;
  for (int64_t i = 1; i <= doublings; ++i) {
    const int64_t out = channels_at(width, i);
    layers.push_back(residual_block({in, out, Resample::kDown, Norm::kLayer, false}));
    in = out;
  }
  const int64_t left = in * (sample[1] >> doublings) * (sample[2] >> doublings);
  layers.push_back(Reshape{{left}});
  layers.push_back(Linear{left, 1});
  return network;
}

}  // namespace wgan
