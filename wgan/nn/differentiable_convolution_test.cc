// Values, gradients and their gradients equal those of LibTorch's own convolutions.
#include "wgan/nn/differentiable_convolution.h"

#include "wgan/nn/convolution_test_support.h"
#include "wgan/nn/winograd.h"

namespace wgan {
namespace {

// By windows, by Winograd's filtering, and by the kernel library.
std::vector<Convolution> of_every_kernel() {
  return {{3, 1, 6, 9, 8, 4, 2, 1},
          {3, 3, 6, 8, 9, 3, 1, 1},
          {4, 64, 64, 48, 48, 4, 2, 1},
          {2, 5, 7, 6, 7, 3, 1, 0},
          {2, 5, 7, 6, 7, 5, 2, 2}};
}

// y, the gradients of sum(y t) and, by them, those of a loss that depends on these gradients.
std::vector<at::Tensor> derivatives(const auto& conv, const std::vector<at::Tensor>& arguments,
                                    const at::Tensor& t) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& a : arguments) leaves.push_back(a.clone().requires_grad_(true));
  const at::Tensor towards = t.clone().requires_grad_(true);
  const at::Tensor y = conv(leaves);
  std::vector<at::Tensor> result =
      torch::autograd::grad({y}, leaves, {towards}, c10::nullopt, /*create_graph=*/true);
  at::Tensor loss = torch::zeros({}, y.options());
  for (const at::Tensor& gradient : result) loss = loss + gradient.pow(3).sum();
  leaves.push_back(towards);
  const auto second = torch::autograd::grad({loss}, leaves, {}, c10::nullopt, false, true);
  result.insert(result.end(), second.begin(), second.end());
  result.push_back(y);
  return result;
}

void expect_equal(const std::vector<at::Tensor>& own, const std::vector<at::Tensor>& wanted) {
  ASSERT_EQ(own.size(), wanted.size());
  for (size_t i = 0; i < own.size(); ++i) {
    SCOPED_TRACE(i);
    ASSERT_EQ(own[i].defined(), wanted[i].defined());
    if (!wanted[i].defined()) continue;
    EXPECT_LT(relative_error(own[i], wanted[i]), 1e-12);
  }
}

using DifferentiableConvolution = ConvolutionTest;

TEST_P(DifferentiableConvolution, EqualsLibTorchToTheSecondDerivative) {
  const auto own = [&](const std::vector<at::Tensor>& a) {
    return differentiable_conv(a[0], a[1], a[2], {g_.stride, g_.padding});
  };
  const auto library = [&](const std::vector<at::Tensor>& a) {
    return torch::conv2d(a[0], a[1], a[2], g_.stride, g_.padding);
  };
  const std::vector<at::Tensor> arguments{large_.contiguous(), weight_, bias_};
  const at::Tensor t = towards(library(arguments));
  expect_equal(derivatives(own, arguments, t), derivatives(library, arguments, t));
}

TEST_P(DifferentiableConvolution, EqualsLibTorchTransposedToTheSecondDerivative) {
  const at::Tensor small = towards(at::conv2d(large_, weight_, {}, g_.stride, g_.padding));
  for (int64_t output_padding = 0; output_padding < g_.stride; ++output_padding) {
    const auto own = [&](const std::vector<at::Tensor>& a) {
      return differentiable_conv_transposed(a[0], a[1], a[2], {g_.stride, g_.padding},
                                            output_padding);
    };
    const auto library = [&](const std::vector<at::Tensor>& a) {
      return torch::conv_transpose2d(a[0], a[1], a[2], g_.stride, g_.padding, output_padding);
    };
    const std::vector<at::Tensor> arguments{small, weight_.contiguous(),
                                            random_tensor({g_.from}, 3, torch::kFloat64)};
    const at::Tensor like = library(arguments);
    const at::Tensor t = random_tensor(like.sizes().vec(), 5, torch::kFloat64);
    expect_equal(derivatives(own, arguments, t), derivatives(library, arguments, t));
  }
}

TEST_P(DifferentiableConvolution, WithoutAutogradGivesTheSame) {
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& bias : {bias_, at::Tensor()}) {
    EXPECT_LT(relative_error(differentiable_conv(large_, weight_, bias, {g_.stride, g_.padding}),
                             torch::conv2d(large_, weight_, bias, g_.stride, g_.padding)),
              1e-14);
  }
}

INSTANTIATE_TEST_SUITE_P(OfEveryKernel, DifferentiableConvolution,
                         testing::ValuesIn(of_every_kernel()));

TEST(DifferentiableConvolutionShapes, HaveOneForWinograd) {
  const Convolution c = of_every_kernel()[2];
  EXPECT_TRUE(winograd_pays(at::empty({c.batch, c.from, c.height, c.width}, torch::kFloat32),
                            at::empty({c.to, c.from, c.kernel, c.kernel}, torch::kFloat32),
                            c.stride));
}

}  // namespace
}  // namespace wgan
