// Weights whose rows have lengths of their own: w = g v / |v| for each output (Salimans and Kingma
// 2016, "Weight normalization", equation 2). Here g is set from the first batch and then stays, as
// in the discriminators of Salimans et al. 2016; the last layer is left as it is, its length being
// trained.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// plain: model.leaves or model.frozen. Returns them in the same order with w in place of v; g is
// remembered in the model's memory.
std::vector<at::Tensor> weight_normalised(const Model& model, const std::vector<at::Tensor>& plain);

// Sets g and the biases so that what each of network.layers with weights gives for `batch`
// [B, ...network.input], in training, has mean 0 and deviation 1 in each channel (the same, section
// 3); the last layer's weights are scaled for it. Does nothing where g has been set already.
void fit_weight_norm(Model& model, const at::Tensor& batch);

}  // namespace wgan
