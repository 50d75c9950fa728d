// Generators of every preset, and random ones, with numbers as training leaves them: what other
// ways to run a network are compared with.
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <utility>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/net/modern.h"
#include "wgan/net/presets.h"
#include "wgan/net/resnet.h"
#include "wgan/net/test_support.h"
#include "wgan/net/variants.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/init.h"

namespace wgan {

inline std::vector<std::vector<float>> numbers_of(const std::vector<at::Tensor>& tensors) {
  std::vector<std::vector<float>> numbers;
  for (const at::Tensor& t : tensors) {
    const at::Tensor flat = t.contiguous().view(-1);
    numbers.emplace_back(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  }
  return numbers;
}

// Weights as at the start of training, and memory and biases as if there had been some.
inline Model trained_like(const Network& network, uint64_t seed) {
  Model model = make_model(network, torch::kFloat32, Training::kNo);
  initialise(model, Init::kScaledUniformHe, seed, 0);
  torch::manual_seed(seed);
  for (size_t i = 0; i < model.frozen.size(); ++i) {
    if (model.frozen[i].dim() == 1) model.frozen[i].add_(0.3 * torch::randn_like(model.frozen[i]));
  }
  const auto slots = state_slots(network);
  for (size_t i = 0; i < model.memory.size(); ++i) {
    if (slots[i].name.ends_with("running_var") || slots[i].name.ends_with("length")) {
      model.memory[i].copy_(torch::rand_like(model.memory[i]) + 0.5);
    } else if (!slots[i].name.ends_with("draws")) {
      model.memory[i].copy_(torch::randn_like(model.memory[i]));
    }
    if (slots[i].name.ends_with("left")) model.memory[i].div_(model.memory[i].norm());
  }
  return model;
}

inline Model in_double(const Model& model) {
  Model copy = make_model(model.network, torch::kFloat64, Training::kNo);
  copy.parameters.copy_(model.parameters);
  copy.state.copy_(model.state);
  return copy;
}

// [N, ...] as a forward run gives it to [N, numbers], pictures [H, W, C].
inline at::Tensor channels_last_rows(const at::Tensor& y) {
  return (y.dim() == 4 ? y.permute({0, 2, 3, 1}) : y).contiguous().flatten(1);
}

inline DcganOptions fast_options(int64_t width) {
  DcganOptions options;
  options.width = width;
  options.widest = 8;
  options.upsample = true;
  options.full_resolution = true;
  options.bias = options.output_bias = true;
  return options;
}

// With their names.
inline std::vector<std::pair<std::string, Network>> preset_generators() {
  DcganOptions paper;
  paper.width = 16;
  const Network fast = dcgan_generator({3, 32, 32}, 16, fast_options(8));
  std::vector<std::pair<std::string, Network>> networks{
      {"mlp", mlp_generator({7}, 3, {64, 3, 0.2})},
      {"mlp of pictures", mlp_generator({3, 8, 6}, 3, {64, 3, 0})},
      {"fast", dcgan_generator({3, 64, 64}, 32, fast_options(16))},
      {"fast, rectangle, RGBA", dcgan_generator({4, 45, 70}, 32, fast_options(8))},
      {"paper", dcgan_generator({3, 64, 64}, 100, paper)},
      {"gulrajani of MNIST", gulrajani_generator({1, 28, 28}, 128, 16)},
      {"gulrajani", gulrajani_generator({3, 32, 32}, 128, 16)},
      {"with a reference batch", layers_with_reference()},
      {"fast, virtual norm", with_norm(fast, Norm::kVirtual, 16)},
      {"fast, layer norm", with_norm(fast, Norm::kLayer, 0)}};
  for (const int64_t size : {28, 32, 64, 128}) {
    networks.emplace_back("resnet " + std::to_string(size),
                          resnet_generator({3, size, size}, 128, 8));
  }
  for (const int64_t size : {16, 32, 64}) {
    networks.emplace_back("modern " + std::to_string(size),
                          modern_generator({3, size, size}, 64, 16));
  }
  return networks;
}

// Layers drawn one after the other, each of which fits what is before it.
class RandomNetwork {
 public:
  explicit RandomNetwork(uint64_t seed) : draws_({seed, Stream::kTest, 0, 0}) {}

  Network draw() {
    Network network{{number(1, 20)}, {}};
    network.spectral_norm = chance(8);
    network.weight_norm = !network.spectral_norm && chance(8);
    shape_ = network.input;
    virtual_ = chance(6);
    if (virtual_) network.layers.push_back(ReferenceBatch{number(2, 9), shape_[0]});
    const int64_t units = number(1, 6) * 2, height = number(1, 5), width = number(1, 5);
    if (chance(3)) {
      add(network.layers, Linear{shape_[0], units, chance(2)});
      add(network.layers, Basis{units, height, width});
    } else {
      add(network.layers, Linear{shape_[0], units * height * width, chance(2)});
      if (chance(3) && !virtual_) add(network.layers, BatchNorm{shape_[0]});
      if (chance(3)) add(network.layers, LeakyRelu{0.2});
      add(network.layers, Reshape{{units, height, width}});
    }
    const int64_t count = number(1, 9);
    for (int64_t i = 0; i < count; ++i) add_any(network.layers, /*depth=*/0);
    add(network.layers, Conv2d{shape_[0], number(1, 4), 3, 1, 1});
    if (chance(2)) add(network.layers, Tanh{});
    return network;
  }

 private:
  int64_t number(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(draws_.below(static_cast<uint32_t>(high - low + 1)));
  }
  bool chance(uint32_t one_in) { return draws_.below(one_in) == 0; }

  void add(Layers& layers, Layer layer) {
    shape_ = output_shape(layer, shape_);
    layers.push_back(std::move(layer));
  }

  void add_norm_or_curve(Layers& layers) {
    switch (number(0, 5)) {
      case 0:
        if (virtual_) return add(layers, VirtualBatchNorm{shape_[0], 1e-3});
        return add(layers, BatchNorm{shape_[0], 0.1, 1e-3});
      case 1:
        return add(layers, LayerNorm{shape_[0], 1e-3});
      case 2:
        return add(layers, ScaledSoftplus{});
      case 3:
        return add(layers, Sigmoid{});
      case 4:
        return add(layers, Tanh{});
      default:
        return add(layers, LeakyRelu{chance(2) ? 0 : 0.3});
    }
  }

  void add_any(Layers& layers, int depth) {
    const int64_t channels = shape_[0], height = shape_[1], width = shape_[2];
    const bool small = height * width <= 400;
    switch (number(0, 12)) {
      case 0:
        return add(layers, Conv2d{channels, number(1, 24), 3, 1, 1, chance(2)});
      case 1:
        return add(layers, Conv2d{channels, number(1, 24), 1});
      case 2:
        if (small) {
          const int64_t stride = number(1, 3), kernel = number(stride, 5);
          add(layers,
              ConvTranspose2d{channels, number(1, 20), kernel, stride, number(0, (kernel - 1) / 2),
                              number(0, stride - 1), chance(2)});
        }
        return;
      case 3:
        if (small) add(layers, UpsampleConv2d{channels, number(1, 20), chance(2)});
        return;
      case 4:
        return add(layers, GroupedConv2d{channels, 2 * channels, 3, 1, 1, channels, chance(2)});
      case 5:
        if (small) add(layers, chance(2) ? Layer(Upsample2x{}) : Layer(FilterUp2x{}));
        return;
      case 6:
        if (height % 2 == 0 && width % 2 == 0) {
          add(layers, chance(2) ? Layer(MeanPool2x{}) : Layer(FilterDown2x{}));
        }
        return;
      case 7:
        return add(layers, Pad{number(0, 2), number(0, 2)});
      case 8:
        return add(layers, Crop{number(1, height), number(1, width)});
      case 9:
        if (depth < 2) add_residual(layers, depth);
        return;
      case 10:
        return add(layers, GaussianNoise{0.5});
      case 11:
        if (chance(3)) add(layers, Conv2d{channels, channels, 3, 2, 1});
        return;
      default:
        return add_norm_or_curve(layers);
    }
  }

  // A body that keeps the shape.
  void add_residual(Layers& layers, int depth) {
    Residual sum;
    const Shape before = shape_;
    const int64_t count = number(1, 3);
    for (int64_t i = 0; i < count; ++i) {
      add_norm_or_curve(sum.body);
      if (chance(2)) add(sum.body, Conv2d{before[0], before[0], 3, 1, 1});
    }
    if (depth == 0 && chance(3)) add_residual(sum.body, depth + 1);
    if (chance(3)) sum.shortcut.push_back(Conv2d{before[0], before[0], 1});
    add(layers, std::move(sum));
  }

  Draws draws_;
  Shape shape_;
  bool virtual_ = false;  // virtual batch norms, and no others that couple samples
};

}  // namespace wgan
