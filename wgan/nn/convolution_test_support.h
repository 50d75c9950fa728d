// What the tests of our own convolutions share: shapes, numbers, and that they equal LibTorch's.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <ostream>

#include "wgan/nn/test_support.h"

namespace wgan {

struct Convolution {
  int64_t batch, from, to, height, width, kernel, stride, padding;
};

inline void PrintTo(const Convolution& g, std::ostream* out) {
  *out << g.batch << "x" << g.from << "x" << g.height << "x" << g.width << " to " << g.to
       << ", kernel " << g.kernel << ", stride " << g.stride << ", padding " << g.padding;
}

class ConvolutionTest : public testing::TestWithParam<Convolution> {
 protected:
  static at::Tensor images(int64_t batch, const Shape& shape, uint64_t seed) {
    return random_batch(shape, batch, seed, torch::kFloat64)
        .contiguous(at::MemoryFormat::ChannelsLast);
  }

  // What a gradient with respect to y may be.
  at::Tensor towards(const at::Tensor& y) const {
    return images(g_.batch, {g_.to, y.size(2), y.size(3)}, 4);
  }

  // conv(large, weight, bias, stride, padding) is the convolution, with and without a bias.
  void expect_convolution(const auto& conv) const {
    for (const at::Tensor& bias : {bias_, at::Tensor()}) {
      const at::Tensor expected = at::conv2d(large_, weight_, bias, g_.stride, g_.padding);
      const at::Tensor y = conv(large_, weight_, bias, g_.stride, g_.padding);
      ASSERT_EQ(y.sizes(), expected.sizes());
      EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast));
      EXPECT_LT(relative_error(y, expected), 1e-14);
    }
  }

  // transposed(small, weight, height, width, stride, padding) and
  // of_weight(small, large, kernel, stride, padding) are its gradients.
  void expect_gradients(const auto& transposed, const auto& of_weight) const {
    const at::Tensor x = large_.clone().requires_grad_(true);
    const at::Tensor w = weight_.clone().requires_grad_(true);
    const at::Tensor y = torch::conv2d(x, w, {}, g_.stride, g_.padding);
    const at::Tensor d = towards(y);
    y.backward(d);
    const at::Tensor to_large = transposed(d, weight_, g_.height, g_.width, g_.stride, g_.padding);
    EXPECT_TRUE(to_large.is_contiguous(at::MemoryFormat::ChannelsLast));
    EXPECT_LT(relative_error(to_large, x.grad()), 1e-14);
    EXPECT_LT(relative_error(of_weight(d, large_, g_.kernel, g_.stride, g_.padding), w.grad()),
              1e-14);
  }

  const Convolution g_ = GetParam();
  const at::Tensor large_ = images(g_.batch, {g_.from, g_.height, g_.width}, 1);
  const at::Tensor weight_ = images(g_.to, {g_.from, g_.kernel, g_.kernel}, 2);
  const at::Tensor bias_ = random_tensor({g_.to}, 3, torch::kFloat64);
};

}  // namespace wgan
