// Walks that copy a list of layers and change it on the way.
#include "wgan/net/variants.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

bool is_norm(const Layer& layer) { return traits(layer).kind == LayerKind::kNorm; }

bool is_hidden_activation(const Layer& layer) { return std::holds_alternative<LeakyRelu>(layer); }

// Copies layers with their normalisations exchanged; `insert` puts new ones where there were none.
class NormWalk {
 public:
  NormWalk(Norm norm, bool insert) : norm_(norm), insert_(insert) {}

  Layers run(const Layers& layers, Shape shape) {
    Layers changed;
    for (const Layer& layer : layers) {
      const Shape next = output_shape(layer, shape);
      if (const auto* residual = std::get_if<Residual>(&layer)) {
        changed.push_back(Residual{run(residual->body, shape), run(residual->shortcut, shape)});
      } else if (is_norm(layer)) {
        add_norm(changed, norm_, shape[0]);
      } else {
        if (insert_ && is_hidden_activation(layer) && std::exchange(past_first_, true)) {
          add_norm(changed, norm_, shape[0]);
        }
        changed.push_back(layer);
      }
      shape = next;
    }
    return changed;
  }

 private:
  const Norm norm_;
  const bool insert_;
  bool past_first_ = false;
};

Layers with_activation(const Layers& layers, const Layer& activation) {
  Layers changed;
  for (const Layer& layer : layers) {
    if (const auto* residual = std::get_if<Residual>(&layer)) {
      changed.push_back(Residual{with_activation(residual->body, activation),
                                 with_activation(residual->shortcut, activation)});
    } else {
      changed.push_back(is_hidden_activation(layer) ? activation : layer);
    }
  }
  return changed;
}

Layer activation_layer(Activation activation) {
  switch (activation) {
    case Activation::kSoftplus:
      return ScaledSoftplus{};
    case Activation::kTanh:
      return Tanh{};
    case Activation::kLeakyRelu:
      return LeakyRelu{0.2};
    default:
      return LeakyRelu{0};
  }
}

// A layer with a weight matrix that keeps the shape.
Layer same_shape(const Shape& shape, bool bias) {
  if (shape.size() == 3) return Conv2d{shape[0], shape[0], 3, 1, 1, bias};
  return Linear{shape[0], shape[0], bias};
}

bool has_bias(const Layer& layer) {
  return std::visit(
      []<class Kind>(const Kind& l) {
        if constexpr (Kind::kTraits.parameters) {
          return l.biases() > 0;
        } else {
          return true;
        }
      },
      layer);
}

}  // namespace

void add_norm(Layers& layers, Norm norm, int64_t channels) {
  if (norm == Norm::kBatch) layers.push_back(BatchNorm{channels});
  if (norm == Norm::kLayer) layers.push_back(LayerNorm{channels});
  if (norm == Norm::kVirtual) layers.push_back(VirtualBatchNorm{channels});
}

Network with_norm(Network network, Norm norm, int64_t reference_rows) {
  if (norm == Norm::kPreset) return network;
  if (norm == Norm::kWeight) {
    network = with_norm(std::move(network), Norm::kNone, 0);
    network.weight_norm = true;
    return network;
  }
  const auto all = numbered(network.layers);
  const bool none = std::ranges::none_of(all, [](const Layer* layer) { return is_norm(*layer); });
  network.layers = NormWalk(norm, none && norm != Norm::kNone).run(network.layers, network.input);
  if (norm == Norm::kVirtual) {
    network.layers.insert(network.layers.begin(), ReferenceBatch{reference_rows, network.input[0]});
  }
  return network;
}

Network with_activation(Network network, Activation activation) {
  if (activation == Activation::kPreset) return network;
  network.layers = with_activation(network.layers, activation_layer(activation));
  return network;
}

Network with_depth(Network network, int64_t depth) {
  if (depth == 0) return network;
  int64_t have = 0, places = 0;
  for (const Layer& layer : network.layers) {
    if (traits(layer).kind == LayerKind::kResidual) {
      throw Error(ErrorKind::kUsage, "the depth of residual networks is fixed",
                  "use --net dcgan or mlp to choose the depth");
    }
    have += weight_rows(layer) > 0 ? 1 : 0;
    places += is_hidden_activation(layer) ? 1 : 0;
  }
  if (depth < have || places == 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("a depth of {}, and this network has {} already",
                            counted(depth, "layer"), have),
                fmt::format("ask for {} or more, or 0", have));
  }
  Layers changed;
  Shape shape = network.input;
  bool bias = true;
  int64_t place = 0;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const Layer& layer = network.layers[i];
    shape = output_shape(layer, shape);
    if (weight_rows(layer) > 0) bias = has_bias(layer);
    changed.push_back(layer);
    if (!is_hidden_activation(layer)) continue;
    const int64_t more = (depth - have) / places + (place++ < (depth - have) % places ? 1 : 0);
    const bool normed = i > 0 && is_norm(network.layers[i - 1]);
    for (int64_t k = 0; k < more; ++k) {
      changed.push_back(same_shape(shape, bias));
      if (normed) changed.push_back(network.layers[i - 1]);
      changed.push_back(layer);
    }
  }
  network.layers = std::move(changed);
  output_shape(network);
  return network;
}

Network with_minibatch_discrimination(Network network, int64_t kernels, int64_t dimensions) {
  if (kernels == 0) return network;
  auto& last = std::get<Linear>(network.layers.back());
  const MinibatchDiscrimination layer{last.in, kernels, dimensions};
  last.in += kernels;
  network.layers.insert(network.layers.end() - 1, layer);
  return network;
}

Network with_minibatch_deviation(Network network) {
  std::vector<Shape> inputs;  // by place
  Shape shape = network.input;
  for (const Layer& layer : network.layers) {
    inputs.push_back(shape);
    shape = output_shape(layer, shape);
  }
  size_t place = network.layers.size() - 1;
  std::get<Linear>(network.layers[place]).in += 1;
  if (place > 0 && inputs[place - 1].size() == 3) {
    const Shape& picture = inputs[--place];
    std::visit(Match{[&](Reshape& l) {
                       l.shape = {elements(picture) + picture[1] * picture[2]};
                       std::get<Linear>(network.layers[place + 1]).in = l.shape[0];
                     },
                     [](BasisTranspose& l) { l.channels += 1; }, [](GlobalMean&) {},
                     [](auto& l) {
                       throw Error(ErrorKind::kInternal,
                                   fmt::format("{} before the last layer",
                                               std::decay_t<decltype(l)>::kName));
                     }},
               network.layers[place]);
  }
  network.layers.insert(network.layers.begin() + static_cast<int64_t>(place), MinibatchDeviation{});
  output_shape(network);
  return network;
}

Network with_projection(Network network, int64_t classes) {
  const Linear last = std::get<Linear>(network.layers.back());
  network.layers.back() = Projection{last.in, classes, last.bias};
  return network;
}

Network with_noise(Network network, double deviation) {
  if (deviation == 0) return network;
  Layers changed;
  for (const Layer& layer : network.layers) {
    if (weight_rows(layer) > 0 || traits(layer).kind == LayerKind::kResidual) {
      changed.push_back(GaussianNoise{deviation});
    }
    changed.push_back(layer);
  }
  network.layers = std::move(changed);
  return network;
}

}  // namespace wgan
