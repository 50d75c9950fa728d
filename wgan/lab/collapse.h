// What the experiments on mode collapse share: a small GAN that collapses on 25 Gaussians, and how
// samples spread over the modes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/data/synthetic.h"
#include "wgan/train/options.h"

namespace wgan {

// Samples over the modes of a mixture of Gaussians.
struct Spread {
  std::vector<double> shares;  // [K] of the samples that each centre is the nearest to
  int64_t covered = 0;  // modes that hold at least a tenth of their fair share of the samples, one
                        // of these within 3 sigma of the centre (Srivastava et al. 2017)
  double close = 0;     // share of the samples within 3 sigma of a centre
};

// points: [N, 2].
Spread spread_over(const at::Tensor& points, const GaussianModes& modes);

// Total variation between the shares, in [0, 1]: so much of the samples has changed its mode, at
// the least.
double moved(const Spread& before, const Spread& after);

// A training as its samples show it, look by look.
struct SpreadCourse {
  std::vector<double> step = {};
  std::vector<Spread> spreads = {};

  std::vector<double> covered() const;
  std::vector<double> moves() const;  // from each look to the next
  double restlessness() const;  // their mean over the middle half, where the rate is not small yet
};

// Networks, optimizer and steps on gaussians25: the same for all, but for the critic's schedule. A
// discriminator takes one small step a generator step, and its generator collapses whatever the
// seed; critics take the five steps of Arjovsky et al. 2017, Algorithm 1, and of a larger learning
// rate. like_critic: a discriminator does too.
TrainOptions collapse_options(const Dataset& gaussians25, Objective objective, uint64_t seed,
                              bool like_critic = false);

}  // namespace wgan
