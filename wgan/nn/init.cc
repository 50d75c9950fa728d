// Draws initial weights in canonical order, so that they do not depend on the memory layout.
#include "wgan/nn/init.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/nn/parameters.h"

namespace wgan {
namespace {

// How one tensor is drawn.
struct Draw {
  enum { kConstant, kNormal, kUniform } kind = kConstant;
  double centre = 0;
  double spread = 0;  // deviation of a normal, half width of a uniform
};

struct Fans {
  double in = 1;
  double out = 1;
};

Draw uniform_of_deviation(double deviation) {
  return {Draw::kUniform, 0, deviation * std::sqrt(3.0)};
}

// Receptive fields as the published code counts them: fan_out of a strided convolution is divided
// by stride^2, fan_in of a transposed one likewise.
Fans scaled_fans(const Conv2d& l) {
  const double area = static_cast<double>(l.kernel * l.kernel);
  return {static_cast<double>(l.in) * area,
          static_cast<double>(l.out) * area / static_cast<double>(l.stride * l.stride)};
}

Fans scaled_fans(const ConvTranspose2d& l) {
  const double area = static_cast<double>(l.kernel * l.kernel);
  return {static_cast<double>(l.in) * area / static_cast<double>(l.stride * l.stride),
          static_cast<double>(l.out) * area};
}

Fans scaled_fans(const UpsampleConv2d& l) { return scaled_fans(l.conv()); }

Fans scaled_fans(const GroupedConv2d& l) {
  return scaled_fans(Conv2d{l.in / l.groups, l.out / l.groups, l.kernel, l.stride});
}

Fans scaled_fans(const BasisTranspose& l) { return {static_cast<double>(l.height * l.width), 1}; }

// Of w, which all classes share.
Fans scaled_fans(const Projection& l) { return {static_cast<double>(l.in), 1}; }

Fans scaled_fans(const Linear& l) {
  return {static_cast<double>(l.in), static_cast<double>(l.out)};
}

Fans scaled_fans(const Basis&) { return {}; }

// What PyTorch calls fan_in: the second extent of the weight times the kernel's area.
double torch_fan_in(const Layer& layer) {
  return std::visit(
      Match{
          [](const Linear& l) { return static_cast<double>(l.in); },
          [](const Conv2d& l) { return static_cast<double>(l.in * l.kernel * l.kernel); },
          [](const ConvTranspose2d& l) { return static_cast<double>(l.out * l.kernel * l.kernel); },
          [](const UpsampleConv2d& l) { return static_cast<double>(l.in * 9); },
          [](const GroupedConv2d& l) {
            return static_cast<double>(l.in / l.groups * l.kernel * l.kernel);
          },
          [](const Basis&) { return 1.0; },
          [](const BasisTranspose& l) { return static_cast<double>(l.height * l.width); },
          [](const Projection& l) { return static_cast<double>(l.in); },
          []<class Kind>(const Kind&) {
            static_assert(Kind::kTraits.kind != LayerKind::kWeights);
            return 1.0;
          }},
      layer);
}

// area: 4 for what is published as He's, 2 for Glorot's.
Draw scaled_uniform(const Layer& layer, bool he, double area) {
  return std::visit(
      Match{[&](const Linear& l) {
              const Fans fans = scaled_fans(l);
              return uniform_of_deviation(std::sqrt(2 / (he ? fans.in : fans.in + fans.out)));
            },
            [&](const Projection& l) {
              const Fans fans = scaled_fans(l);
              return uniform_of_deviation(std::sqrt(2 / (fans.in + fans.out)));
            },
            [&]<class Kind>(const Kind& l) {
              if constexpr (Kind::kTraits.kind == LayerKind::kWeights) {
                const Fans fans = scaled_fans(l);
                return uniform_of_deviation(std::sqrt(area / (fans.in + fans.out)));
              } else {
                return Draw{};
              }
            }},
      layer);
}

// By layer number: convolutions that the residual networks of Gulrajani et al. 2017 draw with
// Glorot's deviation: those outside the bodies of residual sums, where nothing rectifies before
// them. (gan_64x64.py makes an exception of its generator's last one, which this does not.)
std::vector<bool> outside_bodies(const Layers& layers) {
  std::vector<bool> outside(numbered(layers).size(), false);
  size_t number = 0;
  bool residual_sums = false;
  for (const Layer& layer : layers) {
    const size_t next = number_after(layer, number);
    if (const auto* residual = std::get_if<Residual>(&layer)) {
      residual_sums = true;
      std::fill(outside.begin() + static_cast<int64_t>(branches(*residual, number).shortcut),
                outside.begin() + static_cast<int64_t>(next), true);
    } else {
      outside[number] = true;
    }
    number = next;
  }
  if (!residual_sums) outside.assign(outside.size(), false);
  return outside;
}

bool before_leaky_relu(const std::vector<const Layer*>& layers, size_t number) {
  return number + 1 < layers.size() && std::holds_alternative<LeakyRelu>(*layers[number + 1]);
}

// By layer number, what kScaledDepth multiplies the variance of weights in the bodies of residual
// sums by: L^(-1/(m-1)), and 0 in the last layer of a body.
class DepthFactors {
 public:
  explicit DepthFactors(const Network& network)
      : factors_(numbered(network.layers).size(), 1.0),
        sums_(static_cast<double>(std::ranges::count_if(
            numbered(network.layers),
            [](const Layer* layer) { return std::holds_alternative<Residual>(*layer); }))) {
    walk(network.layers, 0);
  }
  double operator[](size_t number) const { return factors_[number]; }

 private:
  void walk(const Layers& layers, size_t number) {
    for (const Layer& layer : layers) {
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        const Branches at = branches(*residual, number);
        scale(residual->body, at.body);
        walk(residual->body, at.body);
        walk(residual->shortcut, at.shortcut);
      }
      number = number_after(layer, number);
    }
  }

  void scale(const Layers& body, size_t number) {
    std::vector<size_t> weights;
    for (const Layer& layer : body) {
      if (weight_rows(layer) > 0) weights.push_back(number);
      number = number_after(layer, number);
    }
    for (const size_t i : weights) {
      factors_[i] = std::pow(sums_, -1 / (static_cast<double>(weights.size()) - 1));
    }
    if (!weights.empty()) factors_[weights.back()] = 0;
  }

  std::vector<double> factors_;
  double sums_;
};

// factor: of the variance.
Draw scaled_by_depth(const std::vector<const Layer*>& layers, size_t number, double factor) {
  const double fan_in = std::visit(
      []<class Kind>(const Kind& l) {
        if constexpr (Kind::kTraits.kind == LayerKind::kWeights) {
          return scaled_fans(l).in;
        } else {
          return 1.0;
        }
      },
      *layers[number]);
  double gain = 1;  // squared
  if (before_leaky_relu(layers, number)) {
    const double slope = std::get<LeakyRelu>(*layers[number + 1]).slope;
    gain = 2 / (1 + slope * slope);
  }
  return {Draw::kNormal, 0, std::sqrt(gain * factor / fan_in)};
}

Draw draw_of(const std::vector<const Layer*>& layers, const Slot& slot, Init init, bool outside,
             double depth_factor) {
  const Layer& layer = *layers[slot.layer];
  const bool weight = slot.name.ends_with("weight");
  if (traits(layer).kind == LayerKind::kNorm) {
    if (!weight) return {};
    return init == Init::kDcgan ? Draw{Draw::kNormal, 1, 0.02} : Draw{Draw::kConstant, 1, 0};
  }
  // Salimans et al. 2016 draw T from N(0, 0.05^2), whatever the other layers are drawn from.
  if (std::holds_alternative<MinibatchDiscrimination>(layer)) return {Draw::kNormal, 0, 0.05};
  if (std::holds_alternative<Basis>(layer)) return {Draw::kNormal, 0, 1};
  if (init == Init::kTorch) return {Draw::kUniform, 0, 1 / std::sqrt(torch_fan_in(layer))};
  if (!weight) return {};
  if (init == Init::kDcgan) return {Draw::kNormal, 0, 0.02};
  if (init == Init::kScaledDepth) return scaled_by_depth(layers, slot.layer, depth_factor);
  const bool he = init == Init::kScaledUniformHe && before_leaky_relu(layers, slot.layer);
  return scaled_uniform(layer, he, outside ? 2 : 4);
}

}  // namespace

void initialise(Model& model, Init init, uint64_t seed, uint64_t player) {
  const auto layers = numbered(model.network.layers);
  const std::vector<bool> outside = outside_bodies(model.network.layers);
  const DepthFactors depth(model.network);
  for (size_t i = 0; i < model.slots.size(); ++i) {
    const Slot& slot = model.slots[i];
    const Draw draw = draw_of(layers, slot, init, outside[slot.layer], depth[slot.layer]);
    std::vector<float> values(static_cast<size_t>(elements(slot.shape)),
                              static_cast<float>(draw.centre));
    Draws draws({seed, Stream::kInit, player, i});
    for (float& value : values) {
      if (draw.kind == Draw::kNormal) {
        value = static_cast<float>(draw.centre + draw.spread * draws.normal());
      } else if (draw.kind == Draw::kUniform) {
        value = draws.uniform(static_cast<float>(-draw.spread), static_cast<float>(draw.spread));
      }
    }
    if (const auto* projection = std::get_if<Projection>(layers[slot.layer])) {
      std::fill(values.begin() + std::min(projection->in, static_cast<int64_t>(values.size())),
                values.end(), 0.0F);
    }
    model.frozen[i].copy_(torch::from_blob(values.data(), slot.shape, torch::kFloat32));
  }
  constexpr uint64_t kKeys = uint64_t{1} << 32;  // beyond the slots
  for (size_t i = 0; i < layers.size(); ++i) {
    if (!std::holds_alternative<GaussianNoise>(*layers[i])) continue;
    Draws draws({seed, Stream::kInit, player, kKeys + i});
    const at::Tensor& memory = model.memory[static_cast<size_t>(model.places[i].memory)];
    memory[0].fill_(static_cast<float>(draws.below(1 << 24)));  // what a float holds exactly
    memory[1].fill_(0);
  }
}

}  // namespace wgan
