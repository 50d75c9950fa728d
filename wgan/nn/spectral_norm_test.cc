// Spectral normalisation equals PyTorch's, and the power iteration finds the largest singular
// value.
#include "wgan/nn/spectral_norm.h"

#include <gtest/gtest.h>

#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

Network spectral_network(const std::string& name) {
  if (name == "spectral_norm_linear") return {{5}, {Linear{5, 4}}, true};
  return {{2, 4, 4}, {Conv2d{2, 3, 3, 1, 1}}, true};
}

Model model_of(const std::string& name, const nlohmann::json& fixture) {
  Model model = random_model(spectral_network(name), 1, torch::kFloat64);
  model.frozen[0].copy_(fixture_tensor(fixture.at("weight")));
  model.frozen[1].copy_(fixture_tensor(fixture.at("bias")));
  return model;
}

TEST(SpectralNorm, EqualsPyTorch) {
  for (const char* name : {"spectral_norm_linear", "spectral_norm_conv"}) {
    const auto fixture = remedies_fixture(name);
    Model model = model_of(name, fixture);
    model.memory[0].fill_(1 / std::sqrt(static_cast<double>(model.memory[0].numel())));
    const at::Tensor x = fixture_tensor(fixture.at("x"));
    at::Tensor y;
    for (const auto& expected : fixture.at("outputs")) {
      y = forward(model, x, {.training = true, .gradients = true});
      EXPECT_LT(relative_error(y.detach(), fixture_tensor(expected)), 1e-9) << name;
    }
    model.gradients.zero_();
    y.square().sum().backward();
    EXPECT_LT(relative_error(model.gradient_views[0], fixture_tensor(fixture.at("gradient"))), 1e-9)
        << name;
  }
}

TEST(SpectralNorm, FindsTheLargestSingularValue) {
  for (const char* name : {"spectral_norm_linear", "spectral_norm_conv"}) {
    const auto fixture = remedies_fixture(name);
    Model model = model_of(name, fixture);
    for (int step = 0; step < 200; ++step) spectrally_normalised(model, model.frozen, true);
    const at::Tensor state = model.state.clone();
    const at::Tensor weight = spectrally_normalised(model, model.frozen, false)[0];
    EXPECT_LT(relative_error(weight * fixture.at("sigma").get<double>(), model.frozen[0]), 1e-9);
    EXPECT_TRUE(bits_equal(model.state, state)) << "evaluation changed the state";
  }
}

// A network of two layers keeps distances below those of its inputs.
TEST(SpectralNorm, BoundsTheSlope) {
  const Network network{{6}, {Linear{6, 40}, LeakyRelu{0.2}, Linear{40, 1}}, true};
  Model model = random_model(network, 2, torch::kFloat64);
  for (int step = 0; step < 200; ++step) spectrally_normalised(model, model.frozen, true);
  at::Tensor x = random_batch({6}, 500, 3, torch::kFloat64).requires_grad_(true);
  const at::Tensor slopes =
      torch::autograd::grad({forward(model, x, {}).sum()}, {x})[0].norm(2, {1});
  EXPECT_LE(slopes.max().item<double>(), 1 + 1e-9);
  EXPECT_GT(slopes.max().item<double>(), 0.05);
}

}  // namespace
}  // namespace wgan
