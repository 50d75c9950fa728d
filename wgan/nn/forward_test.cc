// Every layer computes what LibTorch's own module for it computes.
#include "wgan/nn/forward.h"

#include <gtest/gtest.h>
#include <torch/nn.h>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr double kRounding = 1e-13;  // float64; the layouts differ, so the order of sums may

// A model of one layer with random parameters, and its output on a random batch of 3.
struct LayerRun {
  Model model;
  at::Tensor x, y;
};
LayerRun run_layer(const Layer& layer, const Shape& input, const ForwardContext& context = {}) {
  LayerRun result{random_model({input, {layer}}, 5, torch::kFloat64), {}, {}};
  result.x = random_batch(input, 3, 6, torch::kFloat64);
  result.y = forward(result.model, result.x, context);
  EXPECT_EQ(result.y.sizes().slice(1), at::IntArrayRef(output_shape(layer, input)));
  return result;
}

// Gives a LibTorch module the model's parameters.
template <class Module>
void copy_parameters(const Model& model, Module& module) {
  const torch::NoGradGuard no_grad;
  module->to(torch::kFloat64);
  const auto parameters = module->parameters();
  ASSERT_EQ(parameters.size(), model.frozen.size());
  for (size_t i = 0; i < parameters.size(); ++i) parameters[i].copy_(model.frozen[i]);
}

TEST(Forward, LinearEqualsTheModule) {
  for (const bool bias : {true, false}) {
    const LayerRun r = run_layer(Linear{7, 4, bias}, {7});
    torch::nn::Linear module(torch::nn::LinearOptions(7, 4).bias(bias));
    copy_parameters(r.model, module);
    EXPECT_LT(relative_error(r.y, module(r.x)), kRounding);
  }
}

TEST(Forward, ConvolutionEqualsTheModule) {
  for (const Conv2d& l : {Conv2d{3, 5, 4, 2, 1}, Conv2d{3, 2, 3, 1, 0, false}}) {
    const LayerRun r = run_layer(l, {3, 9, 8});
    torch::nn::Conv2d module(torch::nn::Conv2dOptions(l.in, l.out, l.kernel)
                                 .stride(l.stride)
                                 .padding(l.padding)
                                 .bias(l.bias));
    copy_parameters(r.model, module);
    EXPECT_LT(relative_error(r.y, module(r.x)), kRounding);
  }
}

TEST(Forward, TransposedConvolutionEqualsTheModule) {
  for (const ConvTranspose2d& l :
       {ConvTranspose2d{3, 5, 5, 2, 2, 1}, ConvTranspose2d{3, 2, 4, 2, 1, 0, false}}) {
    const LayerRun r = run_layer(l, {3, 5, 4});
    torch::nn::ConvTranspose2d module(torch::nn::ConvTranspose2dOptions(l.in, l.out, l.kernel)
                                          .stride(l.stride)
                                          .padding(l.padding)
                                          .output_padding(l.output_padding)
                                          .bias(l.bias));
    copy_parameters(r.model, module);
    EXPECT_LT(relative_error(r.y, module(r.x)), kRounding);
  }
}

TEST(Forward, GroupedConvolutionEqualsTheModule) {
  for (const GroupedConv2d& l :
       {GroupedConv2d{6, 4, 4, 2, 1, 2}, GroupedConv2d{6, 12, 3, 1, 0, 6, false}}) {
    const LayerRun r = run_layer(l, {6, 9, 8});
    torch::nn::Conv2d module(torch::nn::Conv2dOptions(l.in, l.out, l.kernel)
                                 .stride(l.stride)
                                 .padding(l.padding)
                                 .groups(l.groups)
                                 .bias(l.bias));
    copy_parameters(r.model, module);
    EXPECT_LT(relative_error(r.y, module(r.x)), kRounding);
  }
}

// The end of a critic by its basis is a depthwise convolution whose kernel is all of the picture.
TEST(Forward, BasesEqualTheirFormulas) {
  const LayerRun up = run_layer(Basis{5, 3, 4}, {5});
  EXPECT_LT(relative_error(up.y, torch::einsum("bc,cij->bcij", {up.x, up.model.frozen[0]})),
            kRounding);
  const LayerRun down = run_layer(BasisTranspose{5, 3, 4}, {5, 3, 4});
  const at::Tensor whole = torch::conv2d(down.x, down.model.frozen[0].unsqueeze(1), at::Tensor(), 1,
                                         at::IntArrayRef(0), 1, 5)
                               .flatten(1);
  EXPECT_LT(relative_error(down.y, whole), kRounding);
}

TEST(Forward, ProjectionAddsEachClassToWhatAllShare) {
  const LayerRun r = run_layer(Projection{7, 3}, {7});
  r.model.frozen[0].copy_(random_tensor({4, 7}, 9));  // the differences start at 0
  const at::Tensor y = forward(r.model, r.x, {});
  for (int64_t k = 0; k < 3; ++k) {
    const at::Tensor weight = r.model.frozen[0][0] + r.model.frozen[0][k + 1];
    EXPECT_LT(relative_error(y.select(1, k), r.x.mv(weight) + r.model.frozen[1]), kRounding);
  }
}

TEST(Forward, MinibatchDeviationAppendsTheMeanDeviation) {
  for (const Shape& shape : {Shape{2, 3, 4}, Shape{5}}) {
    const LayerRun r = run_layer(MinibatchDeviation{}, shape);
    EXPECT_TRUE(bits_equal(r.y.narrow(1, 0, shape[0]), r.x));
    const double mean = r.x.std(0, /*unbiased=*/false).mean().item<double>();
    EXPECT_LT((r.y.narrow(1, shape[0], 1) - mean).abs().max().item<double>(), 1e-7);
  }
  const Model model = random_model({{5}, {MinibatchDeviation{}}}, 1);
  EXPECT_NEAR(forward(model, torch::ones({4, 5}), {})[0][5].item<double>(), 0, 1.1e-4);
}

TEST(Forward, ActivationsEqualTheModules) {
  torch::nn::LeakyReLU leaky(torch::nn::LeakyReLUOptions().negative_slope(0.3));
  const LayerRun l = run_layer(LeakyRelu{0.3}, {2, 3, 3});
  EXPECT_TRUE(bits_equal(l.y, leaky(l.x)));
  const LayerRun r = run_layer(LeakyRelu{0}, {2, 3, 3});
  EXPECT_TRUE(bits_equal(r.y, torch::nn::ReLU()(r.x)));
  const LayerRun t = run_layer(Tanh{}, {9});
  EXPECT_TRUE(bits_equal(t.y, torch::nn::Tanh()(t.x)));
  const LayerRun s = run_layer(Sigmoid{}, {9});
  EXPECT_TRUE(bits_equal(s.y, torch::nn::Sigmoid()(s.x)));
}

TEST(Forward, PadAndCropTouchTheRightSides) {
  const LayerRun p = run_layer(Pad{1, 2}, {2, 3, 4});
  EXPECT_EQ(p.y.sizes(), (at::IntArrayRef{3, 2, 6, 7}));
  EXPECT_TRUE(bits_equal(p.y.narrow(2, 1, 3).narrow(3, 1, 4), p.x));
  EXPECT_DOUBLE_EQ(p.y.abs().sum().item<double>(), p.x.abs().sum().item<double>());
  const LayerRun c = run_layer(Crop{2, 1}, {2, 3, 4});
  EXPECT_TRUE(bits_equal(c.y, p.x.narrow(2, 0, 2).narrow(3, 0, 1)));
}

TEST(Forward, ReshapeKeepsTheOrderOfChannelsRowsColumns) {
  Model model = make_model({{2, 3, 4}, {Reshape{{24}}}}, torch::kFloat32, Training::kNo);
  const at::Tensor x = torch::arange(24, torch::kFloat32).view({1, 2, 3, 4});
  const at::Tensor expected = x.view({1, 24});
  EXPECT_TRUE(bits_equal(forward(model, x, {}), expected));
  // Whatever lies in memory.
  EXPECT_TRUE(
      bits_equal(forward(model, x.contiguous(at::MemoryFormat::ChannelsLast), {}), expected));
}

TEST(Forward, BatchNormEqualsTheModuleInTrainingAndAfter) {
  for (const bool image : {true, false}) {
    const Shape input = image ? Shape{4, 3, 3} : Shape{4};
    LayerRun r = run_layer(BatchNorm{4, 0.3, 1e-3}, input);
    r.model.frozen[0].copy_(random_tensor({4}, 8));
    r.model.frozen[1].copy_(random_tensor({4}, 9));
    torch::nn::BatchNorm2d two(torch::nn::BatchNorm2dOptions(4).momentum(0.3).eps(1e-3));
    torch::nn::BatchNorm1d one(torch::nn::BatchNorm1dOptions(4).momentum(0.3).eps(1e-3));
    copy_parameters(r.model, two);
    copy_parameters(r.model, one);
    const auto module = [&](const at::Tensor& x) { return image ? two(x) : one(x); };
    for (int step = 0; step < 3; ++step) {
      const at::Tensor x = r.x * (step + 1) + step;
      EXPECT_LT(relative_error(forward(r.model, x, {.training = true}), module(x)), 1e-12);
    }
    const auto buffers = image ? two->buffers() : one->buffers();
    EXPECT_LT(relative_error(r.model.memory[0], buffers[0]), 1e-12);
    EXPECT_LT(relative_error(r.model.memory[1], buffers[1]), 1e-12);
    two->eval();
    one->eval();
    const at::Tensor state = r.model.state.clone();
    EXPECT_LT(relative_error(forward(r.model, r.x, {}), module(r.x)), 1e-12);
    EXPECT_TRUE(bits_equal(r.model.state, state)) << "evaluation changed the running statistics";
  }
}

TEST(Forward, LayerNormEqualsItsFormula) {
  for (const char* name : {"layer_norm_image", "layer_norm_vector"}) {
    const auto fixture = remedies_fixture(name);
    const at::Tensor x = fixture_tensor(fixture.at("x"));
    const Shape sample = x.sizes().slice(1).vec();
    Model model =
        random_model({sample, {LayerNorm{sample[0], fixture.at("epsilon")}}}, 1, torch::kFloat64);
    model.frozen[0].copy_(fixture_tensor(fixture.at("scale")));
    model.frozen[1].copy_(fixture_tensor(fixture.at("shift")));
    for (const bool training : {true, false}) {
      EXPECT_LT(relative_error(forward(model, x, {.training = training}),
                               fixture_tensor(fixture.at("y"))),
                1e-12)
          << name;
    }
  }
}

TEST(Forward, VirtualBatchNormEqualsItsFormula) {
  for (const char* name : {"virtual_batch_norm_image", "virtual_batch_norm_vector"}) {
    const auto fixture = remedies_fixture(name);
    const at::Tensor reference = fixture_tensor(fixture.at("reference"));
    const at::Tensor x = fixture_tensor(fixture.at("x"));
    const Shape sample = x.sizes().slice(1).vec();
    const int64_t size = elements(sample);
    Model model = random_model({{size},
                                {ReferenceBatch{reference.size(0), size}, Reshape{sample},
                                 VirtualBatchNorm{sample[0], fixture.at("epsilon")}}},
                               1, torch::kFloat64);
    model.frozen[0].copy_(fixture_tensor(fixture.at("scale")));
    model.frozen[1].copy_(fixture_tensor(fixture.at("shift")));
    model.memory[0].copy_(reference.flatten(1));
    const at::Tensor expected = fixture_tensor(fixture.at("y"));
    EXPECT_LT(relative_error(forward(model, x.flatten(1), {}), expected), 1e-12) << name;
    // A sample does not depend on its neighbours.
    EXPECT_LT(
        relative_error(forward(model, x.flatten(1).narrow(0, 1, 1), {}), expected.narrow(0, 1, 1)),
        1e-12)
        << name;
  }
}

TEST(Forward, MinibatchDiscriminationEqualsItsFormula) {
  const auto fixture = remedies_fixture("minibatch_discrimination");
  const at::Tensor x = fixture_tensor(fixture.at("x"));
  Model model = random_model(
      {{x.size(1)},
       {MinibatchDiscrimination{x.size(1), fixture.at("kernels"), fixture.at("dimensions")}}},
      1, torch::kFloat64);
  model.frozen[0].copy_(fixture_tensor(fixture.at("tensor")));
  EXPECT_LT(relative_error(forward(model, x, {}), fixture_tensor(fixture.at("y"))), 1e-13);
}

TEST(Forward, ScaledSoftplusEqualsItsFormula) {
  const LayerRun r = run_layer(ScaledSoftplus{}, {9});
  EXPECT_LT(relative_error(r.y, (2 * r.x + 2).exp().log1p() / 2 - 1), kRounding);
}

TEST(Forward, GaussianNoiseIsNormalInTrainingAloneAndAFunctionOfItsMemory) {
  const Model model = random_model({{400}, {GaussianNoise{0.5}, GaussianNoise{2}}}, 5);
  const at::Tensor x = random_batch({400}, 100, 6);
  EXPECT_TRUE(bits_equal(forward(model, x, {}), x));
  const at::Tensor start = model.state.clone();
  const ForwardContext first_layer{.training = true, .layers = 1};
  const at::Tensor first = forward(model, x, first_layer) - x;
  EXPECT_NEAR(first.mean().item<double>(), 0, 4 * 0.5 / 200);
  EXPECT_NEAR(first.std().item<double>(), 0.5, 4 * 0.5 / 280);
  EXPECT_NEAR((first / 0.5).pow(4).mean().item<double>(), 3, 0.2);
  const at::Tensor second = forward(model, x, first_layer) - x;
  EXPECT_NEAR((first * second).mean().item<double>(), 0, 4 * 0.25 / 200);
  model.state.copy_(start);
  EXPECT_TRUE(bits_equal(forward(model, x, first_layer) - x, first));
  model.state.copy_(start);
  const at::Tensor both = forward(model, x, {.training = true}) - x;
  EXPECT_NEAR(both.var().item<double>(), 4.25, 0.15) << "the layers draw apart";
  EXPECT_FALSE(bits_equal(random_model(model.network, 6).state, start)) << "and seeds";
}

TEST(Forward, StopsAfterSoManyLayers) {
  const Model model = random_model(layers_without_sweeps(), 3);
  const at::Tensor x = random_batch({3, 4, 4}, 5, 4);
  Network start = model.network;
  start.layers.resize(4);
  Model first = random_model(start, 3);
  for (size_t i = 0; i < first.frozen.size(); ++i) first.frozen[i].copy_(model.frozen[i]);
  EXPECT_TRUE(bits_equal(forward(model, x, {.layers = 4}), forward(first, x, {})));
}

TEST(Forward, RecordsGradientsOnlyWhereAsked) {
  const LayerRun frozen = run_layer(Linear{3, 2}, {3});
  EXPECT_FALSE(frozen.y.requires_grad());
  const LayerRun trained = run_layer(Linear{3, 2}, {3}, {.training = true, .gradients = true});
  EXPECT_TRUE(trained.y.requires_grad());
  const at::Tensor x = frozen.x.clone().requires_grad_(true);
  EXPECT_TRUE(forward(frozen.model, x, {}).requires_grad());
}

TEST(Forward, LeavesItsInputAsItWas) {
  const Network network{{2, 4, 4}, {LeakyRelu{0.1}, Reshape{{32}}, Tanh{}, Sigmoid{}}};
  const Model model = make_model(network, torch::kFloat32, Training::kNo);
  const at::Tensor x = random_batch(network.input, 2, 1), copy = x.clone();
  forward(model, x, {});
  EXPECT_TRUE(bits_equal(x, copy));
}

}  // namespace
}  // namespace wgan
