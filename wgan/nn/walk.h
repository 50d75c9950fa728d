// What the walks over the layers of a network have in common (nn/sweeps.h, nn/curvature.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

inline bool is_activation(const Layer& layer) {
  return traits(layer).kind == LayerKind::kActivation;
}
inline bool is_curved(const Layer& layer) { return traits(layer).sweeps == LayerSweeps::kCurved; }

inline at::Tensor view_at(const std::vector<at::Tensor>& views, int64_t place) {
  return place < 0 ? at::Tensor() : views[static_cast<size_t>(place)];
}

// Adds a layer's weight gradient over rows of its inputs x and of its outputs' gradients d, and its
// bias gradient over the first bias_rows of them, and the last that factors are given for.
void add_gradients(const Model& model, const Layer& layer, size_t number, const at::Tensor& d,
                   const at::Tensor& x, int64_t bias_rows, const at::Tensor& factors = {});

// Adds the gradients of a norm's scale and shift; an undefined one is left out.
void add_norm_gradients(const Model& model, size_t number, const at::Tensor& scale,
                        const at::Tensor& shift);

// A model, and its numbers by layer.
class Walk {
 protected:
  explicit Walk(const Model& model) : model_(model) {}

  at::Tensor weight(size_t number) const {
    return view_at(model_.frozen, model_.places[number].weight);
  }
  at::Tensor bias(size_t number) const {
    return view_at(model_.frozen, model_.places[number].bias);
  }

  // Whether the layer, or one within it, has weights.
  bool has_weights(const Layer& layer, size_t number) const {
    const auto begin = model_.places.begin() + static_cast<int64_t>(number);
    const auto end = model_.places.begin() + static_cast<int64_t>(number_after(layer, number));
    return std::any_of(begin, end, [](const Place& place) { return place.weight >= 0; });
  }

  // Of a BatchNorm.
  struct Memory {
    at::Tensor mean;
    at::Tensor variance;
  };
  Memory running_moments(size_t number) const {
    const auto first = static_cast<size_t>(model_.places[number].memory);
    return {model_.memory[first], model_.memory[first + 1]};
  }

  const Model& model_;
};

}  // namespace wgan
