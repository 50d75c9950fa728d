// One step of the power iteration, and the quotient.
#include "wgan/nn/spectral_norm.h"

#include <torch/types.h>
#include <torch/utils.h>

namespace wgan {
namespace {

constexpr double kSpectralNormEpsilon = 1e-12;  // a weight that is zero stays so

// [out, rest]
at::Tensor as_matrix(const Layer& layer, const at::Tensor& weight) {
  const bool transposed = std::holds_alternative<ConvTranspose2d>(layer);
  return (transposed ? weight.transpose(0, 1) : weight).flatten(1);
}

at::Tensor unit(const at::Tensor& v) { return v / v.norm().clamp_min(kSpectralNormEpsilon); }

// u^T W v, differentiable in W.
at::Tensor largest_singular_value(const at::Tensor& matrix, at::Tensor u, bool update) {
  at::Tensor left, right;
  {
    const torch::NoGradGuard no_grad;
    right = unit(matrix.t().mv(u));
    if (update) u.copy_(unit(matrix.mv(right)));
    left = u.clone();  // the gradient is taken after u may have gone on
  }
  return left.dot(matrix.mv(right)).clamp_min(kSpectralNormEpsilon);
}

}  // namespace

std::vector<at::Tensor> spectrally_normalised(const Model& model,
                                              const std::vector<at::Tensor>& plain, bool update) {
  const auto layers = numbered(model.network.layers);
  std::vector<at::Tensor> weights = plain;
  for (size_t i = 0; i < weights.size(); ++i) {
    const size_t number = model.slots[i].layer;
    const Place& place = model.places[number];
    const bool multiplies = weight_rows(*layers[number]) > 0;
    if (!multiplies || place.weight != static_cast<int64_t>(i)) continue;
    const at::Tensor u = model.memory[static_cast<size_t>(place.memory)];
    const at::Tensor matrix = as_matrix(*layers[number], plain[i]);
    weights[i] = plain[i] / largest_singular_value(matrix, u, update);
  }
  return weights;
}

}  // namespace wgan
