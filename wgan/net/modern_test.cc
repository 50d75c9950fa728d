// The modern networks have the published layers, and hence the published numbers of parameters.
#include "wgan/net/modern.h"

#include <gtest/gtest.h>

#include "wgan/core/error.h"
#include "wgan/net/slots.h"

namespace wgan {
namespace {

// A block of brownvc/R3GAN: 1x1 and grouped convolutions with the biases of their activations, and
// a 1x1 convolution back.
int64_t block(int64_t channels, int64_t group) {
  const int64_t inside = 2 * channels;
  return (channels * inside + inside) + (inside * group * 9 + inside) + inside * channels;
}

TEST(Modern, HasTheParametersOfR3gan) {
  // 64x64: 4 halvings, channels 32, 64, 128, 256, 256.
  const int64_t blocks = 2 * (block(32, 16) + block(64, 16) + block(128, 16) + 2 * block(256, 16));
  const int64_t changes = 32 * 64 + 64 * 128 + 128 * 256;
  EXPECT_EQ(parameter_count(modern_generator({3, 64, 64}, 64, 32)),
            64 * 256 + 256 * 16 + blocks + changes + 32 * 3);
  EXPECT_EQ(parameter_count(modern_critic({3, 64, 64}, 32)),
            3 * 32 + blocks + changes + 256 * 16 + 256);
}

TEST(Modern, BlocksAreAsPublished) {
  const Network critic = modern_critic({3, 16, 16}, 32);
  const auto& body = std::get<Residual>(critic.layers[1]).body;
  EXPECT_TRUE(std::get<Residual>(critic.layers[1]).shortcut.empty());
  ASSERT_EQ(body.size(), 5u);
  EXPECT_EQ(std::get<Conv2d>(body[0]).kernel, 1);
  EXPECT_EQ(std::get<Conv2d>(body[0]).out, 64);
  EXPECT_TRUE(std::get<Conv2d>(body[0]).bias);
  EXPECT_EQ(std::get<LeakyRelu>(body[1]).slope, 0.2);
  EXPECT_EQ(std::get<GroupedConv2d>(body[2]).groups, 4);
  EXPECT_EQ(std::get<GroupedConv2d>(body[2]).kernel, 3);
  EXPECT_TRUE(std::get<GroupedConv2d>(body[2]).bias);
  EXPECT_EQ(std::get<LeakyRelu>(body[3]).slope, 0.2);
  EXPECT_FALSE(std::get<Conv2d>(body[4]).bias);
  // Down: the filter first. Up: the 1x1 convolution first, and no tanh at the end.
  EXPECT_TRUE(std::holds_alternative<FilterDown2x>(critic.layers[3]));
  EXPECT_EQ(std::get<Conv2d>(critic.layers[4]).out, 64);
  EXPECT_FALSE(std::get<Conv2d>(critic.layers[4]).bias);
  const Network generator = modern_generator({3, 16, 16}, 9, 32);
  EXPECT_FALSE(std::get<Linear>(generator.layers[0]).bias);
  EXPECT_EQ(std::get<Basis>(generator.layers[1]).channels, 128);
  EXPECT_EQ(std::get<Conv2d>(generator.layers[4]).out, 64);
  EXPECT_TRUE(std::holds_alternative<FilterUp2x>(generator.layers[5]));
  EXPECT_EQ(std::get<Conv2d>(generator.layers.back()).out, 3);
}

TEST(Modern, FitsEverySizeAndWidth) {
  for (const Shape& sample : {Shape{3, 16, 16}, Shape{1, 28, 28}, Shape{3, 64, 48},
                              Shape{4, 256, 256}, Shape{1, 8, 32}}) {
    for (const int64_t width : {1, 12, 16}) {
      EXPECT_EQ(output_shape(modern_generator(sample, 9, width)), sample);
      EXPECT_EQ(output_shape(modern_critic(sample, width)), Shape{1});
    }
    EXPECT_TRUE(has_tangent_sweep(modern_critic(sample, 4)));
  }
  const auto groups = [](int64_t width) {
    const Network critic = modern_critic({1, 16, 16}, width);
    return std::get<GroupedConv2d>(std::get<Residual>(critic.layers[1]).body[2]).groups;
  };
  EXPECT_EQ(groups(12), 3);  // of 8 channels
  EXPECT_EQ(groups(1), 1);   // of 2
  for (const Shape& sample : {Shape{3, 30, 30}, Shape{3, 8, 8}, Shape{7}}) {
    EXPECT_THROW(modern_generator(sample, 9, 2), Error) << shape_text(sample);
    EXPECT_THROW(modern_critic(sample, 2), Error) << shape_text(sample);
  }
}

}  // namespace
}  // namespace wgan
