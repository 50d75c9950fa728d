// Generators as exports take them, and how near to float64 their outputs have to be.
#pragma once

#include "wgan/infer/generator_file.h"
#include "wgan/run/generators_test_support.h"

namespace wgan {

// What a checkpoint would say of the network.
inline GeneratorState described(const Network& network) {
  GeneratorState state;
  state.latent = network.input[0];
  state.network = network;
  state.data.name = "test";
  const Shape made = output_shape(network);
  state.data.shape = made.size() == 3 ? Shape{made[1], made[2], made[0]} : made;
  return state;
}

inline infer::GeneratorFile file_of(const Model& model) {
  return {described(model.network), {numbers_of(model.frozen), numbers_of(model.memory)}};
}

// Four times the error of LibTorch in float32, and a millionth of the range.
inline double allowed_error(const at::Tensor& plain, const at::Tensor& exact) {
  const double error = (plain.to(torch::kFloat64) - exact).abs().max().item<double>();
  return 4 * error + 1e-6 * (exact.max() - exact.min()).item<double>();
}

}  // namespace wgan
