// Initial weights: the schemes of the published systems, each a function of (seed, slot).
#pragma once

#include <cstdint>
#include <utility>

#include "wgan/core/options.h"

namespace wgan {

struct Model;

enum class Init {
  kDcgan,          // weights N(0, 0.02), BatchNorm scale N(1, 0.02), biases 0 (Radford et al. 2016)
  kScaledUniform,  // igul222/improved_wgan_training: conv uniform of deviation
                   // sqrt(4 / (fan_in + fan_out)), Linear Glorot; biases 0
  kScaledUniformHe,  // the same with He (deviation sqrt(2 / fan_in)) for Linear before a LeakyRelu:
                     // the toy networks of that repository
  kTorch,            // PyTorch's default: weights and biases U(-1/sqrt(fan_in), 1/sqrt(fan_in))
  kScaledDepth,      // brownvc/R3GAN, after Zhang et al. 2019 (Fixup): N(0, gain^2 / fan_in), where
                     // gain^2 is 2 / (1 + slope^2) before a LeakyRelu and else 1; in the body of a
                     // residual sum that has m layers with weights, of L such sums, times
                     // L^(-1/(m-1)), and its last layer 0; biases 0
};

template <>
struct EnumNames<Init> {
  static constexpr std::pair<Init, const char*> kNames[] = {
      {Init::kDcgan, "dcgan"},
      {Init::kScaledUniform, "scaled-uniform"},
      {Init::kScaledUniformHe, "scaled-uniform-he"},
      {Init::kTorch, "torch"},
      {Init::kScaledDepth, "scaled-depth"}};
};

// Fills model.parameters, and the keys of layers that make noise. player: 0 generator, 1 critic;
// the two draw from different places. By every scheme a Basis is drawn from N(0, 1), and a
// Projection starts without a difference between classes: e_k = 0.
void initialise(Model& model, Init init, uint64_t seed, uint64_t player);

}  // namespace wgan
