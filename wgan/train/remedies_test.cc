// Each remedy has the effect it is for, on five seeds.
#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <functional>

#include "wgan/metrics/transport.h"
#include "wgan/net/presets.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/objective.h"
#include "wgan/train/sampler.h"
#include "wgan/train/steps.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kSeeds = 5;

using Change = std::function<void(TrainOptions&)>;

struct Trained {
  Dataset data;
  Players players;
  Tick tick;  // over all steps
};

Trained trained(Objective objective, int64_t seed, int64_t steps, const Change& change) {
  Trained result{bars_dataset(16, 1, 256), {}, {}};
  TrainOptions o = tiny_options(Recipe::kFast, objective, result.data);
  o.players.width = 8;
  o.batches.size = 16;
  o.objective.n_critic = 1;
  o.seed = seed;
  o.length.steps = o.cadence.tick_every = steps;
  o.optimizer.lr_decay = false;
  o.optimizer.critic_lr = o.optimizer.generator_lr = 1e-3;
  change(o);
  check_options(o, result.data);
  result.players = tiny_players(result.data, o);
  TrainHooks hooks;
  hooks.on_tick = [&](const Tick& tick) { result.tick = tick; };
  train(result.players, result.data, o, hooks);
  return result;
}

at::Tensor real_rows(const Dataset& data) {
  return Loader(data, {.batch = 256, .threads = 0}).next().rows;
}

// The probabilities that the discriminator gives to real rows.
at::Tensor confidence(const Trained& t) {
  const torch::NoGradGuard no_grad;
  return torch::sigmoid(forward(t.players.critic, real_rows(t.data), {}));
}

at::Tensor slopes(const Trained& t) {
  at::Tensor x = real_rows(t.data).clone().set_requires_grad(true);
  return torch::autograd::grad({forward(t.players.critic, x, {}).sum()}, {x})[0].flatten(1).norm(
      2, {1});
}

// Against a generator that stands still.
TEST(Remedies, LabelSmoothingLowersTheDiscriminatorsConfidence) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto mean_confidence = [&](double label) {
      return confidence(trained(Objective::kNonSaturating, seed, 200,
                                [&](auto& o) {
                                  o.stabilisers.real_label = label, o.optimizer.generator_lr = 0;
                                }))
          .mean()
          .item<double>();
    };
    EXPECT_GT(mean_confidence(1), 0.97) << seed;
    EXPECT_NEAR(mean_confidence(0.9), 0.9, 0.03) << seed;
  }
}

TEST(Remedies, InstanceNoiseKeepsTheDiscriminatorUnsure) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto loss = [&](double noise) {
      return trained(Objective::kNonSaturating, seed, 200,
                     [&](auto& o) {
                       o.stabilisers.instance_noise = noise, o.optimizer.generator_lr = 0;
                     })
          .tick.critic_loss;
    };
    EXPECT_GT(loss(3), 2 * loss(0)) << seed;
  }
}

TEST(Remedies, SpectralNormalisationBoundsTheCriticsSlope) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const at::Tensor free = slopes(trained(Objective::kWgan, seed, 150, [](auto& o) {
      o.penalty.clip = 0;
      o.stabilisers.weight_decay = 1e-9;
    }));
    const at::Tensor bounded = slopes(trained(Objective::kWgan, seed, 150, [](auto& o) {
      o.penalty.clip = 0;
      o.players.spectral_norm = true;
    }));
    // Each of the three convolutions of stride 2 and kernel 4 covers a pixel four times, which is
    // all that its matrix does not see; the Linear bounds itself.
    EXPECT_LT(bounded.max().item<double>(), 8) << seed;
    EXPECT_GT(free.max().item<double>(), 4 * bounded.max().item<double>()) << seed;
  }
}

// Trained on the same rows again and again, the critic of c-transform comes near the exact distance
// from below (Stanczuk et al. 2021, section 4): its loss is minus the value of the dual.
TEST(Remedies, CTransformComesNearTheExactDistance) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const at::Tensor real = random_batch({2}, 32, static_cast<uint64_t>(seed));
    const at::Tensor fake = random_batch({2}, 32, static_cast<uint64_t>(100 + seed)) + 2;
    const double exact = exact_transport(real, fake, GroundCost::kEuclidean).cost;
    Model critic = random_model(mlp_critic({2}, {64, 2, 0}), static_cast<uint64_t>(seed));
    Optimizer optimizer = make_optimizer({}, critic.parameters, 1);
    double value = 0;
    for (int step = 0; step < 400; ++step) {
      const CriticMetrics m = critic_gradients(critic, {real, fake, torch::ones({32})},
                                               {.objective = Objective::kCTransform});
      value = -m.loss.item<double>();
      EXPECT_LE(value, exact + 1e-4) << "the dual is never above";
      optimizer_step(optimizer, 5e-3, critic.parameters, critic.gradients);
    }
    EXPECT_GT(value, 0.95 * exact) << seed;
  }
}

TEST(Remedies, WeightDecayKeepsTheCriticSmall) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto norm = [&](double decay) {
      const Trained t = trained(Objective::kWganGp, seed, 150,
                                [&](auto& o) { o.stabilisers.weight_decay = decay; });
      return t.players.critic.parameters.norm().item<double>();
    };
    EXPECT_LT(norm(1), 0.8 * norm(0)) << seed;
  }
}

TEST(Remedies, HistoricalAveragingKeepsThePlayersNearTheirPast) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto distance = [&](double weight) {
      const Trained t = trained(Objective::kNonSaturating, seed, 150,
                                [&](auto& o) { o.stabilisers.historical_averaging = weight; });
      const auto from_past = [](const Model& model, const Optimizer& optimizer) {
        return (model.parameters - optimizer.history).norm().item<double>();
      };
      return from_past(t.players.generator, t.players.generator_optimizer) +
             from_past(t.players.critic, t.players.critic_optimizer);
    };
    EXPECT_LT(distance(10), 0.7 * distance(1e-9)) << seed;
  }
}

// The generator that matches features comes nearer to the real features' mean than at the start.
TEST(Remedies, FeatureMatchingBringsTheFeaturesTogether) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto distance = [&](int64_t steps) {
      Trained t = trained(Objective::kNonSaturating, seed, steps, [](auto& o) {
        o.stabilisers.feature_matching = FeatureMatching::kMean;
        o.optimizer.critic_lr = 1e-5;  // a judge that stands still
      });
      const torch::NoGradGuard no_grad;
      const Model& critic = t.players.critic;
      const ForwardContext context{.layers = critic.network.layers.size() - 1};
      const at::Tensor z = torch::randn({256, t.players.generator.network.input[0]});
      return feature_distance(FeatureMatching::kMean, forward(critic, real_rows(t.data), context),
                              forward(critic, generate(t.players.generator, z), context))
          .item<double>();
    };
    EXPECT_LT(distance(200), 0.5 * distance(1)) << seed;
  }
}

// A generator that makes one picture is found out by minibatch discrimination: its fakes are near
// one another, and real rows are not.
TEST(Remedies, MinibatchDiscriminationSeesACollapse) {
  for (int64_t seed = 0; seed < kSeeds; ++seed) {
    const auto gap = [&](int64_t kernels) {
      const Trained t = trained(Objective::kNonSaturating, seed, 150, [&](auto& o) {
        o.players.minibatch_kernels = kernels;
        o.optimizer.generator_lr = 0;
      });
      const torch::NoGradGuard no_grad;
      const at::Tensor real = real_rows(t.data);
      // The same real row again and again, beside real rows.
      const at::Tensor collapsed = real.narrow(0, 0, 1).expand_as(real).contiguous();
      const at::Tensor scores = forward(t.players.critic, real, {});
      return (scores.mean() - forward(t.players.critic, collapsed, {}).mean()).item<double>() /
             scores.std().item<double>();
    };
    EXPECT_GT(gap(20), gap(0) + 1) << seed;
  }
}

}  // namespace
}  // namespace wgan
