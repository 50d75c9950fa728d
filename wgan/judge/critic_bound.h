// How far a critic is from the truth: its estimate of the Wasserstein distance between two samples,
// the lower bounds that follow from it, and the exact distance between the same samples.
//
// The question of Stanczuk et al. 2021 ("Wasserstein GANs work because they fail"): a critic may
// train a good generator and be a bad estimate of the distance.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "wgan/nn/parameters.h"

namespace wgan {

// Rows as the critic is to see them.
struct CriticRows {
  at::Tensor rows;    // [N, C, H, W] or [N, D] float32, in the range of the networks
  at::Tensor labels;  // [N] int64 for a class-conditional critic; undefined otherwise
};

// All distances are Euclidean in the space that the critic sees. For a class-conditional critic the
// distance is that between samples and data of one class, averaged over the classes by their share
// of the data.
struct CriticBound {
  double estimate = 0;       // E f(x) - E f(G(z))
  double largest_slope = 0;  // max |grad f| over real rows, samples and one point between each pair
  double slope_bound = 0;    // estimate / largest_slope: a lower bound of W if no gradient anywhere
                             // is longer, so an estimate of one
  double pair_slope = 0;     // max of (f(x_i) - f(y_j)) / |x_i - y_j| over all pairs
  double pair_bound = 0;     // estimate / pair_slope: a lower bound of exact_w1 for certain, as the
                             // dual of discrete transport binds the pairs alone; 0 where negative
  double exact_w1 = 0;       // between these rows
};

// real, fake: N rows each (of each class, for a class-conditional critic, the same number is used:
// the smaller one). seed: of the points between. Throws Error(kUsage) where shapes do not fit the
// critic, or no class has two rows of both.
CriticBound bound_by_critic(const Model& critic, const CriticRows& real, const CriticRows& fake,
                            uint64_t seed);

// Mean of f over rows.
double mean_score(const Model& critic, const CriticRows& rows);

}  // namespace wgan
