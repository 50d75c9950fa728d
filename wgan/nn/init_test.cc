// Initial weights have the moments of the published schemes and do not depend on memory or dtype.
#include "wgan/nn/init.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/net/modern.h"
#include "wgan/net/resnet.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

Network init_network() {
  return {{32, 16, 16},
          {Conv2d{32, 64, 4, 2, 1}, BatchNorm{64}, LeakyRelu{0.2}, ConvTranspose2d{64, 16, 4, 2, 1},
           Reshape{{4096}}, Linear{4096, 100}, LeakyRelu{0}, Linear{100, 300}}};
}
enum Tensor { kConv = 0, kConvBias, kScale, kShift, kUp, kUpBias, kHidden, kHiddenBias, kOut };

Model initialised(Init init, uint64_t seed = 1, uint64_t player = 0,
                  at::ScalarType dtype = torch::kFloat32) {
  Model model = make_model(init_network(), at::TensorOptions(dtype), Training::kNo);
  initialise(model, init, seed, player);
  return model;
}

// Mean and deviation within five standard errors of zero and `deviation` (fourth moments: a
// normal's; a uniform has less).
void expect_moments(const at::Tensor& tensor, double mean, double deviation) {
  const double n = static_cast<double>(tensor.numel());
  const at::Tensor values = tensor.to(torch::kFloat64);
  EXPECT_NEAR(values.mean().item<double>(), mean, 5 * deviation / std::sqrt(n));
  EXPECT_NEAR(values.std().item<double>(), deviation, 5 * deviation / std::sqrt(2 * n));
}

void expect_uniform(const at::Tensor& tensor, double deviation) {
  expect_moments(tensor, 0, deviation);
  const double bound = deviation * std::sqrt(3.0);
  const double largest = tensor.abs().max().item<double>();
  EXPECT_LE(largest, bound * (1 + 1e-6));
  EXPECT_GE(largest, bound * 0.99);
}

void expect_constant(const at::Tensor& tensor, double value) {
  EXPECT_TRUE((tensor == value).all().item<bool>());
}

TEST(Init, DcganDrawsNormals) {
  const Model model = initialised(Init::kDcgan);
  for (const int weight : {kConv, kUp, kHidden, kOut}) {
    expect_moments(model.frozen[static_cast<size_t>(weight)], 0, 0.02);
  }
  // Tails that a uniform of the same deviation (bound 0.035) would lack.
  EXPECT_GT(model.frozen[kConv].abs().max().item<double>(), 0.05);
  expect_moments(model.frozen[kScale], 1, 0.02);
  for (const int bias : {kConvBias, kShift, kUpBias, kHiddenBias}) {
    expect_constant(model.frozen[static_cast<size_t>(bias)], 0);
  }
}

TEST(Init, ScaledUniformCountsReceptiveFields) {
  const Model model = initialised(Init::kScaledUniform);
  // fan_in 32*16, fan_out 64*16/4
  expect_uniform(model.frozen[kConv], std::sqrt(4.0 / (512 + 256)));
  // fan_in 64*16/4, fan_out 16*16
  expect_uniform(model.frozen[kUp], std::sqrt(4.0 / (256 + 256)));
  expect_uniform(model.frozen[kHidden], std::sqrt(2.0 / (4096 + 100)));
  expect_uniform(model.frozen[kOut], std::sqrt(2.0 / (100 + 300)));
  for (const int bias : {kConvBias, kShift, kUpBias, kHiddenBias}) {
    expect_constant(model.frozen[static_cast<size_t>(bias)], 0);
  }
  expect_constant(model.frozen[kScale], 1);
}

TEST(Init, HeIsForLinearLayersBeforeARelu) {
  const Model model = initialised(Init::kScaledUniformHe);
  expect_uniform(model.frozen[kHidden], std::sqrt(2.0 / 4096));
  expect_uniform(model.frozen[kOut], std::sqrt(2.0 / (100 + 300)));
}

TEST(Init, TorchBoundsWeightsAndBiasesByFanIn) {
  const Model model = initialised(Init::kTorch);
  const auto deviation = [](double fan_in) { return 1 / std::sqrt(3 * fan_in); };
  expect_uniform(model.frozen[kConv], deviation(32 * 16));
  expect_moments(model.frozen[kConvBias], 0, deviation(32 * 16));
  expect_uniform(model.frozen[kUp], deviation(16 * 16));  // PyTorch takes the second extent
  expect_uniform(model.frozen[kHidden], deviation(4096));
  expect_moments(model.frozen[kHiddenBias], 0, deviation(4096));
  expect_constant(model.frozen[kScale], 1);
  expect_constant(model.frozen[kShift], 0);
}

Model scaled_by_depth_model(const Network& network) {
  Model model = make_model(network, torch::kFloat32, Training::kNo);
  initialise(model, Init::kScaledDepth, 1, 0);
  return model;
}

TEST(Init, ScaledDepthIsR3gans) {
  const Model critic = scaled_by_depth_model(modern_critic({3, 16, 16}, 32));
  const double body = std::sqrt(2 / 1.04 / std::sqrt(6.0));  // six blocks
  expect_moments(critic.frozen[0], 0, 1 / std::sqrt(3.0));
  for (const size_t block : {1, 6}) {  // weight, bias, weight, bias, weight
    expect_moments(critic.frozen[block], 0, body / std::sqrt(32.0));
    expect_constant(critic.frozen[block + 1], 0);
    expect_moments(critic.frozen[block + 2], 0, body / std::sqrt(16 * 9.0));
    expect_constant(critic.frozen[block + 3], 0);
    expect_constant(critic.frozen[block + 4], 0);
  }
  expect_moments(critic.frozen[11], 0, 1 / std::sqrt(32.0));  // 32 to 64 channels
  expect_moments(critic.frozen.end()[-2], 0, 1 / 4.0);        // the basis, 4x4
  expect_moments(critic.frozen.back(), 0, 1 / std::sqrt(128.0));
  const Model generator = scaled_by_depth_model(modern_generator({3, 16, 16}, 64, 32));
  expect_moments(generator.frozen[0], 0, 1 / 8.0);
  expect_moments(generator.frozen[1], 0, 1);  // the basis
  expect_moments(generator.frozen.back(), 0, 1 / std::sqrt(32.0));
}

TEST(Init, ScaledDepthFollowsTheLayersOfABody) {
  // Bodies of two layers: L^(-1/(m-1)) of the variance is 1/L.
  const Model resnet = scaled_by_depth_model(resnet_critic({3, 32, 32}, 64));
  expect_moments(resnet.frozen[0], 0, std::sqrt(2 / (3 * 9.0) / 4));
  expect_constant(resnet.frozen[2], 0);
}

TEST(Init, ProjectionsStartWithoutADifferenceBetweenClasses) {
  for (const Init init : {Init::kDcgan, Init::kScaledUniform, Init::kScaledUniformHe, Init::kTorch,
                          Init::kScaledDepth}) {
    Model model = make_model({{400}, {Projection{400, 3}}}, torch::kFloat32, Training::kNo);
    initialise(model, init, 1, 0);
    EXPECT_GT(model.frozen[0][0].std().item<double>(), 0.01) << enum_name(init);
    expect_constant(model.frozen[0].slice(0, 1), 0);
  }
}

TEST(Init, EverySchemeKnowsTheLayersOfModernNetworks) {
  for (const Init init : {Init::kDcgan, Init::kScaledUniform, Init::kTorch}) {
    const Network network{
        {6}, {Basis{6, 40, 40}, GroupedConv2d{6, 600, 3, 2, 1, 2}, BasisTranspose{600, 20, 20}}};
    Model model = make_model(network, torch::kFloat32, Training::kNo);
    initialise(model, init, 1, 0);
    expect_moments(model.frozen[0], 0, 1);
    const double grouped = init == Init::kDcgan   ? 0.02
                           : init == Init::kTorch ? 1 / std::sqrt(3 * 27.0)  // fan_in 3*9
                                                  : std::sqrt(4 / (27 + 300 * 9 / 4.0));
    expect_moments(model.frozen[1], 0, grouped);
    const double end = init == Init::kDcgan   ? 0.02
                       : init == Init::kTorch ? 1 / std::sqrt(3 * 400.0)
                                              : std::sqrt(4 / 401.0);
    expect_moments(model.frozen[3], 0, end);
  }
}

TEST(Init, IsAFunctionOfSeedAndPlayer) {
  const Model model = initialised(Init::kTorch, 3, 0);
  EXPECT_TRUE(bits_equal(model.parameters, initialised(Init::kTorch, 3, 0).parameters));
  EXPECT_FALSE(bits_equal(model.parameters, initialised(Init::kTorch, 4, 0).parameters));
  EXPECT_FALSE(bits_equal(model.parameters, initialised(Init::kTorch, 3, 1).parameters));
}

TEST(Init, DoesNotDependOnTheDtype) {
  const at::Tensor narrow = initialised(Init::kDcgan).parameters;
  const at::Tensor wide = initialised(Init::kDcgan, 1, 0, torch::kFloat64).parameters;
  EXPECT_TRUE(bits_equal(narrow, wide.to(torch::kFloat32)));
}

TEST(Init, DrawsConvolutionWeightsInCanonicalOrder) {
  const Model model = initialised(Init::kTorch, 3, 0);
  Draws draws({3, Stream::kInit, 0, kConv});
  const auto bound = static_cast<float>(1 / std::sqrt(512.0));
  const at::Tensor canonical = model.frozen[kConv].contiguous().view({-1});
  for (int64_t i = 0; i < 100; ++i) {
    ASSERT_EQ(canonical[i].item<float>(), draws.uniform(-bound, bound)) << i;
  }
}

double deviation(const Model& model, int64_t place) {
  return model.frozen[static_cast<size_t>(place)].std().item<double>();
}

TEST(Init, OfResidualNetworksIsAsPublished) {
  Model model = make_model(resnet_critic({3, 32, 32}, 64), torch::kFloat32, Training::kYes);
  initialise(model, Init::kScaledUniform, 1, 1);
  // Numbers: 0 the first block, 1 to 4 its body, 5 and 6 its shortcut, 7 the second block.
  const double he = std::sqrt(4.0 / (64 * 9 + 64 * 9)), glorot = std::sqrt(2.0 / (64 + 64));
  EXPECT_NEAR(deviation(model, model.places[3].weight), he, 0.02 * he);
  EXPECT_NEAR(deviation(model, model.places[9].weight), he, 0.02 * he);
  EXPECT_NEAR(deviation(model, model.places[14].weight), glorot, 0.05 * glorot);
  EXPECT_EQ(std::get<Conv2d>(*numbered(model.network.layers)[14]).kernel, 1);
}

}  // namespace
}  // namespace wgan
