// Values, derivatives and second derivatives of activations against autograd.
#include "wgan/nn/activations.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <vector>

#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

const Layers kActivations{LeakyRelu{0.2}, LeakyRelu{0}, Tanh{}, Sigmoid{}, ScaledSoftplus{}};

// From deep in one saturation to deep in the other.
at::Tensor inputs() { return torch::linspace(-6, 6, 240, torch::kFloat64).view({4, 60}); }

at::Tensor values(const Layer& layer, const at::Tensor& z) {
  const at::Tensor y = z.clone();
  activate_in_place(layer, y);
  return y;
}

TEST(Activations, EqualForward) {
  for (const Layer& layer : kActivations) {
    const Model model = make_model({{60}, {layer}}, torch::kFloat64, Training::kNo);
    EXPECT_LT(relative_error(values(layer, inputs()), forward(model, inputs(), {})), 1e-15)
        << layer_name(layer);
  }
}

TEST(Activations, DerivativesEqualAutogradWhereverTheyAreWritten) {
  for (const Layer& layer : kActivations) {
    SCOPED_TRACE(layer_name(layer));
    const Model model = make_model({{60}, {layer}}, torch::kFloat64, Training::kNo);
    const at::Tensor z = inputs().requires_grad_(true), d = random_tensor({4, 60}, 3, at::kDouble);
    const at::Tensor wanted = torch::autograd::grad({forward(model, z, {})}, {z}, {d})[0];
    const torch::NoGradGuard no_grad;
    const at::Tensor y = values(layer, z), apart = at::empty_like(d), over_d = d.clone();
    differentiate_activation(layer, apart, d, y);
    differentiate_activation(layer, over_d, over_d, y);
    EXPECT_LT(relative_error(apart, wanted), 1e-12);
    EXPECT_TRUE(bits_equal(over_d, apart));
    differentiate_activation(layer, y, d, y);
    EXPECT_TRUE(bits_equal(y, apart));
  }
}

TEST(Activations, CurvatureEqualsDoubleBackward) {
  for (const Layer& layer : kActivations) {
    SCOPED_TRACE(layer_name(layer));
    const Model model = make_model({{60}, {layer}}, torch::kFloat64, Training::kNo);
    const at::Tensor z = inputs().requires_grad_(true), d = random_tensor({4, 60}, 3, at::kDouble);
    const at::Tensor way = random_tensor({4, 60}, 4, at::kDouble);
    const at::Tensor slope =
        torch::autograd::grad({forward(model, z, {})}, {z}, {d}, /*retain_graph=*/true,
                              /*create_graph=*/true)[0];
    const at::Tensor y = values(layer, z.detach()), t = at::empty_like(way);
    differentiate_activation(layer, t, way, y);
    const at::Tensor bend = activation_curvature(layer, d, t, y);
    if (std::holds_alternative<LeakyRelu>(layer)) {
      EXPECT_FALSE(bend.defined());
      continue;
    }
    const at::Tensor wanted = torch::autograd::grad({(slope * way).sum()}, {z})[0];
    EXPECT_LT(relative_error(bend, wanted), 1e-12);
  }
}

}  // namespace
}  // namespace wgan
