// The quotient, and what it is multiplied by.
#include "wgan/nn/weight_norm.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "wgan/nn/forward.h"

namespace wgan {
namespace {

constexpr double kEpsilon = 1e-12;  // a row that is zero stays so

// The axis of the outputs.
int64_t output_axis(const Layer& layer) {
  return std::holds_alternative<ConvTranspose2d>(layer) ? 1 : 0;
}

// values: [out], to stand beside the layer's weight.
at::Tensor beside(const Layer& layer, const at::Tensor& values, const at::Tensor& weight) {
  std::vector<int64_t> shape(static_cast<size_t>(weight.dim()), 1);
  shape[static_cast<size_t>(output_axis(layer))] = -1;
  return values.view(shape);
}

// [out]
at::Tensor lengths(const Layer& layer, const at::Tensor& weight) {
  return weight.transpose(0, output_axis(layer)).flatten(1).norm(2, {1}).clamp_min(kEpsilon);
}

// Whether any length is other than the 1 that it starts from.
bool is_set(const Model& model) {
  const auto layers = numbered(model.network.layers);
  for (size_t i = 0; i < layers.size(); ++i) {
    const int64_t memory = model.places[i].memory;
    if (weight_rows(*layers[i]) == 0 || memory < 0) continue;
    if ((model.memory[static_cast<size_t>(memory)] != 1).any().item<bool>()) return true;
  }
  return false;
}

}  // namespace

std::vector<at::Tensor> weight_normalised(const Model& model,
                                          const std::vector<at::Tensor>& plain) {
  const auto layers = numbered(model.network.layers);
  std::vector<at::Tensor> weights = plain;
  for (size_t i = 0; i < weights.size(); ++i) {
    const Layer& layer = *layers[model.slots[i].layer];
    const Place& place = model.places[model.slots[i].layer];
    const bool scaled = weight_rows(layer) > 0 && place.memory >= 0;
    if (!scaled || place.weight != static_cast<int64_t>(i)) continue;
    // A copy: what else the model remembers changes before autograd comes back to it.
    const at::Tensor g = model.memory[static_cast<size_t>(place.memory)].clone();
    weights[i] = plain[i] * beside(layer, g / lengths(layer, plain[i]), plain[i]);
  }
  return weights;
}

void fit_weight_norm(Model& model, const at::Tensor& batch) {
  const torch::NoGradGuard no_grad;
  if (is_set(model)) return;
  size_t number = 0;
  for (size_t i = 0; i < model.network.layers.size(); ++i) {
    const Layer& layer = model.network.layers[i];
    const Place place = model.places[number];
    number = number_after(layer, number);
    if (weight_rows(layer) == 0) continue;
    const at::Tensor y = forward(model, batch, {.training = true, .layers = i + 1});
    const at::Tensor channels = y.transpose(0, 1).flatten(1);
    const at::Tensor factor = 1 / channels.std(1).clamp_min(kEpsilon);
    const at::Tensor weight = model.frozen[static_cast<size_t>(place.weight)];
    if (place.memory >= 0) {
      model.memory[static_cast<size_t>(place.memory)].mul_(factor);
    } else {
      weight.mul_(beside(layer, factor, weight));
    }
    if (place.bias < 0) continue;
    const at::Tensor bias = model.frozen[static_cast<size_t>(place.bias)];
    bias.sub_(channels.mean(1)).mul_(factor);
  }
}

}  // namespace wgan
