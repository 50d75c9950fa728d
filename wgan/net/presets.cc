// Layer lists of the ready-made networks.
#include "wgan/net/presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

void want_image(const char* preset, const Shape& sample) {
  if (sample.size() != 3) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} makes images, and the data is vectors of {}", preset,
                            counted(elements(sample), "number")),
                "use --net mlp");
  }
}

// Extents of the image at each level: [0] the picture itself, then halved (rounded up) until the
// longer side is at most `longest`.
struct Level {
  int64_t height;
  int64_t width;
};
std::vector<Level> pyramid(const Shape& sample, int64_t longest) {
  std::vector<Level> levels{{sample[1], sample[2]}};
  while (std::max(levels.back().height, levels.back().width) > longest) {
    levels.push_back({(levels.back().height + 1) / 2, (levels.back().width + 1) / 2});
  }
  return levels;
}

// Of the map as large as the picture, where there is one.
int64_t full_resolution_channels(const DcganOptions& options, int64_t share) {
  return std::max<int64_t>(1, options.width / share);
}

int64_t channels_at(const DcganOptions& options, size_t level) {
  int64_t multiple = 1;
  for (size_t i = 1; i < level && multiple < options.widest; ++i) multiple *= 2;
  return options.width * std::min(multiple, options.widest);
}

void crop_to(Network& network, const Level& level, int64_t height, int64_t width) {
  if (level.height != height || level.width != width) {
    network.layers.push_back(Crop{level.height, level.width});
  }
}

}  // namespace

Network mlp_generator(const Shape& sample, int64_t latent, const MlpOptions& options) {
  Network network{{latent}, {}};
  int64_t in = latent;
  for (int64_t i = 0; i < options.depth; ++i) {
    network.layers.push_back(Linear{in, options.width});
    network.layers.push_back(LeakyRelu{options.slope});
    in = options.width;
  }
  network.layers.push_back(Linear{in, elements(sample)});
  if (sample.size() == 3) {
    network.layers.push_back(Reshape{sample});
    network.layers.push_back(Tanh{});
  }
  return network;
}

Network mlp_critic(const Shape& sample, const MlpOptions& options) {
  Network network{sample, {}};
  int64_t in = elements(sample);
  if (sample.size() == 3) network.layers.push_back(Reshape{{in}});
  for (int64_t i = 0; i < options.depth; ++i) {
    network.layers.push_back(Linear{in, options.width});
    network.layers.push_back(LeakyRelu{options.slope});
    in = options.width;
  }
  network.layers.push_back(Linear{in, 1});
  return network;
}

Network dcgan_generator(const Shape& sample, int64_t latent, const DcganOptions& options) {
  want_image("dcgan", sample);
  const auto levels = pyramid(sample, 2 * options.base - 1);
  Network network{{latent}, {}};
  auto& layers = network.layers;
  const auto activate = [&](int64_t channels) {
    if (options.batch_norm) layers.push_back(BatchNorm{channels});
    layers.push_back(LeakyRelu{0});
  };
  int64_t in = channels_at(options, levels.size() - 1);
  layers.push_back(Linear{latent, in * levels.back().height * levels.back().width, options.bias});
  layers.push_back(Reshape{{in, levels.back().height, levels.back().width}});
  activate(in);
  for (size_t level = levels.size() - 1; level > 0; --level) {
    const bool last = level == 1 && !options.full_resolution;
    const int64_t out = last         ? sample[0]
                        : level == 1 ? full_resolution_channels(options, 2)
                                     : channels_at(options, level - 1);
    const bool bias = last ? options.output_bias : options.bias;
    if (options.upsample) {
      layers.push_back(UpsampleConv2d{in, out, bias});
    } else {
      layers.push_back(ConvTranspose2d{in, out, 4, 2, 1, 0, bias});
    }
    crop_to(network, levels[level - 1], 2 * levels[level].height, 2 * levels[level].width);
    if (!last) activate(out);
    in = out;
  }
  if (options.full_resolution)
    layers.push_back(Conv2d{in, sample[0], 3, 1, 1, options.output_bias});
  layers.push_back(Tanh{});
  return network;
}

Network dcgan_critic(const Shape& sample, const DcganOptions& options) {
  want_image("dcgan", sample);
  const auto levels = pyramid(sample, 2 * options.base - 1);
  Network network{sample, {}};
  auto& layers = network.layers;
  int64_t in = sample[0];
  if (options.full_resolution) {
    const int64_t out = full_resolution_channels(options, 4);
    layers.push_back(Conv2d{in, out, 3, 1, 1, options.bias});
    layers.push_back(LeakyRelu{0.2});
    in = out;
  }
  Shape shape = sample;
  for (size_t level = 1; level < levels.size(); ++level) {
    const int64_t out = channels_at(options, level);
    // Odd extents: one more row and column of zeros, so that ceil(n / 2) remain.
    const bool odd = shape[1] % 2 != 0 || shape[2] % 2 != 0;
    if (odd) layers.push_back(Pad{0, 1});
    layers.push_back(Conv2d{in, out, 4, 2, 1, options.bias});
    if (options.critic_batch_norm && level > 1) layers.push_back(BatchNorm{out});
    layers.push_back(LeakyRelu{0.2});
    in = out;
    shape = {out, (shape[1] + odd) / 2, (shape[2] + odd) / 2};
  }
  layers.push_back(Reshape{{elements(shape)}});
  layers.push_back(Linear{elements(shape), 1, options.output_bias});
  return network;
}

Network gulrajani_generator(const Shape& sample, int64_t latent, int64_t width) {
  want_image("dcgan", sample);
  const bool mnist = sample == Shape{1, 28, 28};
  const auto levels = pyramid(sample, 7);
  // gan_mnist.py starts from 4x4 and cuts 8x8 to 7x7; others start where doubling ends at the size.
  std::vector<Level> sizes(levels.rbegin(), levels.rend());
  if (mnist) sizes.insert(sizes.begin(), {4, 4});
  const size_t doublings = sizes.size() - 1;
  int64_t in = width << (doublings - 1);
  Network network{{latent}, {}};
  auto& layers = network.layers;
  const int64_t base = in * sizes[0].height * sizes[0].width;
  layers.push_back(Linear{latent, base});
  if (!mnist) layers.push_back(BatchNorm{base});
  layers.push_back(LeakyRelu{0});
  layers.push_back(Reshape{{in, sizes[0].height, sizes[0].width}});
  for (size_t i = 0; i < doublings; ++i) {
    const bool last = i + 1 == doublings;
    const int64_t out = last ? sample[0] : in / 2;
    layers.push_back(ConvTranspose2d{in, out, 5, 2, 2, 1});
    crop_to(network, sizes[i + 1], 2 * sizes[i].height, 2 * sizes[i].width);
    if (!last) {
      if (!mnist) layers.push_back(BatchNorm{out});
      layers.push_back(LeakyRelu{0});
    }
    in = out;
  }
  if (mnist) {
    layers.push_back(Sigmoid{});
  } else {
    layers.push_back(Tanh{});
  }
  return network;
}

Network gulrajani_critic(const Shape& sample, int64_t width) {
  want_image("dcgan", sample);
  const auto levels = pyramid(sample, sample == Shape{1, 28, 28} ? 4 : 7);
  Network network{sample, {}};
  auto& layers = network.layers;
  int64_t in = sample[0];
  Shape shape = sample;
  for (size_t level = 1; level < levels.size(); ++level) {
    const int64_t out = width << (level - 1);
    layers.push_back(Conv2d{in, out, 5, 2, 2});
    layers.push_back(LeakyRelu{0.2});
    in = out;
    shape = {out, (shape[1] + 1) / 2, (shape[2] + 1) / 2};
  }
  layers.push_back(Reshape{{elements(shape)}});
  layers.push_back(Linear{elements(shape), 1});
  return network;
}

}  // namespace wgan
