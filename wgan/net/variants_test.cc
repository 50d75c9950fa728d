// Networks are changed in the places that are meant, and nowhere else.
#include "wgan/net/variants.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wgan/core/error.h"
#include "wgan/net/modern.h"
#include "wgan/net/network_json.h"
#include "wgan/net/presets.h"
#include "wgan/net/resnet.h"

namespace wgan {
namespace {

std::string kinds(const Network& network) {
  std::string text;
  for (const Layer* layer : numbered(network.layers)) text += std::string(layer_name(*layer)) + " ";
  return text;
}

const DcganOptions kVariantsPlain{.width = 4, .batch_norm = false, .critic_batch_norm = false};

TEST(Variants, NormalisationsAreExchangedInPlace) {
  const Network generator = dcgan_generator({3, 16, 16}, 5, {.width = 4});
  const Network layered = with_norm(generator, Norm::kLayer, 0);
  std::string expected = kinds(generator);
  for (size_t at; (at = expected.find("batch_norm")) != std::string::npos;) {
    expected.replace(at, 10, "layer_norm");
  }
  EXPECT_EQ(kinds(layered), expected);
  EXPECT_EQ(output_shape(layered), output_shape(generator));
  const Network none = with_norm(generator, Norm::kNone, 0);
  EXPECT_EQ(kinds(none), kinds(dcgan_generator({3, 16, 16}, 5, kVariantsPlain)));
  EXPECT_EQ(network_to_json(with_norm(generator, Norm::kPreset, 0)), network_to_json(generator));
}

TEST(Variants, NormalisationsAreInsertedBeforeAllActivationsButTheFirst) {
  const Network critic = with_norm(dcgan_critic({3, 16, 16}, kVariantsPlain), Norm::kLayer, 0);
  EXPECT_EQ(kinds(critic), "conv2d leaky_relu conv2d layer_norm leaky_relu reshape linear ");
  EXPECT_EQ(std::get<LayerNorm>(critic.layers[3]).channels, 8);
  const Network residual = with_norm(resnet_critic({3, 32, 32}, 4), Norm::kLayer, 0);
  EXPECT_EQ(output_shape(residual), Shape{1});
  // Seven activations after the first, two in each of three blocks and the last.
  const auto all = numbered(residual.layers);
  EXPECT_EQ(std::ranges::count_if(
                all, [](const Layer* l) { return std::holds_alternative<LayerNorm>(*l); }),
            7);
}

TEST(Variants, VirtualBatchNormBringsItsReference) {
  const Network generator =
      with_norm(dcgan_generator({3, 16, 16}, 5, {.width = 4}), Norm::kVirtual, 11);
  EXPECT_EQ(std::get<ReferenceBatch>(generator.layers[0]).rows, 11);
  EXPECT_EQ(std::get<ReferenceBatch>(generator.layers[0]).size, 5);
  EXPECT_EQ(output_shape(generator), (Shape{3, 16, 16}));
  EXPECT_FALSE(has_layer<BatchNorm>(generator));
}

TEST(Variants, ActivationsAreExchangedEverywhere) {
  const Network critic = with_activation(resnet_critic({3, 32, 32}, 4), Activation::kTanh);
  EXPECT_FALSE(has_layer<LeakyRelu>(critic));
  EXPECT_TRUE(has_layer<Tanh>(critic));
  EXPECT_EQ(output_shape(critic), Shape{1});
  const Network leaky = with_activation(resnet_critic({3, 32, 32}, 4), Activation::kLeakyRelu);
  for (const Layer* layer : numbered(leaky.layers)) {
    const auto* relu = std::get_if<LeakyRelu>(layer);
    if (relu != nullptr) {
      EXPECT_EQ(relu->slope, 0.2);
    }
  }
}

TEST(Variants, DepthCountsLayersWithWeights) {
  const Network plain = dcgan_critic({3, 32, 32}, {.width = 4});
  const auto count = [](const Network& network) {
    return std::ranges::count_if(network.layers,
                                 [](const Layer& layer) { return weight_rows(layer) > 0; });
  };
  EXPECT_EQ(count(plain), 4);
  for (const int64_t depth : {4, 5, 8, 12, 20}) {
    const Network deep = with_depth(plain, depth);
    EXPECT_EQ(count(deep), depth);
    EXPECT_EQ(output_shape(deep), Shape{1});
    EXPECT_EQ(output_shape(with_depth(mlp_generator({7}, 3, {5, 2, 0}), depth)), Shape{7});
  }
  EXPECT_THROW(with_depth(plain, 3), Error);
  EXPECT_THROW(with_depth(resnet_critic({3, 32, 32}, 4), 20), Error);
}

TEST(Variants, MinibatchDiscriminationStandsBeforeTheLastLinear) {
  const Network critic = with_minibatch_discrimination(mlp_critic({2}, {8, 1, 0}), 6, 3);
  EXPECT_EQ(kinds(critic), "linear leaky_relu minibatch_discrimination linear ");
  EXPECT_EQ(std::get<Linear>(critic.layers[3]).in, 14);
  EXPECT_EQ(output_shape(critic), Shape{1});
  EXPECT_EQ(kinds(with_minibatch_discrimination(critic, 0, 3)), kinds(critic));
}

TEST(Variants, MinibatchDeviationStandsBeforeWhatMakesVectorsOfPictures) {
  const auto with = [](const Network& network) { return with_minibatch_deviation(network); };
  const Network dcgan = with(dcgan_critic({3, 16, 16}, kVariantsPlain));
  EXPECT_EQ(kinds(dcgan),
            "conv2d leaky_relu conv2d leaky_relu minibatch_deviation reshape linear ");
  EXPECT_EQ(std::get<Linear>(dcgan.layers.back()).in,
            std::get<Linear>(dcgan_critic({3, 16, 16}, kVariantsPlain).layers.back()).in + 16);
  EXPECT_TRUE(kinds(with(resnet_critic({3, 32, 32}, 4)))
                  .ends_with("leaky_relu minibatch_deviation global_mean linear "));
  EXPECT_TRUE(kinds(with(modern_critic({3, 24, 16}, 4)))
                  .ends_with("conv2d minibatch_deviation basis_transpose linear "));
  EXPECT_EQ(kinds(with(mlp_critic({2}, {8, 1, 0}))),
            "linear leaky_relu minibatch_deviation linear ");
  for (const Network& network :
       {dcgan, with(resnet_critic({3, 32, 32}, 4)), with(resnet_critic({3, 64, 64}, 4)),
        with(modern_critic({3, 24, 16}, 4)), with(mlp_critic({3, 2, 2}, {8, 1, 0})),
        with(gulrajani_critic({1, 28, 28}, 4))}) {
    EXPECT_EQ(output_shape(network), Shape{1});
  }
}

TEST(Variants, ProjectionTakesTheLastLinearsPlace) {
  const Network critic = with_projection(modern_critic({3, 16, 16}, 4), 7);
  EXPECT_EQ(output_shape(critic), Shape{7});
  EXPECT_EQ(std::get<Projection>(critic.layers.back()).in, 16);
  EXPECT_FALSE(std::get<Projection>(critic.layers.back()).bias);
  EXPECT_TRUE(std::get<Projection>(with_projection(mlp_critic({2}, {8, 1, 0}), 7).layers[2]).bias);
}

TEST(Variants, NoiseStandsBeforeLayersWithWeights) {
  const Network critic = with_noise(dcgan_critic({3, 16, 16}, kVariantsPlain), 0.25);
  EXPECT_EQ(kinds(critic),
            "gaussian_noise conv2d leaky_relu gaussian_noise conv2d leaky_relu reshape "
            "gaussian_noise linear ");
  EXPECT_EQ(std::get<GaussianNoise>(critic.layers[0]).deviation, 0.25);
  EXPECT_EQ(kinds(with_noise(mlp_critic({2}, {8, 1, 0}), 0)), "linear leaky_relu linear ");
}

}  // namespace
}  // namespace wgan
