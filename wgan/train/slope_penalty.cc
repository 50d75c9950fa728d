// Norms, excesses and directions.
#include "wgan/train/slope_penalty.h"

#include <torch/types.h>

#include "wgan/nn/forward.h"

namespace wgan {
namespace {

at::Tensor weighted(const SlopePenalty& penalty, const at::Tensor& x) {
  return penalty.factor.defined() ? x * penalty.factor : x;
}

}  // namespace

bool has_penalty(Objective objective, const SlopePenalty& penalty) {
  if (objective == Objective::kCTransform || penalty.scale == 0) return false;
  return penalty.kind == Penalty::kZeroCentred ? penalty.gamma > 0
                                               : objective == Objective::kWganGp;
}

at::Tensor interpolates(const at::Tensor& real, const at::Tensor& fake, const at::Tensor& epsilon) {
  return torch::lerp(fake, real, beside_samples(epsilon, real));
}

at::Tensor excess_of_norms(Penalty kind, const at::Tensor& norms) {
  switch (kind) {
    case Penalty::kTwoSided:
      return norms - 1;
    case Penalty::kOneSided:
      return torch::relu(norms - 1);
    case Penalty::kZeroCentred:
      break;
  }
  return norms;
}

at::Tensor penalty_of_norms(const SlopePenalty& penalty, const at::Tensor& norms, double count) {
  return weighted(penalty, excess_of_norms(penalty.kind, norms).square().sum()) *
         (penalty.weight() / count);
}

PenalisedSlopes penalised_slopes(const SlopePenalty& penalty, const at::Tensor& slopes,
                                 int64_t conditions, double count) {
  at::Tensor counted = slopes;
  if (conditions > 0) {
    counted = slopes.clone();
    counted.narrow(1, slopes.size(1) - conditions, conditions).zero_();
  }
  const at::Tensor norms = counted.flatten(1).norm(2, {1});
  const at::Tensor excess = excess_of_norms(penalty.kind, norms);
  // dP/dg_i = (2 weight / count) excess_i g_i / |g_i|.
  const at::Tensor factor =
      at::where(norms > 0, 2 * penalty.weight() / count * excess / norms, at::zeros_like(norms));
  return {norms, counted * beside_samples(weighted(penalty, factor), counted)};
}

}  // namespace wgan
