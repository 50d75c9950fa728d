// Convolutions with fewer multiplications equal LibTorch's own.
#include "wgan/nn/winograd.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <ostream>
#include <vector>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

struct WideConvolution {
  int64_t batch, from, to, height, width, kernel, stride, padding;
};

void PrintTo(const WideConvolution& g, std::ostream* out) {
  *out << g.batch << "x" << g.from << "x" << g.height << "x" << g.width << " to " << g.to
       << ", kernel " << g.kernel << ", stride " << g.stride << ", padding " << g.padding;
}

class Winograd : public testing::TestWithParam<WideConvolution> {
 protected:
  static at::Tensor images(int64_t batch, const Shape& shape, uint64_t seed) {
    return random_batch(shape, batch, seed, torch::kFloat64)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

  const WideConvolution g_ = GetParam();
  const at::Tensor large_ = images(g_.batch, {g_.from, g_.height, g_.width}, 1);
  const at::Tensor weight_ = images(g_.to, {g_.from, g_.kernel, g_.kernel}, 2);
  const at::Tensor bias_ = random_tensor({g_.to}, 3, torch::kFloat64);
};

TEST_P(Winograd, EqualConvolutions) {
  for (const at::Tensor& bias : {bias_, at::Tensor()}) {
    const at::Tensor expected = at::conv2d(large_, weight_, bias, g_.stride, g_.padding);
    const at::Tensor y = winograd_conv(large_, weight_, bias, g_.stride, g_.padding);
    ASSERT_EQ(y.sizes(), expected.sizes());
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LT(relative_error(y, expected), 1e-14);
    const at::Tensor plain =
        winograd_conv(large_.contiguous(), weight_.contiguous(), bias, g_.stride, g_.padding);
    EXPECT_TRUE(bits_equal(plain, y)) << "in plain order";
  }
}

TEST_P(Winograd, EqualTheirGradients) {
  const at::Tensor x = large_.clone().requires_grad_(true);
  const at::Tensor w = weight_.clone().requires_grad_(true);
  const at::Tensor y = torch::conv2d(x, w, {}, g_.stride, g_.padding);
  const at::Tensor d = images(g_.batch, {g_.to, y.size(2), y.size(3)}, 4);
  y.backward(d);
  const at::Tensor towards =
      winograd_conv_transposed(d, weight_, g_.height, g_.width, g_.stride, g_.padding);
  EXPECT_TRUE(towards.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT(relative_error(towards, x.grad()), 1e-14);
  EXPECT_LT(
      relative_error(winograd_conv_weight(d, large_, g_.kernel, g_.stride, g_.padding), w.grad()),
      1e-14);
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

INSTANTIATE_TEST_SUITE_P(OfManyShapes, Winograd,
                         testing::Values(WideConvolution{3, 8, 16, 14, 14, 5, 2, 2},
                                         WideConvolution{1, 16, 8, 16, 11, 4, 2, 1},
                                         WideConvolution{2, 24, 8, 7, 9, 3, 1, 0},
                                         WideConvolution{5, 8, 8, 5, 5, 3, 2, 1},
                                         WideConvolution{2, 8, 24, 6, 7, 2, 1, 3},
                                         WideConvolution{2, 8, 8, 9, 10, 6, 2, 0},
                                         WideConvolution{1, 8, 8, 13, 8, 7, 3, 2},
                                         WideConvolution{2, 16, 8, 9, 8, 5, 3, 1},
                                         WideConvolution{2, 8, 16, 4, 3, 4, 3, 3},
                                         WideConvolution{4, 8, 8, 3, 3, 3, 1, 1},
                                         // More images than one block.
                                         WideConvolution{37, 64, 32, 20, 18, 3, 1, 1}),
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
  EXPECT_FALSE(pays(1, 64, 128, 32, 4, 2)) << "one image";
  EXPECT_FALSE(pays(64, 3, 64, 64, 4, 2)) << "few channels";
  EXPECT_FALSE(pays(64, 100, 100, 32, 4, 2)) << "no multiple of 8";
  EXPECT_FALSE(pays(64, 128, 128, 32, 1, 1)) << "a matrix product";
  EXPECT_FALSE(pays(64, 64, 128, 32, 9, 2)) << "more than three taps a phase";
  EXPECT_FALSE(pays(64, 64, 128, 32, 4, 2, torch::kBFloat16));
}

}  // namespace
}  // namespace wgan
