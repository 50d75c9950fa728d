// What the tests of networks share: tensors and models full of reproducible random numbers.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/net/test_support.h"
#include "wgan/nn/init.h"
#include "wgan/nn/parameters.h"

namespace wgan {

// N(0, 1), the same for the same seed in every dtype up to rounding.
inline at::Tensor random_tensor(const Shape& shape, uint64_t seed,
                                at::ScalarType dtype = torch::kFloat32) {
  const at::Tensor values = torch::empty(shape, torch::kFloat32);
  fill_normal({seed, Stream::kTest, 0, 0},
              {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return values.to(dtype);
}

inline at::Tensor random_batch(const Shape& sample, int64_t batch, uint64_t seed,
                               at::ScalarType dtype = torch::kFloat32) {
  Shape shape = sample;
  shape.insert(shape.begin(), batch);
  return random_tensor(shape, seed, dtype);
}

// A model for training whose weights and biases are drawn as PyTorch draws them.
inline Model random_model(const Network& network, uint64_t seed,
                          at::ScalarType dtype = torch::kFloat32) {
  Model model = make_model(network, at::TensorOptions(dtype), Training::kYes);
  initialise(model, Init::kTorch, seed, 0);
  return model;
}

// What oracle/remedies.py says, and one array of it, float64.
inline nlohmann::json remedies_fixture(const std::string& name) {
  return nlohmann::json::parse(std::ifstream(WGAN_SOURCE_FOLDER "/oracle/remedies.json")).at(name);
}
inline at::Tensor fixture_tensor(const nlohmann::json& array) {
  return torch::tensor(array.at("values").get<std::vector<double>>(), torch::kFloat64)
      .view(array.at("shape").get<std::vector<int64_t>>());
}

// |actual - expected| / |expected| over the whole tensors.
inline double relative_error(const at::Tensor& actual, const at::Tensor& expected) {
  return ((actual - expected).norm() / expected.norm()).item<double>();
}

inline bool bits_equal(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() && a.scalar_type() == b.scalar_type() && torch::equal(a, b);
}

}  // namespace wgan
