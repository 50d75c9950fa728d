// The losses of the two players, as functions of the critic's scores.
//
// f is the critic (or the discriminator's logit: D = sigmoid(f)); both players minimise.
//   minimax         critic  -E log D(x) - E log(1 - D(G(z)))     generator  E log(1 - D(G(z)))
//   non-saturating  the same critic                              generator -E log D(G(z))
//                   (Goodfellow et al. 2014, Eq. 1 and section 3). With label smoothing the
//                   critic's is the cross entropy to other targets than 1 and 0 (Salimans et al.
//                   2016, section 3.4); the generator's stays.
//   semi-supervised   the same with D = Z / (Z + 1), Z(x) the sum of exp(l_k(x)) over the K
//   outputs:
//                   K classes of data and one of fakes, whose logit is 0 (Salimans et al. 2016,
//                   section 5). f = log Z. What labels add is in train/semi_supervised.h.
//   wgan, wgan-gp   critic  E f(G(z)) - E f(x)                   generator -E f(G(z))
//                   (Arjovsky et al. 2017, Algorithm 1; Gulrajani et al. 2017, Eq. 3 adds the
//                   penalty)
//   c-transform     critic  -E f(x) - E f^c(G(z))                generator E f^c(G(z)), where
//                   f^c(y) = min_i |x_i - y| - f(x_i) over the batch (Mallasto et al. 2019;
//                   Stanczuk et al. 2021, "Wasserstein GANs work because they fail"): no Lipschitz
//                   condition, and f sees real rows alone.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/train/options.h"

namespace wgan {

// Whether the critic's scores are logits of a probability.
bool has_probability(Objective objective);

// What the discriminator's probabilities are compared with.
struct Targets {
  double real = 1;
  double fake = 0;
};

// real, fake: [B] scores. Returns a scalar. Those of c-transform are no functions of scores alone:
// these five throw Error(kInternal).
at::Tensor critic_loss(Objective objective, const at::Tensor& real, const at::Tensor& fake,
                       const Targets& targets = {});
at::Tensor generator_loss(Objective objective, const at::Tensor& fake);

// Gradients of these losses with respect to the scores [n] of some rows of a batch of `count`.
at::Tensor real_score_gradient(Objective objective, const at::Tensor& real, double count,
                               const Targets& targets);
at::Tensor fake_score_gradient(Objective objective, const at::Tensor& fake, double count,
                               const Targets& targets);
at::Tensor generator_score_gradient(Objective objective, const at::Tensor& fake, double count);

// f^c at each of the rows `fake` [M, ...], from the scores [N] of the rows `real` [N, ...]: [M],
// differentiable in all three.
at::Tensor c_transform(const at::Tensor& real_scores, const at::Tensor& real,
                       const at::Tensor& fake);

// How far the statistics of the features of fakes [N, ...] are from those of real rows [M, ...]:
// the squared distance between their means (Salimans et al. 2016, section 3.1), or medians, over
// the rows. Not kNone.
at::Tensor feature_distance(FeatureMatching statistic, const at::Tensor& real,
                            const at::Tensor& fake);

// Class-conditional critics have an output a class, f(x, y) = output[y]; the others have one
// output, or f = log sum exp of all outputs (semi-supervised). output: [B, K]; labels: [B] int64
// below K, or undefined. Returns f, [B].
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
