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
//   relativistic    critic  -E log sigmoid(f(x) - f(G(z)))       generator  the same of
//                   f(G(z)) - f(x), over pairs of a real row and a fake (Jolicoeur-Martineau 2018;
//                   Huang et al. 2024, section 2)
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

// Whether the losses compare each real row with the fake in the same place of the batch.
bool is_paired(Objective objective);

// Whether the gap between the critic's mean scores is an estimate of W.
bool estimates_distance(Objective objective, Penalty penalty);

// What the discriminator's probabilities are compared with.
struct Targets {
  double real = 1;
  double fake = 0;
};

// Something for each real row [B] and each fake [B]. The generator's losses look at the real rows
// of paired objectives alone.
struct CriticScores {
  at::Tensor real = {};
  at::Tensor fake = {};
};

// Each returns a scalar. Those of c-transform are no functions of scores alone: these four throw
// Error(kInternal).
at::Tensor critic_loss(Objective objective, const CriticScores& scores,
                       const Targets& targets = {});
at::Tensor generator_loss(Objective objective, const CriticScores& scores);

// Gradients of these losses with respect to the scores of some rows of a batch of `count`.
CriticScores critic_score_gradients(Objective objective, const CriticScores& scores, double count,
                                    const Targets& targets);
// With respect to the fakes' [B].
at::Tensor generator_score_gradient(Objective objective, const CriticScores& scores, double count);

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

}  // namespace wgan
