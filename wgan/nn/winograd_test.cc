// Convolutions with fewer multiplications equal LibTorch's own.
#include "wgan/nn/winograd.h"

#include <vector>

#include "wgan/nn/convolution_test_support.h"

namespace wgan {
namespace {

class Winograd : public ConvolutionTest {};

TEST_P(Winograd, EqualConvolutions) { expect_convolution(winograd_conv); }

TEST_P(Winograd, GiveTheSameInPlainOrder) {
  for (const at::Tensor& bias : {bias_, at::Tensor()}) {
    const at::Tensor y = winograd_conv(large_, weight_, bias, g_.stride, g_.padding);
    const at::Tensor plain =
        winograd_conv(large_.contiguous(), weight_.contiguous(), bias, g_.stride, g_.padding);
    EXPECT_TRUE(bits_equal(plain, y));
  }
}

TEST_P(Winograd, EqualTheirGradients) {
  expect_gradients(winograd_conv_transposed, winograd_conv_weight);
}

TEST_P(Winograd, RoundNoMoreThanTheKernelLibrary) {
  const at::Tensor exact = at::conv2d(large_, weight_, bias_, g_.stride, g_.padding);
  const auto error = [&](const auto& conv) {
    return relative_error(conv(large_.to(torch::kFloat32), weight_.to(torch::kFloat32),
                               bias_.to(torch::kFloat32), g_.stride, g_.padding)
                              .to(torch::kFloat64),
                          exact);
  };
  const auto direct = [](auto... arguments) { return at::conv2d(arguments...); };
  EXPECT_LT(error(winograd_conv), 3 * error(direct) + 1e-7);
}

INSTANTIATE_TEST_SUITE_P(
    OfManyShapes, Winograd,
    testing::Values(Convolution{3, 8, 16, 14, 14, 5, 2, 2}, Convolution{1, 16, 8, 16, 11, 4, 2, 1},
                    Convolution{2, 24, 8, 7, 9, 3, 1, 0}, Convolution{5, 8, 8, 5, 5, 3, 2, 1},
                    Convolution{2, 8, 24, 6, 7, 2, 1, 3}, Convolution{2, 8, 8, 9, 10, 6, 2, 0},
                    Convolution{1, 8, 8, 13, 8, 7, 3, 2}, Convolution{2, 16, 8, 9, 8, 5, 3, 1},
                    Convolution{2, 8, 16, 4, 3, 4, 3, 3}, Convolution{4, 8, 8, 3, 3, 3, 1, 1},
                    // More images than one block.
                    Convolution{37, 64, 32, 20, 18, 3, 1, 1}),
    [](const auto& shape) { return "Shape" + std::to_string(shape.index); });

TEST(Winograd, GivesTheSameWhicheverThreadTakesABlock) {
  const at::Tensor x = random_batch({32, 20, 20}, 40, 1), w = random_batch({32, 4, 4}, 48, 2);
  const auto run = [&](int threads) {
    at::set_num_threads(threads);
    const at::Tensor y = winograd_conv(x, w, {}, 2, 1);
    return std::vector{y, winograd_conv_transposed(y, w, 20, 20, 2, 1),
                       winograd_conv_weight(y, x, 4, 2, 1)};
  };
  const int threads = at::get_num_threads();
  const auto alone = run(1), together = run(2), again = run(2);
  at::set_num_threads(threads);
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_TRUE(bits_equal(again[i], together[i])) << i;
    EXPECT_LT(relative_error(together[i], alone[i]), 1e-6) << i;
  }
}

TEST(Winograd, PaysForManyChannelsAndManyImages) {
  const auto pays = [](int64_t batch, int64_t from, int64_t to, int64_t size, int64_t kernel,
                       int64_t stride, at::ScalarType type = torch::kFloat32) {
    return winograd_pays(torch::empty({batch, from, size, size}, type),
                         torch::empty({to, from, kernel, kernel}, type), stride);
  };
  EXPECT_TRUE(pays(64, 64, 128, 32, 4, 2));
  EXPECT_TRUE(pays(64, 128, 128, 32, 3, 1, torch::kFloat64));
  EXPECT_TRUE(pays(64, 32, 64, 14, 4, 2));
  EXPECT_FALSE(pays(1, 64, 128, 32, 4, 2)) << "one image";
  EXPECT_FALSE(pays(64, 32, 64, 8, 4, 2)) << "small images";
  EXPECT_FALSE(pays(64, 32, 32, 32, 4, 2)) << "too few channels";
  EXPECT_FALSE(pays(64, 3, 64, 64, 4, 2)) << "few channels";
  EXPECT_FALSE(pays(64, 100, 100, 32, 4, 2)) << "no multiple of 8";
  EXPECT_FALSE(pays(64, 128, 128, 32, 1, 1)) << "a matrix product";
  EXPECT_FALSE(pays(64, 64, 128, 32, 9, 2)) << "more than three taps a phase";
  EXPECT_FALSE(pays(64, 64, 128, 32, 4, 2, torch::kBFloat16));
}

}  // namespace
}  // namespace wgan
