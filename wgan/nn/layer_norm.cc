// LayerNorm by LibTorch's functions on any device; where the kernels know the tensors, by those.
#include "wgan/nn/layer_norm.h"

#include <torch/types.h>

#include "wgan/nn/forward.h"
#include "wgan/nn/layer_norm_rows.h"

namespace wgan {
namespace {

// The axes of a sample, and those of x but the channels.
std::vector<int64_t> sample_axes(const at::Tensor& x) {
  return x.dim() == 4 ? std::vector<int64_t>{1, 2, 3} : std::vector<int64_t>{1};
}
at::Tensor channel_sums(const at::Tensor& x) {
  return x.dim() == 4 ? x.sum({0, 2, 3}) : x.sum({0});
}

// Of each sample, beside it.
at::Tensor sample_mean(const at::Tensor& x) { return x.mean(sample_axes(x), /*keepdim=*/true); }

// h
at::Tensor standardised(const at::Tensor& x, const LayerMoments& moments) {
  return (x - beside_samples(moments[0], x)).mul_(beside_samples(moments[1], x));
}

// K t / r
at::Tensor projected(const at::Tensor& t, const at::Tensor& h, const at::Tensor& mean_ht) {
  return (t - sample_mean(t)).sub_(h * mean_ht);
}

}  // namespace

at::Tensor layer_norm(const LayerNorm& layer, const at::Tensor& x, const at::Tensor& scale,
                      const at::Tensor& shift, LayerMoments& moments) {
  if (layer_norm_rows_take(x)) return layer_norm_rows(layer, x, scale, shift, moments);
  const auto [variance, mean] = at::var_mean(x.flatten(1), {1}, /*unbiased=*/false);
  moments = {mean, (variance + layer.epsilon).rsqrt_()};
  return standardised(x, moments).mul_(per_channel(scale, x)).add_(per_channel(shift, x));
}

LayerNormAdjoint layer_norm_adjoint(const at::Tensor& d, const at::Tensor& x,
                                    const at::Tensor& scale, const LayerMoments& moments) {
  if (layer_norm_rows_take(x)) return layer_norm_rows_adjoint(d, x, scale, moments);
  const at::Tensor h = standardised(x, moments);
  const at::Tensor scaled = d * per_channel(scale, x);
  return {
      .input = projected(scaled, h, sample_mean(h * scaled)).mul_(beside_samples(moments[1], x)),
      .scale = channel_sums(d * h),
      .shift = channel_sums(d)};
}

// With p = scale d, P = mean(h p), T = mean(h t) and A = mean(p t) - mean(p) mean(t),
//   <d, J t> = N r (A - P T),
//   its gradient -r^2 ((A - 3 P T) h + T (p - mean(p)) + P (t - mean(t))).
LayerNormTangent layer_norm_tangent(const at::Tensor& d, const at::Tensor& t, const at::Tensor& x,
                                    const at::Tensor& scale, const LayerMoments& moments) {
  if (layer_norm_rows_take(x)) return layer_norm_rows_tangent(d, t, x, scale, moments);
  const at::Tensor r = beside_samples(moments[1], x), h = standardised(x, moments);
  const at::Tensor p = d * per_channel(scale, x);
  const at::Tensor p_mean = sample_mean(p), t_mean = sample_mean(t);
  const at::Tensor hp = sample_mean(h * p), ht = sample_mean(h * t);
  const at::Tensor gap = sample_mean(p * t) - p_mean * t_mean - 3 * hp * ht;
  const at::Tensor kt = projected(t, h, ht).mul_(r);
  return {.output = kt * per_channel(scale, x),
          .curvature =
              (h * gap).add_((p - p_mean).mul_(ht)).add_((t - t_mean).mul_(hp)) * r.square().neg(),
          .scale = channel_sums(d * kt)};
}

}  // namespace wgan
