// The ready-made networks have the published sizes, and the right shapes for every image.
#include "wgan/net/presets.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/net/slots.h"

namespace wgan {
namespace {

// martinarjovsky/WassersteinGAN, DCGAN_G and DCGAN_D with isize 64, nz 100, nc 3, ngf = ndf = 64.
TEST(Presets, DcganHasTheParametersOfWassersteinGan) {
  // 100*512*16 + 2*512 | 512*256*16 + 2*256 | 256*128*16 + 2*128 | 128*64*16 + 2*64 | 64*3*16
  EXPECT_EQ(parameter_count(dcgan_generator({3, 64, 64}, 100, {})),
            819'200 + 1'024 + 2'097'152 + 512 + 524'288 + 256 + 131'072 + 128 + 3'072);
  EXPECT_EQ(parameter_count(dcgan_generator({3, 64, 64}, 100, {})), 3'576'704);
  // 3*64*16 | 64*128*16 + 2*128 | 128*256*16 + 2*256 | 256*512*16 + 2*512 | 512*4*4
  EXPECT_EQ(parameter_count(dcgan_critic({3, 64, 64}, {})),
            3'072 + 131'072 + 256 + 524'288 + 512 + 2'097'152 + 1'024 + 8'192);
  EXPECT_EQ(parameter_count(dcgan_critic({3, 64, 64}, {})), 2'765'568);
}

// igul222/improved_wgan_training, gan_mnist.py with DIM 64.
TEST(Presets, GulrajaniHasTheParametersOfGanMnist) {
  // Linear 128 -> 4*4*256 | 256 -> 128, 5x5 | 128 -> 64 | 64 -> 1, each with biases
  EXPECT_EQ(parameter_count(gulrajani_generator({1, 28, 28}, 128, 64)),
            (128 * 4096 + 4096) + (256 * 128 * 25 + 128) + (128 * 64 * 25 + 64) + (64 * 25 + 1));
  EXPECT_EQ(parameter_count(gulrajani_generator({1, 28, 28}, 128, 64)), 1'554'177);
  // 1 -> 64 | 64 -> 128 | 128 -> 256 | Linear 4*4*256 -> 1
  EXPECT_EQ(parameter_count(gulrajani_critic({1, 28, 28}, 64)),
            (64 * 25 + 64) + (64 * 128 * 25 + 128) + (128 * 256 * 25 + 256) + 4097);
  EXPECT_EQ(parameter_count(gulrajani_critic({1, 28, 28}, 64)), 1'030'145);
}

// gan_cifar.py with DIM 128; its first BatchNorm has a scale and a shift for each of 4*4*512.
TEST(Presets, GulrajaniHasTheParametersOfGanCifar) {
  EXPECT_EQ(parameter_count(gulrajani_generator({3, 32, 32}, 128, 128)),
            (128 * 8192 + 8192) + 2 * 8192 + (512 * 256 * 25 + 256) + 2 * 256 +
                (256 * 128 * 25 + 128) + 2 * 128 + (128 * 3 * 25 + 3));
  EXPECT_EQ(parameter_count(gulrajani_generator({3, 32, 32}, 128, 128)), 5'179'907);
  EXPECT_EQ(parameter_count(gulrajani_critic({3, 32, 32}, 128)),
            (3 * 128 * 25 + 128) + (128 * 256 * 25 + 256) + (256 * 512 * 25 + 512) + 8193);
  EXPECT_EQ(parameter_count(gulrajani_critic({3, 32, 32}, 128)), 4'114'689);
}

// gan_toy.py with DIM 512 and noise of 2.
TEST(Presets, MlpHasTheParametersOfGanToy) {
  constexpr int64_t kHidden = 512 * 512 + 512;
  EXPECT_EQ(parameter_count(mlp_generator({2}, 2, {512, 3, 0})),
            (2 * 512 + 512) + 2 * kHidden + (512 * 2 + 2));
  EXPECT_EQ(parameter_count(mlp_generator({2}, 2, {512, 3, 0})), 527'874);
  EXPECT_EQ(parameter_count(mlp_critic({2}, {512, 3, 0})),
            (2 * 512 + 512) + 2 * kHidden + (512 + 1));
  EXPECT_EQ(parameter_count(mlp_critic({2}, {512, 3, 0})), 527'361);
}

void expect_fits(const Shape& sample) {
  SCOPED_TRACE(shape_text(sample));
  const auto expect_pair = [&](const Network& generator, const Network& critic) {
    EXPECT_EQ(generator.input, (Shape{9}));
    EXPECT_EQ(output_shape(generator), sample);
    EXPECT_EQ(critic.input, sample);
    EXPECT_EQ(output_shape(critic), (Shape{1}));
  };
  DcganOptions plain{.width = 4, .batch_norm = false, .critic_batch_norm = false, .bias = true};
  for (const DcganOptions& dcgan :
       {DcganOptions{.width = 4},
        DcganOptions{.width = 4, .upsample = true, .full_resolution = true}, plain}) {
    expect_pair(dcgan_generator(sample, 9, dcgan), dcgan_critic(sample, dcgan));
  }
  expect_pair(gulrajani_generator(sample, 9, 4), gulrajani_critic(sample, 4));
  if (elements(sample) <= 1 << 20) {  // the most that a Linear takes
    expect_pair(mlp_generator(sample, 9, {}), mlp_critic(sample, {}));
  }
}

TEST(Presets, FitEverySquareImage) {
  for (const int64_t channels : {1, 3}) {
    for (int64_t side = 8; side <= 128; ++side) expect_fits({channels, side, side});
    for (const int64_t side : {200, 255, 256, 511, 1024}) expect_fits({channels, side, side});
  }
}

TEST(Presets, FitImagesThatAreNotSquare) {
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{8, 128},
                                      {128, 8},
                                      {27, 40},
                                      {40, 27},
                                      {33, 64},
                                      {17, 96},
                                      {9, 8},
                                      {8, 1024},
                                      {101, 99}}) {
    expect_fits({1, height, width});
    expect_fits({3, height, width});
  }
}

TEST(Presets, FitVectors) {
  for (const int64_t dimensions : {1, 2, 300}) {
    const Shape sample{dimensions};
    EXPECT_EQ(output_shape(mlp_generator(sample, 9, {})), sample);
    EXPECT_EQ(output_shape(mlp_critic(sample, {})), (Shape{1}));
  }
}

TEST(Presets, CriticsEndWithoutAnActivation) {
  for (const Network& critic : {dcgan_critic({1, 28, 28}, {}), gulrajani_critic({1, 28, 28}, 8),
                                mlp_critic({1, 28, 28}, {})}) {
    EXPECT_TRUE(std::holds_alternative<Linear>(critic.layers.back()));
  }
}

TEST(Presets, GeneratorsEndInTheRangeOfTheirData) {
  const auto end = [](const Network& network) { return network.layers.back(); };
  EXPECT_TRUE(std::holds_alternative<Tanh>(end(dcgan_generator({1, 28, 28}, 9, {}))));
  EXPECT_TRUE(std::holds_alternative<Sigmoid>(end(gulrajani_generator({1, 28, 28}, 9, 8))));
  EXPECT_TRUE(std::holds_alternative<Tanh>(end(gulrajani_generator({3, 32, 32}, 9, 8))));
  EXPECT_TRUE(std::holds_alternative<Linear>(end(mlp_generator({2}, 9, {}))));
}

TEST(Presets, StopWideningWhereTold) {
  DcganOptions options{.width = 4, .widest = 2};
  for (const Network& network :
       {dcgan_critic({1, 128, 128}, options), dcgan_generator({1, 128, 128}, 9, options)}) {
    for (const Layer& layer : network.layers) {
      if (const auto* norm = std::get_if<BatchNorm>(&layer)) {
        EXPECT_LE(norm->channels, 8);
      }
    }
  }
}

TEST(Presets, RefuseVectorsWhereImagesAreMade) {
  expect_error(ErrorKind::kUsage, "--net mlp", [] { dcgan_generator({7}, 9, {}); });
  expect_error(ErrorKind::kUsage, "--net mlp", [] { dcgan_critic({7}, {}); });
  expect_error(ErrorKind::kUsage, "--net mlp", [] { gulrajani_generator({7}, 9, 8); });
  expect_error(ErrorKind::kUsage, "--net mlp", [] { gulrajani_critic({7}, 8); });
}

}  // namespace
}  // namespace wgan
