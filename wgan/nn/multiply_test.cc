// Products of matrices, however they lie, equal LibTorch's in float64.
#include "wgan/nn/multiply.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <tuple>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

// How a factor lies in memory.
struct Placing {
  bool transposed;
  int64_t gap;     // numbers between rows
  int64_t offset;  // numbers before the first
};

at::Tensor placed(const at::Tensor& values, const Placing& p) {
  const int64_t rows = values.size(p.transposed ? 1 : 0),
                columns = values.size(p.transposed ? 0 : 1);
  const int64_t step = columns + p.gap;
  const at::Tensor memory = at::full({p.offset + rows * step}, -77, values.options());
  const at::Tensor matrix = memory.as_strided({rows, columns}, {step, 1}, p.offset);
  return (p.transposed ? matrix.t() : matrix).copy_(values);
}

TEST(Multiply, EqualsLibTorchHoweverTheMatricesLie) {
  for (const auto& [m, n, k] : {std::tuple{56, 96, 130}, {1, 33, 7}, {150, 1, 64}, {9, 25, 3000}}) {
    const at::Tensor a = random_tensor({m, k}, 1), b = random_tensor({k, n}, 2);
    const at::Tensor c = random_tensor({m, n}, 3);
    const at::Tensor product = a.to(torch::kFloat64).mm(b.to(torch::kFloat64));
    for (const bool across : {false, true}) {
      for (const int64_t gap : {0, 16}) {
        const Placing first{across, gap, 0}, second{!across, gap, 0}, plain{false, gap, 0};
        const at::Tensor sum = placed(c, plain), alone = placed(at::full_like(c, NAN), plain);
        multiply(placed(a, first), placed(b, plain), 1, sum);
        multiply(placed(a, plain), placed(b, second), 0, alone);
        EXPECT_LT(relative_error(sum.to(torch::kFloat64), c + product), 1e-6);
        EXPECT_LT(relative_error(alone.to(torch::kFloat64), product), 1e-6);
      }
    }
  }
}

TEST(Multiply, GivesTheSameBitsWhereverTheMatricesLie) {
  const at::Tensor a = random_tensor({56, 130}, 1), b = random_tensor({130, 96}, 2);
  const auto run = [&](int64_t of_a, int64_t of_b, int64_t of_c) {
    const at::Tensor c = placed(at::zeros({56, 96}), {false, 16, of_c});
    multiply(placed(a, {false, 16, of_a}), placed(b, {false, 16, of_b}), 0, c);
    return c;
  };
  const at::Tensor expected = run(0, 0, 0);
  for (const int64_t offset : {1, 4, 7, 16}) {
    EXPECT_TRUE(bits_equal(run(offset, 0, 3), expected));
    EXPECT_TRUE(bits_equal(run(0, offset, 0), expected));
    EXPECT_TRUE(bits_equal(run(5, 2, offset), expected));
  }
}

TEST(Multiply, WritesNothingBesideTheProduct) {
  const at::Tensor c = placed(at::zeros({5, 9}), {false, 16, 3});
  multiply(random_tensor({5, 40}, 1), random_tensor({40, 9}, 2), 0, c);
  const at::Tensor memory = c.as_strided({c.storage_offset() + 5 * 25}, {1}, 0);
  EXPECT_EQ((memory == -77).sum().item<int64_t>(), memory.numel() - c.numel());
}

TEST(Multiply, TakesNoTermsForZeros) {
  const at::Tensor c = at::ones({3, 4});
  multiply(at::empty({3, 0}), at::empty({0, 4}), 1, c);
  EXPECT_TRUE(bits_equal(c, at::ones({3, 4})));
  multiply(at::empty({3, 0}), at::empty({0, 4}), 0, c);
  EXPECT_TRUE(bits_equal(c, at::zeros({3, 4})));
}

}  // namespace
}  // namespace wgan
