// Weight normalisation equals PyTorch's, and its lengths are what the first batch asks for.
#include "wgan/nn/weight_norm.h"

#include <gtest/gtest.h>

#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

// The layer of the fixture, and a last one that is left as it is.
Network network_of(const std::string& name) {
  Network network{{5}, {Linear{5, 4}, Linear{4, 1}}};
  if (name == "weight_norm_conv") {
    network = {{2, 4, 4}, {Conv2d{2, 3, 3, 1, 1}, Reshape{{48}}, Linear{48, 1}}};
  }
  network.weight_norm = true;
  return network;
}

TEST(WeightNorm, EqualsPyTorch) {
  for (const char* name : {"weight_norm_linear", "weight_norm_conv"}) {
    const auto fixture = remedies_fixture(name);
    Model model = random_model(network_of(name), 1, torch::kFloat64);
    model.frozen[0].copy_(fixture_tensor(fixture.at("weight")));
    model.frozen[1].copy_(fixture_tensor(fixture.at("bias")));
    ASSERT_EQ(model.memory.size(), 1u);
    model.memory[0].copy_(fixture_tensor(fixture.at("lengths")));
    const at::Tensor y =
        forward(model, fixture_tensor(fixture.at("x")), {.gradients = true, .layers = 1});
    EXPECT_LT(relative_error(y.detach(), fixture_tensor(fixture.at("output"))), 1e-12) << name;
    model.gradients.zero_();
    y.square().sum().backward();
    EXPECT_LT(relative_error(model.gradient_views[0], fixture_tensor(fixture.at("gradient"))),
              1e-12)
        << name;
  }
}

// A weight of any length is the same network: only the directions are trained.
TEST(WeightNorm, ForgetsTheLengthsOfTheWeights) {
  Model model = random_model(network_of("weight_norm_conv"), 2, torch::kFloat64);
  const at::Tensor x = random_batch({2, 4, 4}, 6, 3, torch::kFloat64);
  const at::Tensor before = forward(model, x, {});
  model.frozen[0].mul_(7);
  EXPECT_LT(relative_error(forward(model, x, {}), before), 1e-12);
}

// Noise keeps count beside the lengths.
TEST(WeightNorm, HasGradientsBesideNoise) {
  Network network{
      {5}, {GaussianNoise{0.5}, Linear{5, 4}, LeakyRelu{0}, GaussianNoise{0.5}, Linear{4, 1}}};
  network.weight_norm = true;
  Model model = random_model(network, 6, torch::kFloat64);
  const at::Tensor x = random_batch({5}, 3, 7, torch::kFloat64);
  const ForwardContext training{.training = true, .gradients = true};
  (forward(model, x, training).sum() + forward(model, x, training).sum()).backward();
  EXPECT_GT(model.gradient_views[0].norm().item<double>(), 0);
}

TEST(WeightNorm, FitsItsLengthsToABatch) {
  Network network{
      {2, 8, 8},
      {Conv2d{2, 6, 3, 1, 1}, LeakyRelu{0}, ConvTranspose2d{6, 4, 2, 2, 0}, LeakyRelu{0.2},
       Reshape{{4 * 16 * 16}}, Linear{4 * 16 * 16, 10}, LeakyRelu{0}, Linear{10, 3}}};
  network.weight_norm = true;
  Model model = random_model(network, 4, torch::kFloat64);
  const at::Tensor batch = 3 * random_batch({2, 8, 8}, 50, 5, torch::kFloat64) + 1;
  fit_weight_norm(model, batch);
  for (const size_t layers : {1u, 3u, 6u, 8u}) {
    const at::Tensor y =
        forward(model, batch, {.training = true, .layers = layers}).transpose(0, 1).flatten(1);
    EXPECT_LT(y.mean(1).abs().max().item<double>(), 1e-9) << layers;
    EXPECT_LT((y.std(1) - 1).abs().max().item<double>(), 1e-9) << layers;
  }
  const at::Tensor parameters = model.parameters.clone(), state = model.state.clone();
  fit_weight_norm(model, 2 * batch);
  EXPECT_TRUE(bits_equal(model.parameters, parameters));
  EXPECT_TRUE(bits_equal(model.state, state));
}

}  // namespace
}  // namespace wgan
