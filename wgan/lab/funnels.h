// Pairs of distributions whose Wasserstein distance is known because they were made from its
// solution (Korotin, Kolesov and Burnaev 2022, "Kantorovich strikes back", sections 3.1 and 4.1).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace wgan {

// Q is uniform on [-kHalfSide, kHalfSide]^D.
inline constexpr double kHalfSide = 2.5;

// u(x) = min_n |x - c_n| + b_n, which nowhere is steeper than 1, with c_n ~ U[-2.5, 2.5]^D and
// b_n ~ N(0, 0.1^2). Q is uniform on that cube. Each point x of it lies on a ray of steepest ascent
// that starts at the centre of its funnel and ends where the next funnel or the edge of the cube
// is; at the share t of this ray, x goes to the share t^8. P is where all go. Nothing beats moving
// along such rays: -u is a Kantorovich potential, and W1(P, Q) = E|x - T(x)| = E u(x) - E u(T(x)).
class FunnelPair {
 public:
  // dimensions, funnels >= 1. Throws Error(kUsage) otherwise.
  FunnelPair(int64_t dimensions, int64_t funnels, uint64_t seed);

  // [count, D] float32: rows of Q, and rows of P that are moved from other rows of Q than
  // uniform() ever gives. The same for the same step, below 2^43.
  at::Tensor uniform(int64_t count, uint64_t step) const;
  at::Tensor moved(int64_t count, uint64_t step) const;

  // u at the points [N, D]: [N] float64.
  at::Tensor potential(const at::Tensor& points) const;

  // The ends of the rays through the points [N, D] of the cube: [N, D] float64 each.
  struct Rays {
    at::Tensor centre;
    at::Tensor edge;
  };
  Rays rays(const at::Tensor& points) const;

  // T at the points [N, D] of the cube: [N, D] float64.
  at::Tensor transported(const at::Tensor& points) const;

  // W1(P, Q), from `count` rays that neither uniform() nor moved() uses.
  struct Distance {
    double value = 0;
    double error = 0;  // one standard error
  };
  Distance distance(int64_t count) const;

 private:
  at::Tensor cube_rows(int64_t count, uint64_t step) const;

  uint64_t seed_;
  at::Tensor centres_;  // [funnels, D] float64
  at::Tensor offsets_;  // [funnels] float64
};

}  // namespace wgan
