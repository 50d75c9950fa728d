// The two recipes: which options and networks a kind of data and an objective get by default.
#pragma once

#include "wgan/data/dataset.h"
#include "wgan/net/known.h"
#include "wgan/net/layer.h"
#include "wgan/train/options.h"

namespace wgan {

// The options of a recipe for an objective on this data. `paper` is, to the letter where the shape
// of the data allows it:
//   wgan-gp   igul222/improved_wgan_training: gan_mnist.py for 28x28x1, gan_toy.py for vectors,
//             gan_cifar.py for everything else
//   wgan      martinarjovsky/WassersteinGAN (main.py; models/mlp.py for vectors). It clips after
//   the
//             update, as Algorithm 1 of the paper does: main.py clips before it, and so lets the
//             generator face a critic outside the bounds.
//   c-transform, minimax, non-saturating, semi-supervised   lilianweng/unified-gan-tensorflow, with
//   the networks of main.py
// For images, `net` may be kResnet: wgan-gp is then gan_cifar_resnet.py or, beyond three doublings
// (nn/resnet.h), gan_64x64.py. With kModern (net/modern.h) `fast` takes R3GAN's initial weights and
// optimizer.
TrainOptions recipe_options(Recipe recipe, Objective objective, const Dataset& dataset,
                            Net net = Net::kDcgan);

// The objective of a recipe where none is asked for: relativistic for pictures that `fast` makes
// with dcgan or modern, since they are the best (docs/pictures.md); else wgan-gp, whose critic
// estimates a distance.
Objective default_objective(Recipe recipe, const Dataset& dataset, Net net = Net::kDcgan);

// Those of a run for which nothing is asked: recipe fast with its objective.
TrainOptions default_options(const Dataset& dataset);

// Throws Error(kUsage) naming the option that makes no sense, or does not fit the data.
void check_options(const TrainOptions& options, const Dataset& dataset);

// Whether a learning rate goes from one number to another over the run.
bool has_rate_ramps(const OptimizerOptions& options);

// Whether any option goes from one number to another over the run.
bool has_ramps(const TrainOptions& options);

struct Networks {
  Network generator;
  Network critic;
};
// known: of conditional networks. classes: of the data, where the discriminator tells them apart
// (semi-supervised); the critic then has an output for each.
Networks build_networks(const TrainOptions& options, const Shape& sample, const Known& known = {},
                        int64_t classes = 0);

// What the networks of a run on this data are conditioned on.
Known known_of(const TrainOptions& options, const Dataset& dataset);

// Those of a run on this data.
Networks build_networks(const TrainOptions& options, const Dataset& dataset);

}  // namespace wgan
