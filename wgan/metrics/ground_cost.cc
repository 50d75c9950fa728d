// Distances from the differences themselves where matrix products would lose digits, and from
// products where they are safe.
#include "wgan/metrics/ground_cost.h"

#include <torch/types.h>

#include <algorithm>
#include <limits>

namespace wgan {
namespace {

constexpr int64_t kManyColumns = 64;  // from here on products are quicker
constexpr double kTrusted = 1e-9;     // relative error of a square that may come from a product
constexpr int64_t kNumbersAtOnce = int64_t{1} << 21;

at::Tensor distances_by_differences(const at::Tensor& x, const at::Tensor& y) {
  constexpr int64_t kWithoutProduct = 2;  // of the modes of cdist
  return torch::cdist(x, y, 2.0, kWithoutProduct);
}

// |x|^2 + |y|^2 - 2 x.y from a common origin, and differences where the rounding of that, by a
// bound for the worst case, could be more than kTrusted of it: between rows that are nearly equal.
at::Tensor squares_by_products(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor origin = (x.mean(0) + y.mean(0)) / 2;
  const at::Tensor from = x - origin, to = y - origin;
  const at::Tensor from_squares = from.square().sum(1), to_squares = to.square().sum(1);
  at::Tensor squares = torch::addmm(to_squares.unsqueeze(0), from, to.t(), 1, -2)
                           .add_(from_squares.unsqueeze(1))
                           .clamp_min_(0);
  const double error = 2 * static_cast<double>(x.size(1) + 8) *
                       std::numeric_limits<double>::epsilon() *
                       (from_squares.max() + to_squares.max()).item<double>();
  const at::Tensor unsure = squares.le(error / kTrusted).nonzero();
  const int64_t piece = std::max<int64_t>(kNumbersAtOnce / x.size(1), 1);
  for (const at::Tensor& pairs : unsure.split(piece)) {
    if (pairs.size(0) == 0) continue;
    const at::Tensor i = pairs.select(1, 0), j = pairs.select(1, 1);
    squares.index_put_({i, j}, (x.index_select(0, i) - y.index_select(0, j)).square().sum(1));
  }
  return squares;
}

}  // namespace

at::Tensor ground_costs(const at::Tensor& x, const at::Tensor& y, GroundCost cost) {
  const bool squared = cost == GroundCost::kSquaredEuclidean;
  if (x.size(1) >= kManyColumns && x.scalar_type() == torch::kFloat64) {
    const at::Tensor squares = squares_by_products(x, y);
    return squared ? squares : squares.sqrt();
  }
  at::Tensor costs = distances_by_differences(x, y);
  return squared ? costs.square_() : costs;
}

}  // namespace wgan
