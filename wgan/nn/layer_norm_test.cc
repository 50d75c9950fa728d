// LayerNorm's values, adjoint, tangent and curvature against autograd.
#include "wgan/nn/layer_norm.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "wgan/nn/forward.h"
#include "wgan/nn/layer_norm_rows.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr LayerNorm kNorm{.channels = 5, .epsilon = 1e-3};

// Samples far from zero and of different spreads, d and t; scale and shift at random. As they lie,
// our kernels take them or LibTorch's functions do.
struct NormCase {
  at::Tensor x, d, t, scale, shift;
};

NormCase norm_case(const Shape& shape, at::ScalarType type, bool in_rows) {
  const auto tensor = [&](uint64_t seed) {
    const at::Tensor x = random_tensor(shape, seed, type);
    return shape.size() == 4 && in_rows ? x.contiguous(kChannelsLast) : x;
  };
  const int64_t batch = shape[0], channels = shape[1];
  std::vector<int64_t> beside(shape.size(), 1);
  beside[0] = batch;
  const at::Tensor spread = torch::arange(1, batch + 1, type).view(beside);
  return {tensor(1) * spread + 3, tensor(2) + 0.5, tensor(3) - 0.3,
          random_tensor({channels}, 4, type), random_tensor({channels}, 5, type)};
}

std::vector<NormCase> norm_cases(at::ScalarType type) {
  return {norm_case({3, 5, 4, 6}, type, true), norm_case({3, 5, 4, 6}, type, false),
          norm_case({1, 5, 9, 7}, type, true), norm_case({2, 5, 1, 1}, type, true),
          norm_case({4, 5}, type, true)};
}

at::Tensor by_autograd(const NormCase& c) {
  return torch::group_norm(c.x, 1, c.scale, c.shift, kNorm.epsilon);
}

std::string text(const NormCase& c) { return c10::str(c.x.sizes(), c.x.strides()); }

TEST(LayerNorm, BothWaysAreTested) {
  EXPECT_TRUE(layer_norm_rows_take(norm_case({3, 5, 4, 6}, at::kFloat, true).x));
  EXPECT_FALSE(layer_norm_rows_take(norm_case({3, 5, 4, 6}, at::kFloat, false).x));
}

TEST(LayerNorm, ValuesAndAdjointEqualAutograd) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const double error = type == at::kDouble ? 1e-12 : 2e-6;
    for (NormCase& c : norm_cases(type)) {
      SCOPED_TRACE(text(c));
      for (at::Tensor* leaf : {&c.x, &c.scale, &c.shift}) leaf->requires_grad_(true);
      const at::Tensor y = by_autograd(c);
      const auto wanted = torch::autograd::grad({y}, {c.x, c.scale, c.shift}, {c.d});
      const torch::NoGradGuard no_grad;
      LayerMoments moments;
      EXPECT_LT(relative_error(layer_norm(kNorm, c.x, c.scale, c.shift, moments), y), error);
      ASSERT_EQ(moments[0].sizes(), at::IntArrayRef{c.x.size(0)});
      const LayerNormAdjoint adjoint = layer_norm_adjoint(c.d, c.x, c.scale, moments);
      EXPECT_LT(relative_error(adjoint.input, wanted[0]), error);
      EXPECT_LT(relative_error(adjoint.scale, wanted[1]), error);
      EXPECT_LT(relative_error(adjoint.shift, wanted[2]), error);
    }
  }
}

TEST(LayerNorm, TangentAndCurvatureEqualDoubleBackward) {
  for (const at::ScalarType type : {at::kDouble, at::kFloat}) {
    const double error = type == at::kDouble ? 1e-12 : 5e-6;
    for (NormCase& c : norm_cases(type)) {
      SCOPED_TRACE(text(c));
      c.x.requires_grad_(true), c.scale.requires_grad_(true), c.d.requires_grad_(true);
      // <d, J t> = <J^T d, t>
      const at::Tensor back =
          torch::autograd::grad({by_autograd(c)}, {c.x}, {c.d},
                                /*retain_graph=*/true, /*create_graph=*/true)[0];
      const auto wanted = torch::autograd::grad({(back * c.t).sum()}, {c.d, c.x, c.scale});
      const torch::NoGradGuard no_grad;
      LayerMoments moments;
      layer_norm(kNorm, c.x, c.scale, c.shift, moments);
      const LayerNormTangent tangent = layer_norm_tangent(c.d, c.t, c.x, c.scale, moments);
      EXPECT_LT(relative_error(tangent.output, wanted[0]), error);
      EXPECT_LT(relative_error(tangent.curvature, wanted[1]), error);
      EXPECT_LT(relative_error(tangent.scale, wanted[2]), error);
    }
  }
}

TEST(LayerNorm, LongSamplesKeepTheirDigits) {
  const auto wide = norm_case({2, 5, 128, 96}, at::kDouble, true);
  const auto narrow = [](const at::Tensor& x) { return x.to(at::kFloat); };
  LayerMoments exact, rounded;
  const at::Tensor y = layer_norm(kNorm, wide.x, wide.scale, wide.shift, exact);
  const at::Tensor near =
      layer_norm(kNorm, narrow(wide.x), narrow(wide.scale), narrow(wide.shift), rounded);
  EXPECT_LT(relative_error(near.to(at::kDouble), y), 3e-7);
  const auto wanted = layer_norm_tangent(wide.d, wide.t, wide.x, wide.scale, exact);
  const auto got = layer_norm_tangent(narrow(wide.d), narrow(wide.t), narrow(wide.x),
                                      narrow(wide.scale), rounded);
  EXPECT_LT(relative_error(got.curvature.to(at::kDouble), wanted.curvature), 1e-6);
}

}  // namespace
}  // namespace wgan
