// The losses of the two players, as functions of the critic's scores.
//
// f is the critic (or the discriminator's logit: D = sigmoid(f)); both players minimise.
//   minimax         critic  -E log D(x) - E log(1 - D(G(z)))     generator  E log(1 - D(G(z)))
//   non-saturating  the same critic                              generator -E log D(G(z))
//                   (Goodfellow et al. 2014, Eq. 1 and section 3)
//   wgan, wgan-gp   critic  E f(G(z)) - E f(x)                   generator -E f(G(z))
//                   (Arjovsky et al. 2017, Algorithm 1; Gulrajani et al. 2017, Eq. 3 adds the
//                   penalty)
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/train/options.h"

namespace wgan {

// real, fake: [B] scores. Returns a scalar.
at::Tensor critic_loss(Objective objective, const at::Tensor& real, const at::Tensor& fake);
at::Tensor generator_loss(Objective objective, const at::Tensor& fake);

// Class-conditional critics have an output a class, f(x, y) = output[y]; the others have one
// output. output: [B, K]; labels: [B] int64 below K, or undefined where K is 1. Returns f, [B].
at::Tensor chosen_scores(const at::Tensor& output, const at::Tensor& labels);

// The gradient with respect to output [B, K] of a loss whose gradient with respect to f is `seed`
// [B].
at::Tensor output_seed(const at::Tensor& output, const at::Tensor& labels, const at::Tensor& seed);

// What the penalty squares: |g_i| - 1, or max(0, |g_i| - 1) one-sided. norms: [B], |g_i| per
// sample.
at::Tensor excess_of_norms(Penalty penalty, const at::Tensor& norms);

// lambda times the mean of its squares.
at::Tensor gradient_penalty(Penalty penalty, double lambda, const at::Tensor& norms);

}  // namespace wgan
