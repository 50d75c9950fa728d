// Weights divided by their largest singular value, so that every layer has Lipschitz constant 1 at
// the most where its matrix acts on all inputs alike (Miyato et al. 2018, "Spectral normalization
// for generative adversarial networks", Algorithm 1).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// plain: model.leaves or model.frozen. Returns them in the same order with each weight W of a layer
// that multiplies, seen as a matrix [out, rest], divided by sigma = u^T W v, where v = W^T u
// normalised and u is remembered in the model's memory; u and v count as constants in gradients.
// update: one step of the power iteration, u becomes W v normalised before sigma is taken.
std::vector<at::Tensor> spectrally_normalised(const Model& model,
                                              const std::vector<at::Tensor>& plain, bool update);

}  // namespace wgan
