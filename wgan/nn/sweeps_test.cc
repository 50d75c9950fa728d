// Each sweep equals what autograd computes, and finite differences.
#include "wgan/nn/sweeps.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/utils.h>

#include "wgan/net/presets.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr double kTolerance = 1e-11;  // float64
constexpr auto kDouble = torch::kFloat64;

// Every kind of layer that has sweeps, smooth ones included; activations meet without an affine
// layer between them, and one is first.
Network every_layer() {
  return {{2, 7, 6},
          {LeakyRelu{0.3},
           Pad{1, 2},
           Conv2d{2, 4, 4, 2, 1},
           LeakyRelu{0.2},
           Tanh{},
           ConvTranspose2d{4, 3, 3, 2, 1, 1, false},
           Crop{9, 8},
           LeakyRelu{0},
           Reshape{{216}},
           ScaledSoftplus{},
           Sigmoid{},
           Linear{216, 12},
           Tanh{},
           Sigmoid{},
           Reshape{{3, 2, 2}},
           LeakyRelu{0.5},
           Conv2d{3, 5, 2, 1, 0},
           Upsample2x{},
           Residual{{LeakyRelu{0.2}, Conv2d{5, 6, 3, 1, 1}, Sigmoid{}, MeanPool2x{}},
                    {MeanPool2x{}, Conv2d{5, 6, 1, 1, 0, false}}},
           Residual{{LeakyRelu{0}, Conv2d{6, 6, 1, 1, 0}}, {}},
           UpsampleConv2d{6, 5},
           UpsampleConv2d{5, 2, false},
           GlobalMean{},
           Linear{2, 3, false},
           Tanh{}}};
}

Network piecewise_linear() {
  return {{2, 7, 6},
          {LeakyRelu{0.3}, Pad{1, 2}, Conv2d{2, 4, 4, 2, 1}, LeakyRelu{0.2}, LeakyRelu{0},
           ConvTranspose2d{4, 3, 3, 2, 1, 1, false}, Crop{9, 8}, LeakyRelu{0.1}, Reshape{{216}},
           Linear{216, 12}, LeakyRelu{0.2}, Linear{12, 3}}};
}

// Residual sums at the input, within one another, without weights, and as the last with weights.
Network residual_sums() {
  return {
      {3, 8, 8},
      {Residual{{LeakyRelu{0.1}, Conv2d{3, 4, 3, 1, 1}, LeakyRelu{0.2}, Conv2d{4, 5, 3, 1, 1},
                 MeanPool2x{}},
                {MeanPool2x{}, Conv2d{3, 5, 1, 1, 0}}},
       Residual{{Residual{{LeakyRelu{0.2}, Conv2d{5, 5, 3, 1, 1}}, {LeakyRelu{0.5}}}, Upsample2x{}},
                {Upsample2x{}}},
       Residual{{MeanPool2x{}}, {LeakyRelu{0.3}, MeanPool2x{}}}, LeakyRelu{0}, GlobalMean{},
       Residual{{Linear{5, 3}, LeakyRelu{0.2}}, {Linear{5, 3, false}}}}};
}

// An identity beside the first weights.
Network residual_without_shortcut() {
  return {{6}, {LeakyRelu{0.5}, Residual{{LeakyRelu{0.2}, Linear{6, 6}}, {}}, Linear{6, 3}}};
}

// Noise, here of no size, is the last of a branch and hands its gradient down as it is.
Network noise_behind_an_activation() {
  return {
      {6},
      {Residual{{Linear{6, 5}, LeakyRelu{0.2}, GaussianNoise{0}}, {Linear{6, 5}}}, Linear{5, 3}}};
}

TEST(Sweeps, ForwardEqualsForward) {
  for (const Network& network :
       {every_layer(), piecewise_linear(), residual_sums(), residual_without_shortcut(),
        dcgan_generator({3, 9, 12}, 5, {.width = 2, .batch_norm = false})}) {
    const Model model = random_model(network, 1, kDouble);
    const at::Tensor x = random_batch(network.input, 5, 2, kDouble), copy = x.clone();
    EXPECT_LT(relative_error(forward_sweep(model, x).output, forward(model, x, {})), kTolerance);
    EXPECT_TRUE(bits_equal(x, copy)) << "the caller's tensor was changed";
  }
}

TEST(Sweeps, AdjointAndWeightsEqualAutograd) {
  for (const Network& network : {every_layer(), residual_sums(), residual_without_shortcut(),
                                 noise_behind_an_activation()}) {
    Model model = random_model(network, 1, kDouble);
    const at::Tensor x = random_batch(network.input, 5, 2, kDouble).requires_grad_(true);
    const at::Tensor seed = random_batch(output_shape(network), 5, 3, kDouble);
    forward(model, x, {.training = true, .gradients = true}).backward(seed);

    const torch::NoGradGuard no_grad;
    const Trace trace = forward_sweep(model, x.detach());
    const Adjoint adjoint = adjoint_sweep(model, trace, seed, 0);
    EXPECT_LT(relative_error(adjoint.input, x.grad()), kTolerance);
    const at::Tensor once = model.gradients.clone();
    weight_sweep(model, trace, adjoint, 5);  // it adds
    EXPECT_LT(relative_error(model.gradients, 2 * once), kTolerance);
  }
}

TEST(Sweeps, AdjointOfTheLastRowsAlone) {
  for (const Network& network :
       {piecewise_linear(), residual_sums(), residual_without_shortcut()}) {
    const Model model = random_model(network, 1, kDouble);
    const Trace trace = forward_sweep(model, random_batch(network.input, 6, 2, kDouble));
    const at::Tensor seed = random_batch({3}, 6, 3, kDouble);
    const Adjoint whole = adjoint_sweep(model, trace, seed, 0);
    const Adjoint part = adjoint_sweep(model, trace, seed, 4);
    EXPECT_LT(relative_error(part.input, whole.input.slice(0, 4)), kTolerance);
    const Adjoint none = adjoint_sweep(model, trace, seed, 6);
    EXPECT_FALSE(none.input.defined());
    for (size_t i = 0; i < whole.outputs.size(); ++i) {
      ASSERT_EQ(whole.outputs[i].defined(), none.outputs[i].defined());
      if (!whole.outputs[i].defined()) continue;
      EXPECT_LT(relative_error(part.outputs[i], whole.outputs[i]), kTolerance) << i;
      EXPECT_LT(relative_error(none.outputs[i], whole.outputs[i]), kTolerance) << i;
    }
  }
}

// Rows that are kept go over others of the trace (4) or into tensors of their own (2).
TEST(Sweeps, BackwardIsAdjointAndWeightsInOne) {
  for (const Network& network :
       {piecewise_linear(), residual_sums(), residual_without_shortcut()}) {
    Model model = random_model(network, 1, kDouble);
    const at::Tensor x = random_batch(network.input, 6, 2, kDouble);
    const at::Tensor seed = random_batch({3}, 6, 3, kDouble);
    for (const int64_t first_row : {0, 2, 4, 6}) {
      SCOPED_TRACE(first_row);
      model.gradients.zero_();
      const auto move = [&](Trace& trace) {
        if (first_row < 6) {
          tangent_sweep(model, trace, random_batch(network.input, 6 - first_row, 4, kDouble));
        }
      };
      Trace trace = forward_sweep(model, x);
      const Adjoint wanted = adjoint_sweep(model, trace, seed, first_row);
      move(trace);
      weight_sweep(model, trace, wanted, first_row);
      const at::Tensor gradients = model.gradients.clone();

      model.gradients.zero_();
      Trace used = forward_sweep(model, x);
      const Adjoint seen = backward_sweep(model, used, seed, first_row);
      move(used);
      weight_sweep(model, used, seen, 0);
      EXPECT_LT(relative_error(model.gradients, gradients), kTolerance);
      EXPECT_EQ(seen.input.defined(), first_row < 6);
      if (first_row == 6) continue;
      EXPECT_LT(relative_error(seen.input, wanted.input), kTolerance);
      for (size_t i = 0; i < wanted.outputs.size(); ++i) {
        ASSERT_EQ(seen.outputs[i].defined(), wanted.outputs[i].defined());
        if (!wanted.outputs[i].defined()) continue;
        EXPECT_LT(relative_error(seen.outputs[i], wanted.outputs[i].slice(0, first_row)),
                  kTolerance)
            << i;
      }
    }
  }
}

TEST(Sweeps, InputGradientIsTheAdjoint) {
  for (const Network& network : {every_layer(), residual_sums()}) {
    const Model model = random_model(network, 1, kDouble);
    const Trace trace = forward_sweep(model, random_batch(network.input, 4, 2, kDouble));
    const at::Tensor seed = random_batch({3}, 4, 3, kDouble);
    EXPECT_LT(relative_error(input_gradient(model, trace, seed),
                             adjoint_sweep(model, trace, seed, 0).input),
              kTolerance);
  }
}

TEST(Sweeps, BiasesSeeTheFirstRowsAlone) {
  const Network network{{4}, {Linear{4, 3}, LeakyRelu{0.2}, Linear{3, 1}}};
  Model model = random_model(network, 1, kDouble);
  const Trace trace = forward_sweep(model, random_batch({4}, 6, 2, kDouble));
  const Adjoint adjoint = adjoint_sweep(model, trace, torch::ones({6, 1}, kDouble), 6);
  weight_sweep(model, trace, adjoint, 4);
  const auto& views = model.gradient_views;
  EXPECT_DOUBLE_EQ(views[3].item<double>(), 4);
  EXPECT_LT(relative_error(views[1], adjoint.outputs[0].narrow(0, 0, 4).sum(0)), kTolerance);
}

TEST(Sweeps, AdjointEqualsFiniteDifferences) {
  const Network network = every_layer();
  const Model model = random_model(network, 1, kDouble);
  const at::Tensor x = random_batch(network.input, 1, 2, kDouble);
  const at::Tensor seed = random_batch({3}, 1, 3, kDouble);
  const at::Tensor gradient = adjoint_sweep(model, forward_sweep(model, x), seed, 0).input;
  constexpr double kStep = 1e-6;
  for (uint64_t i = 0; i < 8; ++i) {
    const at::Tensor way = random_batch(network.input, 1, 10 + i, kDouble);
    const at::Tensor change =
        forward(model, x + kStep * way, {}) - forward(model, x - kStep * way, {});
    const double slope = (change * seed).sum().item<double>() / (2 * kStep);
    const double scale = (gradient.norm() * way.norm()).item<double>();
    EXPECT_NEAR((gradient * way).sum().item<double>(), slope, 1e-7 * scale);
  }
}

// The network is linear near x, so the tangent at the output is the difference of two runs.
TEST(Sweeps, TangentEqualsFiniteDifferences) {
  const Network network = piecewise_linear();
  const Model model = random_model(network, 1, kDouble);
  const at::Tensor x = random_batch(network.input, 5, 2, kDouble);
  const at::Tensor way = random_batch(network.input, 2, 3, kDouble);
  Trace trace = forward_sweep(model, x);
  tangent_sweep(model, trace, way);
  const Trace before = forward_sweep(model, x);
  constexpr double kStep = 1e-6;
  const at::Tensor last_rows = x.slice(0, 3);
  const Trace up = forward_sweep(model, last_rows + kStep * way);
  const Trace down = forward_sweep(model, last_rows - kStep * way);
  int compared = 0;
  for (size_t i = 0; i < network.layers.size(); ++i) {
    const bool affine = std::holds_alternative<Linear>(network.layers[i]) ||
                        std::holds_alternative<Conv2d>(network.layers[i]) ||
                        std::holds_alternative<ConvTranspose2d>(network.layers[i]);
    if (!affine) continue;
    const at::Tensor slope = (up.inputs[i] - down.inputs[i]) / (2 * kStep);
    EXPECT_LT(relative_error(trace.inputs[i].slice(0, 3), slope), 1e-8) << i;
    EXPECT_TRUE(bits_equal(trace.inputs[i].slice(0, 0, 3), before.inputs[i].slice(0, 0, 3))) << i;
    ++compared;
  }
  EXPECT_EQ(compared, 4);
}

// <seed, J direction> = <J^T seed, direction>
TEST(Sweeps, TangentIsTheTransposeOfTheAdjoint) {
  Network network = piecewise_linear();
  network.layers.push_back(Linear{3, 3, false});  // its input's tangent is J direction
  const Model model = random_model(network, 1, kDouble);
  Trace trace = forward_sweep(model, random_batch({2, 7, 6}, 4, 2, kDouble));
  const at::Tensor way = random_batch({2, 7, 6}, 4, 3, kDouble);
  const at::Tensor seed = random_batch({3}, 4, 4, kDouble);
  const Adjoint adjoint = adjoint_sweep(model, trace, seed, 0);
  tangent_sweep(model, trace, way);
  const at::Tensor tangent = trace.inputs.back();
  const at::Tensor through_last = seed.mm(model.frozen.back());
  EXPECT_NEAR((tangent * through_last).sum().item<double>(),
              (adjoint.input * way).sum().item<double>(), 1e-11);
}

TEST(Sweeps, KnowWhereTheyAreExact) {
  EXPECT_TRUE(has_tangent_sweep(every_layer()));
  EXPECT_TRUE(is_curved(every_layer()));
  EXPECT_TRUE(has_tangent_sweep(piecewise_linear()));
  EXPECT_FALSE(is_curved(piecewise_linear()));
  EXPECT_FALSE(is_curved(residual_sums()));
  EXPECT_FALSE(has_tangent_sweep(dcgan_critic({1, 28, 28}, {})));
  EXPECT_TRUE(has_tangent_sweep(gulrajani_critic({1, 28, 28}, 4)));
}

}  // namespace
}  // namespace wgan
