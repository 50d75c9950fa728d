// The networks and batches that are timed, the same as in peers/pytorch.py.
#pragma once

#include <string>
#include <vector>

#include "wgan/net/presets.h"
#include "wgan/net/resnet.h"
#include "wgan/train/recipe.h"

namespace wgan::bench {

// Gulrajani et al. 2017's networks for MNIST, CIFAR-10 (the residual ones too) and points, and for
// 64x64 colours a DCGAN and their residual ones, whose critic has LayerNorm.
struct Case {
  std::string name;
  Networks networks;
  int64_t batch;
  double lambda;
};

inline std::vector<Case> cases() {
  const Shape mnist{1, 28, 28}, cifar{3, 32, 32}, colour{3, 64, 64}, points{2};
  const DcganOptions dcgan{.width = 64,
                           .batch_norm = false,
                           .critic_batch_norm = false,
                           .bias = true,
                           .output_bias = true};
  const MlpOptions toy{512, 3, /*slope=*/0};
  return {{"mnist", {gulrajani_generator(mnist, 128, 64), gulrajani_critic(mnist, 64)}, 50, 10},
          {"dcgan64", {dcgan_generator(colour, 128, dcgan), dcgan_critic(colour, dcgan)}, 64, 10},
          {"toy", {mlp_generator(points, 2, toy), mlp_critic(points, toy)}, 256, 0.1},
          {"cifar10", {gulrajani_generator(cifar, 128, 128), gulrajani_critic(cifar, 128)}, 64, 10},
          {"resnet", {resnet_generator(cifar, 128, 128), resnet_critic(cifar, 128)}, 64, 10},
          {"resnet64", {resnet_generator(colour, 128, 64), resnet_critic(colour, 64)}, 64, 10}};
}

}  // namespace wgan::bench
