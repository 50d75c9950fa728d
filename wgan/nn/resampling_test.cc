// Resampling by the fixed filter equals LibTorch's depthwise convolutions, and up is the transpose
// of down.
#include "wgan/nn/resampling.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr double kResamplingTolerance = 1e-14;  // float64

// [channels, 1, 4, 4]: the outer product of [1, 3, 3, 1], divided by 64.
at::Tensor filter_of(int64_t channels, const at::TensorOptions& options) {
  const at::Tensor along = torch::tensor({1.0, 3.0, 3.0, 1.0}, options);
  return (along.outer(along) / 64).repeat({channels, 1, 1, 1});
}
at::Tensor down_by_definition(const at::Tensor& x) {
  return torch::conv2d(x, filter_of(x.size(1), x.options()), at::Tensor(), 2, 1, 1, x.size(1));
}
at::Tensor up_by_definition(const at::Tensor& x) {
  return 4 * torch::conv_transpose2d(x, filter_of(x.size(1), x.options()), at::Tensor(), 2, 1, 0,
                                     x.size(1));
}

const Shape kPictures[] = {{1, 2, 2}, {3, 6, 10}, {16, 4, 2}, {5, 2, 14}, {24, 32, 30}};

TEST(Resampling, EqualsTheConvolutionsThatDefineIt) {
  for (const Shape& shape : kPictures) {
    SCOPED_TRACE(shape_text(shape));
    const at::Tensor x = random_batch(shape, 3, 1, torch::kFloat64);
    for (const at::Tensor& order : {x, x.contiguous(kChannelsLast)}) {
      EXPECT_LT(relative_error(filtered_down(order), down_by_definition(x)), kResamplingTolerance);
      EXPECT_LT(relative_error(filtered_up(order), up_by_definition(x)), kResamplingTolerance);
      EXPECT_TRUE(filtered_up(order).is_contiguous(kChannelsLast));
    }
    EXPECT_LT(relative_error(filtered_down(x, -3), -3 * down_by_definition(x)),
              kResamplingTolerance);
    EXPECT_LT(relative_error(filtered_up(x, 0.3), 0.3 * up_by_definition(x)), kResamplingTolerance);
    const at::Tensor narrow = x.to(torch::kFloat32);
    EXPECT_LT(relative_error(filtered_down(narrow), down_by_definition(x)), 1e-6);
    EXPECT_LT(relative_error(filtered_up(narrow), up_by_definition(x)), 1e-6);
  }
}

TEST(Resampling, KeepsWhatIsConstantInside) {
  const at::Tensor x = torch::full({1, 2, 8, 8}, 5.0);
  EXPECT_TRUE((filtered_up(x).slice(2, 1, 15).slice(3, 1, 15) == 5).all().item<bool>());
  EXPECT_TRUE((filtered_down(x).slice(2, 1, 3).slice(3, 1, 3) == 5).all().item<bool>());
}

// <down x, d> = <x, up d> / 4
TEST(Resampling, UpIsFourTimesTheTransposeOfDown) {
  for (const Shape& shape : kPictures) {
    const at::Tensor x = random_batch(shape, 2, 1, torch::kFloat64);
    const at::Tensor y = filtered_down(x), d = random_tensor(y.sizes().vec(), 2, torch::kFloat64);
    EXPECT_NEAR((y * d).sum().item<double>(), (x * filtered_up(d)).sum().item<double>() / 4, 1e-11);
  }
}

// bfloat16 goes by LibTorch's operations, as a GPU does.
TEST(Resampling, IsTheSameByOperations) {
  const at::Tensor x = random_batch({24, 6, 10}, 3, 1).to(torch::kBFloat16);
  EXPECT_LT(relative_error(filtered_down(x).to(torch::kFloat64),
                           down_by_definition(x.to(torch::kFloat64))),
            0.01);
  EXPECT_LT(
      relative_error(filtered_up(x).to(torch::kFloat64), up_by_definition(x.to(torch::kFloat64))),
      0.01);
  if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch sees no CUDA device";
  const at::Tensor there = random_batch({24, 6, 10}, 3, 1, torch::kFloat64).cuda();
  EXPECT_LT(relative_error(filtered_down(there), down_by_definition(there)), kResamplingTolerance);
  EXPECT_LT(relative_error(filtered_up(there), up_by_definition(there)), kResamplingTolerance);
}

// Of |grad sum f(x)^3|^2, which is a derivative of a derivative.
TEST(Resampling, AutogradGoesThroughTwice) {
  const auto second = [](const auto& resample) {
    const at::Tensor x = random_batch({3, 4, 6}, 2, 1, torch::kFloat64).requires_grad_(true);
    const at::Tensor first = torch::autograd::grad({resample(x).pow(3).sum()}, {x}, {},
                                                   /*retain_graph=*/true, /*create_graph=*/true)[0];
    return torch::autograd::grad({first.square().sum()}, {x})[0];
  };
  EXPECT_LT(relative_error(second([](const at::Tensor& x) { return filtered_down(x); }),
                           second(down_by_definition)),
            1e-13);
  EXPECT_LT(relative_error(second([](const at::Tensor& x) { return filtered_up(x); }),
                           second(up_by_definition)),
            1e-13);
}

TEST(Resampling, GivesTheSameOnAnyNumberOfThreads) {
  const at::Tensor x = random_batch({24, 32, 30}, 5, 1);
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor down = filtered_down(x), up = filtered_up(x);
  at::set_num_threads(3);
  EXPECT_TRUE(bits_equal(filtered_down(x), down));
  EXPECT_TRUE(bits_equal(filtered_up(x), up));
  at::set_num_threads(threads);
}

}  // namespace
}  // namespace wgan
