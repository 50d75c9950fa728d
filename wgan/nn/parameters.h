// All parameters of a network as one vector, all gradients as another, and the tensors of the
// layers as views into them; likewise the state, which is what a network remembers but does not
// train.
//
// An optimizer step, weight clipping, the moving average or a gradient norm is therefore one
// operation on one tensor.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <string>
#include <vector>

#include "wgan/net/slots.h"

namespace wgan {

// Views of a flat vector [P], in the order of the slots.
std::vector<at::Tensor> parameter_views(const std::vector<Slot>& slots, const at::Tensor& flat);

// Which of a model's views belong to a layer: positions in Model::frozen (and memory), or -1
// for none.
struct Place {
  int64_t weight = -1;
  int64_t bias = -1;
  int64_t memory = -1;  // of the first in Model::memory
};

// A network with its numbers. Weights with four axes lie in channels-last order in the flat vector
// (their views are of canonical shape with the matching strides).
struct Model {
  Network network;
  at::Tensor parameters;  // [P]
  at::Tensor gradients;   // [P]; undefined where the model is only run
  at::Tensor state;       // [S]
  std::vector<at::Tensor>
      leaves;  // views of parameters that autograd trains; .grad views gradients
  std::vector<at::Tensor> frozen;          // the same views, unknown to autograd
  std::vector<at::Tensor> memory;          // views of state
  std::vector<at::Tensor> gradient_views;  // of gradients, in the same order
  std::vector<Slot> slots;                 // where the views lie: parameter_slots(network)
  std::vector<Place> places;               // [layer number]
};

enum class Training { kNo, kYes };  // whether a model gets gradients and leaves

// All numbers zero but running variances, which are one. options: float dtype and device.
// Throws Error(kUsage) where the layers of the network do not fit together.
Model make_model(const Network& network, const at::TensorOptions& options, Training training);

// The model as sweeps compute with it in `type`: its frozen views are copies in that type (those of
// BatchNorm stay, LibTorch mixes the types there); all else is shared with `model`.
Model in_type(const Model& model, at::ScalarType type);

}  // namespace wgan
