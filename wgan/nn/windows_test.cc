// Convolutions by windows equal LibTorch's own.
#include "wgan/nn/windows.h"

#include <torch/cuda.h>

#include "wgan/nn/convolution_test_support.h"

namespace wgan {
namespace {

class Windows : public ConvolutionTest {};

// On a GPU, where there is one, all windows are gathered at once.
TEST_P(Windows, EqualConvolutionsOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch sees no CUDA device";
  const at::Tensor y = at::conv2d(large_, weight_, bias_, g_.stride, g_.padding);
  const at::Tensor seen =
      window_conv(large_.cuda(), weight_.cuda(), bias_.cuda(), g_.stride, g_.padding);
  EXPECT_TRUE(seen.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_LT(relative_error(seen.cpu(), y), 1e-14);
  const at::Tensor d = towards(y);
  EXPECT_LT(relative_error(
                window_conv_weight(d.cuda(), large_.cuda(), g_.kernel, g_.stride, g_.padding).cpu(),
                window_conv_weight(d, large_, g_.kernel, g_.stride, g_.padding)),
            1e-14);
}

TEST_P(Windows, EqualConvolutions) { expect_convolution(window_conv); }

TEST_P(Windows, EqualTheirGradients) {
  expect_gradients(window_conv_transposed, window_conv_weight);
}

INSTANTIATE_TEST_SUITE_P(
    OfManyShapes, Windows,
    testing::Values(Convolution{3, 1, 8, 28, 28, 5, 2, 2}, Convolution{1, 3, 5, 16, 11, 4, 2, 1},
                    Convolution{2, 4, 3, 7, 9, 3, 1, 0}, Convolution{2, 2, 6, 9, 8, 1, 3, 0},
                    Convolution{2, 3, 4, 5, 5, 2, 3, 2}, Convolution{1, 1, 2, 3, 4, 3, 1, 4},
                    Convolution{2, 1, 1, 6, 6, 6, 1, 0}, Convolution{23, 3, 2, 64, 60, 4, 2, 1}),
    [](const auto& shape) { return "Shape" + std::to_string(shape.index); });

}  // namespace
}  // namespace wgan
