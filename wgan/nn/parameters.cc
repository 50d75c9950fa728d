// The layout of parameters and state in their flat vectors.
#include "wgan/nn/parameters.h"

#include <torch/types.h>

#include <cmath>

namespace wgan {
namespace {

// The part of `flat` that belongs to the slot, in the slot's shape.
at::Tensor slot_view(const at::Tensor& flat, const Slot& slot) {
  const at::Tensor part = flat.detach().narrow(0, slot.offset, elements(slot.shape));
  if (slot.shape.size() != 4) return part.view(slot.shape);
  const Shape& s = slot.shape;
  return part.view({s[0], s[2], s[3], s[1]}).permute({0, 3, 1, 2});
}

std::vector<Place> places_of(const Network& network, const std::vector<Slot>& slots,
                             const std::vector<Slot>& memory) {
  std::vector<Place> places(numbered(network.layers).size());
  for (size_t i = 0; i < slots.size(); ++i) {
    Place& place = places[slots[i].layer];
    (place.weight < 0 ? place.weight : place.bias) = static_cast<int64_t>(i);
  }
  for (size_t i = memory.size(); i-- > 0;) {
    places[memory[i].layer].memory = static_cast<int64_t>(i);
  }
  return places;
}

}  // namespace

std::vector<at::Tensor> parameter_views(const std::vector<Slot>& slots, const at::Tensor& flat) {
  std::vector<at::Tensor> views;
  for (const Slot& slot : slots) views.push_back(slot_view(flat, slot));
  return views;
}

Model make_model(const Network& network, const at::TensorOptions& options, Training training) {
  output_shape(network);  // throws where the layers do not fit
  const auto slots = parameter_slots(network);
  const auto memory_slots = state_slots(network);
  Model model{.network = network,
              .parameters = torch::zeros({flat_size(slots)}, options),
              .gradients = {},
              .state = torch::zeros({flat_size(memory_slots)}, options),
              .leaves = {},
              .frozen = {},
              .memory = {},
              .gradient_views = {},
              .slots = slots,
              .places = places_of(network, slots, memory_slots)};
  model.frozen = parameter_views(slots, model.parameters);
  model.memory = parameter_views(memory_slots, model.state);
  for (size_t i = 0; i < memory_slots.size(); ++i) {
    const std::string& name = memory_slots[i].name;
    if (name.ends_with("running_var") || name.ends_with("length")) model.memory[i].fill_(1.0);
    if (memory_slots[i].name.ends_with("left")) {  // any vector of length 1 will do to start with
      model.memory[i].fill_(1 / std::sqrt(static_cast<double>(model.memory[i].numel())));
    }
  }
  if (training == Training::kYes) {
    model.gradients = torch::zeros_like(model.parameters);
    model.leaves = parameter_views(slots, model.parameters);
    model.gradient_views = parameter_views(slots, model.gradients);
    for (size_t i = 0; i < slots.size(); ++i) {
      model.leaves[i].set_requires_grad(true);
      model.leaves[i].mutable_grad() = model.gradient_views[i];
    }
  }
  return model;
}

Model in_type(const Model& model, at::ScalarType type) {
  Model copy = model;
  if (type == model.parameters.scalar_type()) return copy;
  const torch::NoGradGuard no_grad;
  const auto narrow = parameter_views(model.slots, model.parameters.to(type));
  const auto layers = numbered(model.network.layers);
  for (size_t i = 0; i < narrow.size(); ++i) {
    if (!std::holds_alternative<BatchNorm>(*layers[model.slots[i].layer])) {
      copy.frozen[i] = narrow[i];
    }
  }
  return copy;
}

}  // namespace wgan
