// The penalty on the critic's slopes: where it is taken, what it is, and its derivative.
//
//   two-sided      lambda E (|grad f| - 1)^2           (Gulrajani et al. 2017, Eq. 3)
//   one-sided      lambda E max(0, |grad f| - 1)^2     (the same, section 4)
//   zero-centred   gamma / 2 E |grad f|^2              (Mescheder et al. 2018, Eq. 9 and 10: R1 at
//                  real rows, R2 at fakes; Huang et al. 2024 take both)
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/train/options.h"

namespace wgan {

struct SlopePenalty {
  Penalty kind = Penalty::kTwoSided;
  PenaltyAt at = PenaltyAt::kInterpolates;
  double lambda = 10;
  double gamma = 1;
  double scale = 1;        // factor of either; 0 in a step that leaves the penalty out
  at::Tensor factor = {};  // another, a scalar on the device; undefined: 1

  // What the squared excess of a row's slope weighs.
  double weight() const { return scale * (kind == Penalty::kZeroCentred ? gamma / 2 : lambda); }
};

// Whether the losses of the objective have this penalty beside them.
bool has_penalty(Objective objective, const SlopePenalty& penalty);

// xhat = epsilon real + (1 - epsilon) fake. real, fake: [B, ...]; epsilon: [B] in [0, 1], one a
// sample (Gulrajani et al. 2017, Algorithm 1).
at::Tensor interpolates(const at::Tensor& real, const at::Tensor& fake, const at::Tensor& epsilon);

// What the penalty squares: |g_i| - 1, one-sided max(0, |g_i| - 1), or |g_i| itself (zero-centred).
// norms: [N], |g_i| per sample.
at::Tensor excess_of_norms(Penalty kind, const at::Tensor& norms);

// The part of the penalty that belongs to rows with these norms, in a batch of `count` rows: a
// scalar.
at::Tensor penalty_of_norms(const SlopePenalty& penalty, const at::Tensor& norms, double count);

// Norms of the slopes g [N, ...] of rows, and the derivative of the penalty.
struct PenalisedSlopes {
  at::Tensor norms;      // [N]
  at::Tensor direction;  // [N, ...] dP/dg_i; 0 where g_i is
};
// conditions: so many of the last elements or channels have slopes that do not count.
PenalisedSlopes penalised_slopes(const SlopePenalty& penalty, const at::Tensor& slopes,
                                 int64_t conditions, double count);

}  // namespace wgan
