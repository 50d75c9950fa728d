// Penalties of curved networks: <direction, grad f>, differentiated by sweeps and by autograd.
#include "wgan/nn/curvature.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <utility>
#include <vector>

#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr double kTolerance = 1e-11;  // float64

// Norms and smooth activations everywhere: first, last, side by side, within residual sums, as the
// last of both branches, beside an identity.
std::vector<Network> curved_networks() {
  const Network images{
      {2, 8, 6},
      {Tanh{}, Conv2d{2, 4, 3, 1, 1}, LayerNorm{4, 1e-2}, LeakyRelu{0.2},
       Residual{{LayerNorm{4}, LeakyRelu{0}, Conv2d{4, 6, 3, 1, 1, false}, LayerNorm{6},
                 ScaledSoftplus{}, Conv2d{6, 5, 3, 1, 1}, MeanPool2x{}},
                {MeanPool2x{}, Conv2d{4, 5, 1, 1, 0}}},
       Residual{{Conv2d{5, 5, 3, 1, 1}, Tanh{}}, {Conv2d{5, 5, 1, 1, 0}, LayerNorm{5}}},
       Residual{{ScaledSoftplus{}, Sigmoid{}}, {}}, Upsample2x{}, UpsampleConv2d{5, 3},
       LeakyRelu{0.1}, GlobalMean{}, LayerNorm{3, 1e-3}, Linear{3, 2}, Sigmoid{}}};
  const Network vectors{{7},
                        {LayerNorm{7}, Linear{7, 6}, LayerNorm{6}, Tanh{}, Linear{6, 6, false},
                         ScaledSoftplus{}, LayerNorm{6}, Linear{6, 2}}};
  const Network reshaped{{12},
                         {Linear{12, 24}, Reshape{{6, 2, 2}}, LayerNorm{6}, ScaledSoftplus{},
                          ConvTranspose2d{6, 4, 4, 2, 1}, Pad{1, 0}, Crop{4, 3}, Tanh{},
                          Reshape{{48}}, Linear{48, 2}}};
  const Network modern{
      {5},
      {Linear{5, 5}, Tanh{}, Basis{5, 8, 6}, LayerNorm{5}, Conv2d{5, 4, 3, 1, 1}, ScaledSoftplus{},
       FilterDown2x{}, GroupedConv2d{4, 6, 3, 1, 1, 2}, LayerNorm{6}, FilterUp2x{}, Tanh{},
       BasisTranspose{6, 8, 6}, Projection{6, 2}}};
  return {images, vectors, reshaped, modern};
}

// The gradient of sum(loss_seed f) + <way, grad of sum(f at the last rows)>.
at::Tensor gradient_by_autograd(Model& model, const at::Tensor& x, const at::Tensor& seed,
                                const at::Tensor& way) {
  model.gradients.zero_();
  const ForwardContext context{.training = true, .gradients = true};
  const at::Tensor last = x.slice(0, x.size(0) - way.size(0)).clone().requires_grad_(true);
  const at::Tensor slope = torch::autograd::grad({forward(model, last, context).sum()}, {last}, {},
                                                 /*retain_graph=*/true, /*create_graph=*/true)[0];
  ((forward(model, x, context) * seed).sum() + (slope * way).sum()).backward();
  return model.gradients.clone();
}

TEST(CurvatureSweep, EqualsDoubleBackward) {
  for (const Network& network : curved_networks()) {
    ASSERT_TRUE(has_tangent_sweep(network) && is_curved(network));
    for (const int64_t rows : {1, 2, 5}) {
      SCOPED_TRACE(layer_name(network.layers[0]) + std::to_string(rows));
      Model model = random_model(network, 1, at::kDouble);
      // scales and shifts other than 1 and 0
      model.parameters += 0.2 * random_tensor({model.parameters.size(0)}, 7, at::kDouble);
      const at::Tensor x = random_batch(network.input, 5, 2, at::kDouble);
      const at::Tensor seed = random_batch({2}, 5, 3, at::kDouble);
      const at::Tensor way = random_batch(network.input, rows, 4, at::kDouble);
      const at::Tensor wanted = gradient_by_autograd(model, x, seed, way);
      const torch::NoGradGuard no_grad;
      model.gradients.zero_();
      Trace trace = forward_sweep(model, x);
      Adjoint adjoint = adjoint_sweep(model, trace, torch::ones({rows, 2}, at::kDouble), 5 - rows);
      const Curvature curvature = curvature_sweep(model, trace, std::move(adjoint), way);
      backward_sweep(model, trace, seed, 5, curvature);
      EXPECT_LT(relative_error(model.gradients, wanted), kTolerance);
    }
  }
}

TEST(CurvatureSweep, SlopesAreThoseOfTheLastRows) {
  for (const Network& network : curved_networks()) {
    const Model model = random_model(network, 1, at::kDouble);
    const at::Tensor x = random_batch(network.input, 5, 2, at::kDouble);
    const Trace trace = forward_sweep(model, x);
    EXPECT_LT(relative_error(trace.output, forward(model, x, {})), kTolerance);
    const at::Tensor seed = random_batch({2}, 5, 3, at::kDouble);
    const at::Tensor all = input_gradient(model, trace, seed);
    EXPECT_LT(
        relative_error(adjoint_sweep(model, trace, seed.slice(0, 3), 3).input, all.slice(0, 3)),
        kTolerance);
  }
}

TEST(CurvatureSweep, WithoutACurvatureThereIsTheLossAlone) {
  for (const Network& network : curved_networks()) {
    Model model = random_model(network, 1, at::kDouble);
    const at::Tensor x = random_batch(network.input, 5, 2, at::kDouble);
    const at::Tensor seed = random_batch({2}, 5, 3, at::kDouble);
    const at::Tensor wanted =
        gradient_by_autograd(model, x, seed, torch::zeros_like(x.slice(0, 4)));
    const torch::NoGradGuard no_grad;
    model.gradients.zero_();
    Trace trace = forward_sweep(model, x);
    EXPECT_FALSE(backward_sweep(model, trace, seed, 5).input.defined());
    EXPECT_LT(relative_error(model.gradients, wanted), kTolerance);
  }
}

}  // namespace
}  // namespace wgan
