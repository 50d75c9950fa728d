// Convolutions by windows equal LibTorch's own.
#include "wgan/nn/windows.h"

#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>

#include <ostream>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

struct Geometry {
  int64_t batch, few, many, height, width, kernel, stride, padding;
};

void PrintTo(const Geometry& g, std::ostream* out) {
  *out << g.batch << "x" << g.few << "x" << g.height << "x" << g.width << " to " << g.many
       << ", kernel " << g.kernel << ", stride " << g.stride << ", padding " << g.padding;
}

class Windows : public testing::TestWithParam<Geometry> {
 protected:
  at::Tensor images(int64_t channels, int64_t height, int64_t width, uint64_t seed) const {
    return random_batch({channels, height, width}, g_.batch, seed, torch::kFloat64)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

  const Geometry g_ = GetParam();
  const at::Tensor large_ = images(g_.few, g_.height, g_.width, 1);
  const at::Tensor weight_ =
      random_batch({g_.few, g_.kernel, g_.kernel}, g_.many, 2, torch::kFloat64)
          .contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor bias_ = random_tensor({g_.many}, 3, torch::kFloat64);
};

// On a GPU, where there is one, all windows are gathered at once.
TEST_P(Windows, EqualConvolutionsOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch sees no CUDA device";
  const at::Tensor y = at::conv2d(large_, weight_, bias_, g_.stride, g_.padding);
  const at::Tensor seen =
      window_conv(large_.cuda(), weight_.cuda(), bias_.cuda(), g_.stride, g_.padding);
  EXPECT_TRUE(seen.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT(relative_error(seen.cpu(), y), 1e-14);
  const at::Tensor d = images(g_.many, y.size(2), y.size(3), 4);
  EXPECT_LT(relative_error(
                window_conv_weight(d.cuda(), large_.cuda(), g_.kernel, g_.stride, g_.padding).cpu(),
                window_conv_weight(d, large_, g_.kernel, g_.stride, g_.padding)),
            1e-14);
}

TEST_P(Windows, EqualConvolutions) {
  for (const at::Tensor& bias : {bias_, at::Tensor()}) {
    const at::Tensor expected = at::conv2d(large_, weight_, bias, g_.stride, g_.padding);
    const at::Tensor y = window_conv(large_, weight_, bias, g_.stride, g_.padding);
    ASSERT_EQ(y.sizes(), expected.sizes());
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LT(relative_error(y, expected), 1e-14);
  }
}

TEST_P(Windows, EqualTheirGradients) {
  const at::Tensor x = large_.clone().requires_grad_(true);
  const at::Tensor w = weight_.clone().requires_grad_(true);
  const at::Tensor y = torch::conv2d(x, w, {}, g_.stride, g_.padding);
  const at::Tensor d = images(g_.many, y.size(2), y.size(3), 4);
  y.backward(d);
  const at::Tensor towards =
      window_conv_transposed(d, weight_, g_.height, g_.width, g_.stride, g_.padding);
  EXPECT_TRUE(towards.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT(relative_error(towards, x.grad()), 1e-14);
  EXPECT_LT(
      relative_error(window_conv_weight(d, large_, g_.kernel, g_.stride, g_.padding), w.grad()),
      1e-14);
}

INSTANTIATE_TEST_SUITE_P(
    OfManyShapes, Windows,
    testing::Values(Geometry{3, 1, 8, 28, 28, 5, 2, 2}, Geometry{1, 3, 5, 16, 11, 4, 2, 1},
                    Geometry{2, 4, 3, 7, 9, 3, 1, 0}, Geometry{2, 2, 6, 9, 8, 1, 3, 0},
                    Geometry{2, 3, 4, 5, 5, 2, 3, 2}, Geometry{1, 1, 2, 3, 4, 3, 1, 4},
                    Geometry{2, 1, 1, 6, 6, 6, 1, 0}, Geometry{23, 3, 2, 64, 60, 4, 2, 1}),
    [](const auto& shape) { return "Shape" + std::to_string(shape.index); });

}  // namespace
}  // namespace wgan
