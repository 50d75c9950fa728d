// The layers of modern networks: the adjoint is the transpose, and autograd gives the same
// gradients. (Those of the other layers are tested through the sweeps.)
#include "wgan/nn/affine.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <vector>

#include "wgan/nn/forward.h"
#include "wgan/nn/sweeps.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

struct LayerWithInput {
  Layer layer;
  Shape input;
};
std::vector<LayerWithInput> layers_with_inputs() {
  return {{GroupedConv2d{6, 12, 3, 1, 1, 3}, {6, 5, 4}},
          {GroupedConv2d{32, 32, 3, 1, 1, 2}, {32, 8, 6}},
          {GroupedConv2d{6, 6, 4, 1, 0, 6, false}, {6, 4, 4}},  // depthwise, of all of the picture
          {GroupedConv2d{6, 4, 4, 2, 1, 2}, {6, 8, 6}},
          {Basis{6, 3, 4}, {6}},
          {BasisTranspose{6, 3, 4}, {6, 3, 4}},
          {Projection{6, 4}, {6}},
          {Projection{6, 1, false}, {6}},
          {FilterDown2x{}, {6, 8, 6}},
          {FilterUp2x{}, {6, 8, 6}}};
}

at::Tensor view_or_none(const std::vector<at::Tensor>& views, int64_t place) {
  return place < 0 ? at::Tensor() : views[static_cast<size_t>(place)];
}

// <A x, d> = <x, A^T d>
TEST(Affine, TheAdjointIsTheTranspose) {
  for (const auto& [layer, input] : layers_with_inputs()) {
    SCOPED_TRACE(layer_name(layer));
    const Model model = random_model({input, {layer}}, 1, torch::kFloat64);
    const at::Tensor weight = view_or_none(model.frozen, model.places[0].weight);
    const at::Tensor x = with_shape(random_batch(input, 3, 2, torch::kFloat64), input);
    const at::Tensor y = affine(layer, x, weight, {});
    const Shape output = output_shape(layer, input);
    const at::Tensor d = with_shape(random_batch(output, 3, 3, torch::kFloat64), output);
    ASSERT_EQ(y.sizes(), d.sizes());
    const at::Tensor back = affine_adjoint(layer, d, x, weight);
    ASSERT_EQ(back.sizes(), x.sizes());
    EXPECT_NEAR((y * d).sum().item<double>(), (x * back).sum().item<double>(), 1e-11);
  }
}

TEST(Affine, SweepsEqualAutograd) {
  for (const auto& [layer, input] : layers_with_inputs()) {
    for (const at::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
      SCOPED_TRACE(std::string(layer_name(layer)) + " " + c10::toString(type));
      const double error = type == torch::kFloat64 ? 1e-13 : 1e-5;
      // A layer with weights before it, so that all rows go down through it.
      const Layer first = input.size() == 3 ? Layer(Conv2d{input[0], input[0], 1})
                                            : Layer(Linear{input[0], input[0]});
      Model model = random_model({input, {first, layer}}, 1, type);
      const at::Tensor x = random_batch(input, 3, 2, type).requires_grad_(true);
      const at::Tensor y = forward(model, x, {.training = true, .gradients = true});
      const at::Tensor seed = random_batch(output_shape(layer, input), 3, 3, type);
      y.backward(seed);
      const at::Tensor wanted = model.gradients.clone();
      ASSERT_GT(wanted.norm().item<double>(), 0);
      const torch::NoGradGuard no_grad;
      model.gradients.zero_();
      const Trace trace = forward_sweep(model, x.detach());
      EXPECT_LT(relative_error(trace.output, y), error);
      const Adjoint adjoint = adjoint_sweep(model, trace, seed, 0);
      weight_sweep(model, trace, adjoint, 3);
      EXPECT_LT(relative_error(adjoint.input, x.grad()), error);
      EXPECT_LT(relative_error(model.gradients, wanted), error);
    }
  }
}

}  // namespace
}  // namespace wgan
