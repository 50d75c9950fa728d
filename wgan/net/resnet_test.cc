// The residual networks have the published layers, and hence the published numbers of parameters.
#include "wgan/net/resnet.h"

#include <gtest/gtest.h>

#include "wgan/core/error.h"
#include "wgan/net/slots.h"

namespace wgan {
namespace {

int64_t conv3(int64_t in, int64_t out, bool bias) { return in * out * 9 + (bias ? out : 0); }
int64_t conv1(int64_t in, int64_t out) { return in * out + out; }
int64_t norm(int64_t channels) { return 2 * channels; }

// gan_cifar_resnet.py without classes, DIM_G = DIM_D = 128.
TEST(Resnet, HasTheParametersOfGanCifarResnet) {
  const int64_t up =
      norm(128) + conv3(128, 128, true) + norm(128) + conv3(128, 128, true) + conv1(128, 128);
  EXPECT_EQ(parameter_count(resnet_generator({3, 32, 32}, 128, 128)),
            (128 * 2048 + 2048) + 3 * up + norm(128) + conv3(128, 3, true));
  EXPECT_EQ(parameter_count(resnet_generator({3, 32, 32}, 128, 128)), 1'204'483);
  const int64_t first = conv3(3, 128, true) + conv3(128, 128, true) + conv1(3, 128);
  const int64_t down = 2 * conv3(128, 128, true) + conv1(128, 128);
  const int64_t plain = 2 * conv3(128, 128, true);
  EXPECT_EQ(parameter_count(resnet_critic({3, 32, 32}, 128)), first + down + 2 * plain + 129);
  EXPECT_EQ(parameter_count(resnet_critic({3, 32, 32}, 128)), 1'053'825);
}

// gan_64x64.py, GoodGenerator and GoodDiscriminator, DIM = 64: no biases in the first convolution
// of a block.
TEST(Resnet, HasTheParametersOfGan64x64) {
  const auto up = [](int64_t in, int64_t out) {
    return norm(in) + conv3(in, out, false) + norm(out) + conv3(out, out, true) + conv1(in, out);
  };
  const auto down = [](int64_t in, int64_t out) {
    return norm(in) + conv3(in, in, false) + norm(in) + conv3(in, out, true) + conv1(in, out);
  };
  EXPECT_EQ(parameter_count(resnet_generator({3, 64, 64}, 128, 64)),
            (128 * 8192 + 8192) + up(512, 512) + up(512, 256) + up(256, 128) + up(128, 64) +
                norm(64) + conv3(64, 3, true));
  EXPECT_EQ(parameter_count(resnet_critic({3, 64, 64}, 64)), conv3(3, 64, true) + down(64, 128) +
                                                                 down(128, 256) + down(256, 512) +
                                                                 down(512, 512) + (8192 + 1));
}

TEST(Resnet, BlocksAreAsPublished) {
  const Network generator = resnet_generator({3, 64, 64}, 128, 64);
  ASSERT_EQ(generator.layers.size(), 2 + 4 + 4u);
  const auto& up = std::get<Residual>(generator.layers[3]);
  ASSERT_EQ(up.body.size(), 6u);
  EXPECT_EQ(std::get<BatchNorm>(up.body[0]).channels, 512);
  EXPECT_EQ(std::get<LeakyRelu>(up.body[1]).slope, 0);
  EXPECT_EQ(std::get<UpsampleConv2d>(up.body[2]).out, 256);
  EXPECT_FALSE(std::get<UpsampleConv2d>(up.body[2]).bias);
  EXPECT_EQ(std::get<BatchNorm>(up.body[3]).channels, 256);
  EXPECT_EQ(std::get<LeakyRelu>(up.body[4]).slope, 0);
  EXPECT_TRUE(std::get<Conv2d>(up.body[5]).bias);
  EXPECT_EQ(std::get<Conv2d>(up.shortcut[0]).kernel, 1);
  EXPECT_TRUE(std::holds_alternative<Upsample2x>(up.shortcut[1]));
  const Network critic = resnet_critic({3, 64, 64}, 64);
  const auto& down = std::get<Residual>(critic.layers[2]);
  EXPECT_EQ(std::get<LayerNorm>(down.body[0]).channels, 128);
  EXPECT_EQ(std::get<Conv2d>(down.body[2]).out, 128);
  EXPECT_EQ(std::get<Conv2d>(down.body[5]).out, 256);
  EXPECT_TRUE(std::holds_alternative<MeanPool2x>(down.body[6]));
  EXPECT_TRUE(std::holds_alternative<MeanPool2x>(down.shortcut[0]));
  EXPECT_EQ(std::get<Conv2d>(down.shortcut[1]).out, 256);
  // The last two blocks for CIFAR-10 leave x as it is beside their body.
  const Network small = resnet_critic({3, 32, 32}, 128);
  EXPECT_TRUE(std::get<Residual>(small.layers[2]).shortcut.empty());
  EXPECT_TRUE(std::get<Residual>(small.layers[3]).shortcut.empty());
}

TEST(Resnet, FitsEverySize) {
  for (const Shape& sample :
       {Shape{3, 16, 16}, Shape{1, 28, 28}, Shape{3, 32, 32}, Shape{3, 48, 48}, Shape{3, 64, 64},
        Shape{3, 96, 96}, Shape{3, 128, 128}, Shape{3, 64, 48}, Shape{4, 64, 96}, Shape{1, 8, 32},
        Shape{3, 224, 32}}) {
    EXPECT_EQ(output_shape(resnet_generator(sample, 9, 2)), sample);
    EXPECT_EQ(output_shape(resnet_critic(sample, 2)), Shape{1});
  }
  EXPECT_TRUE(has_tangent_sweep(resnet_critic({3, 48, 48}, 4)));
  EXPECT_FALSE(is_curved(resnet_critic({3, 48, 48}, 4)));
  EXPECT_TRUE(has_tangent_sweep(resnet_critic({3, 64, 64}, 4)));
  EXPECT_TRUE(is_curved(resnet_critic({3, 64, 64}, 4)));
  for (const Shape& sample : {Shape{3, 30, 30}, Shape{3, 8, 8}, Shape{3, 66, 66}, Shape{7}}) {
    EXPECT_THROW(resnet_generator(sample, 9, 2), Error) << shape_text(sample);
    EXPECT_THROW(resnet_critic(sample, 2), Error) << shape_text(sample);
  }
}

TEST(Resnet, NamesTheNearestSizeThatItMakes) {
  for (const auto& [sample, nearest] : {std::pair<Shape, const char*>{{3, 100, 100}, "--size 96;"},
                                        {{3, 75, 100}, "--size 96x80;"},
                                        {{3, 60, 20}, "--size 16x56;"},
                                        {{3, 8, 8}, "--size 16;"},
                                        {{3, 1000, 8}, "--size 128x896;"}}) {
    try {
      resnet_critic(sample, 2);
      ADD_FAILURE() << shape_text(sample);
    } catch (const Error& error) {
      EXPECT_NE(error.hint().find(nearest), std::string::npos) << error.hint();
    }
  }
}

}  // namespace
}  // namespace wgan
