// Runs a network on a batch.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/nn/parameters.h"

namespace wgan {

// How a network is run.
struct ForwardContext {
  bool training = false;   // BatchNorm: batch statistics, and the running ones are updated
  bool gradients = false;  // use the leaves, so that autograd reaches the parameters
};

// input: [B, ...network.input], the model's dtype and device. Returns [B, ...output_shape].
// Gradients towards the input are recorded whenever autograd is on and the input asks for them.
at::Tensor forward(const Model& model, const at::Tensor& input, const ForwardContext& context);

}  // namespace wgan
