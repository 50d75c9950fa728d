// What a step is made from is drawn as the options say, and each remedy reaches the step.
#include "wgan/train/steps.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <functional>

#include "wgan/nn/test_support.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

TEST(Steps, DequantizedPixelsFillTheirGaps) {
  // Values 0, 128 and 255, and the ends of the gaps above them.
  const at::Tensor values = torch::tensor({0.0, 128.0, 255.0}, torch::kFloat64);
  const at::Tensor none = torch::zeros({3}, torch::kFloat64), all = torch::ones_like(none);
  const at::Tensor is_signed = values / 127.5 - 1, unit = values / 255;
  const auto difference = [](const at::Tensor& a, const at::Tensor& b) {
    return (a - b).abs().max().item<double>();
  };
  EXPECT_LT(difference(dequantized(is_signed, none, PixelRange::kSigned), values / 128 - 1), 1e-14);
  EXPECT_LT(difference(dequantized(is_signed, all, PixelRange::kSigned), (values + 1) / 128 - 1),
            1e-14);
  EXPECT_LT(difference(dequantized(unit, none, PixelRange::kUnit), values / 256), 1e-14);
  EXPECT_LT(difference(dequantized(unit, all, PixelRange::kUnit), (values + 1) / 256), 1e-14);
}

// The players after two steps of each.
Players trained(Objective objective, const std::function<void(TrainOptions&)>& change) {
  const Dataset data = bars_dataset(16, 1);
  TrainOptions o = tiny_options(Recipe::kFast, objective, data);
  o.length.steps = 2;
  change(o);
  check_options(o, data);
  Players players = tiny_players(data, o);
  train(players, data, o, {});
  return players;
}

struct Remedy {
  const char* name;
  Objective objective;
  std::function<void(TrainOptions&)> change;
};

TEST(Steps, EveryRemedyTrainsReproduciblyAndChangesTheResult) {
  const std::vector<Remedy> remedies = {
      {"c-transform", Objective::kWganGp,
       [](auto& o) { o.objective.kind = Objective::kCTransform; }},
      {"feature matching, mean", Objective::kNonSaturating,
       [](auto& o) { o.stabilisers.feature_matching = FeatureMatching::kMean; }},
      {"feature matching, median", Objective::kWganGp,
       [](auto& o) { o.stabilisers.feature_matching = FeatureMatching::kMedian; }},
      {"features of a layer", Objective::kWganGp,
       [](auto& o) {
         o.stabilisers.feature_matching = FeatureMatching::kMean, o.stabilisers.feature_layers = 2;
       }},
      {"minibatch discrimination", Objective::kMinimax,
       [](auto& o) { o.players.minibatch_kernels = 4; }},
      {"historical averaging", Objective::kMinimax,
       [](auto& o) { o.stabilisers.historical_averaging = 1; }},
      {"label smoothing", Objective::kMinimax, [](auto& o) { o.stabilisers.real_label = 0.9; }},
      {"virtual batch norm", Objective::kWganGp,
       [](auto& o) { o.players.generator_norm = Norm::kVirtual; }},
      {"instance noise", Objective::kWganGp, [](auto& o) { o.stabilisers.instance_noise = 0.3; }},
      {"weight decay", Objective::kWganGp, [](auto& o) { o.stabilisers.weight_decay = 0.1; }},
      {"spectral norm", Objective::kMinimax, [](auto& o) { o.players.spectral_norm = true; }},
      {"spectral norm and penalty", Objective::kWganGp,
       [](auto& o) { o.players.spectral_norm = true; }},
      {"layer norm", Objective::kWganGp, [](auto& o) { o.players.critic_norm = Norm::kLayer; }},
      {"penalty at real", Objective::kWganGp, [](auto& o) { o.penalty.at = PenaltyAt::kReal; }},
      {"penalty at fake", Objective::kWganGp, [](auto& o) { o.penalty.at = PenaltyAt::kFake; }},
      {"relativistic", Objective::kWganGp,
       [](auto& o) {
         o.objective.kind = Objective::kRelativistic;
         o.penalty.kind = Penalty::kZeroCentred, o.penalty.at = PenaltyAt::kBoth;
       }},
      {"zero-centred penalty", Objective::kNonSaturating,
       [](auto& o) { o.penalty.kind = Penalty::kZeroCentred, o.penalty.at = PenaltyAt::kReal; }},
      {"augmentation", Objective::kWganGp, [](auto& o) { o.augment.kinds = "color,cutout"; }},
      {"augmentation that grows", Objective::kRelativistic,
       [](auto& o) {
         o.augment.kinds = "color,translation,cutout,flip", o.augment.strength = Ramp(0, 0.9);
       }},
      {"other beta2", Objective::kWganGp, [](auto& o) { o.optimizer.beta2 = Ramp(0.5, 0.99); }},
      {"other gamma", Objective::kRelativistic,
       [](auto& o) { o.penalty.gamma = Ramp(0.5, 20), o.optimizer.ramp_share = 0.5; }},
      {"lazy penalty", Objective::kWganGp, [](auto& o) { o.penalty.every = 3; }},
      {"dequantize", Objective::kWganGp, [](auto& o) { o.batches.dequantize = true; }},
      {"generator batch", Objective::kWganGp, [](auto& o) { o.batches.generator_size = 13; }},
      {"softplus", Objective::kWganGp,
       [](auto& o) {
         o.players.critic_activation = o.players.generator_activation = Activation::kSoftplus;
       }},
      {"residual", Objective::kWganGp, [](auto& o) { o.players.net = Net::kResnet; }},
      {"modern", Objective::kRelativistic, [](auto& o) { o.players.net = Net::kModern; }},
      {"minibatch deviation", Objective::kNonSaturating,
       [](auto& o) { o.players.minibatch_deviation = true; }},
      {"deep", Objective::kWganGp,
       [](auto& o) { o.players.critic_depth = 8, o.players.generator_depth = 7; }},
      {"narrow critic", Objective::kWganGp, [](auto& o) { o.players.critic_width = 2; }},
  };
  for (const Remedy& remedy : remedies) {
    SCOPED_TRACE(remedy.name);
    const Players without = trained(remedy.objective, [](auto&) {});
    const Players once = trained(remedy.objective, remedy.change);
    const Players again = trained(remedy.objective, remedy.change);
    for (const auto& model : {&Players::generator, &Players::critic}) {
      EXPECT_TRUE((once.*model).parameters.isfinite().all().item<bool>());
      EXPECT_TRUE(bits_equal((once.*model).parameters, (again.*model).parameters));
      EXPECT_TRUE(bits_equal((once.*model).state, (again.*model).state));
    }
    const bool same = bits_equal(without.generator.parameters, once.generator.parameters) &&
                      bits_equal(without.critic.parameters, once.critic.parameters);
    EXPECT_FALSE(same) << "the remedy does nothing";
  }
}

// Steps 0, 3, 6 and 9 of 10.
TEST(Steps, TakeThePenaltyEverySoManyStepsWithSoManyTimesItsWeight) {
  const Dataset data = vectors_dataset({0, 0}, {1, 1});
  TrainOptions o = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  o.optimizer.critic_lr = o.optimizer.generator_lr = 0;  // all steps are alike but for their rows
  o.batches.size = 512;
  const auto tick_of = [&](int64_t every) {
    o.penalty.every = every;
    Players players = tiny_players(data, o);
    Tick last;
    TrainHooks hooks;
    hooks.on_tick = [&](const Tick& tick) { last = tick; };
    o.cadence.tick_every = o.length.steps;
    train(players, data, o, hooks);
    EXPECT_EQ(players.critic_steps, 10);
    return last;
  };
  const Tick always = tick_of(1), lazy = tick_of(3);
  EXPECT_NEAR(lazy.gradient_norm / always.gradient_norm, 1, 0.05);  // of the steps that have one
  EXPECT_NEAR(lazy.penalty / always.penalty, 3 * 0.4, 0.12);
}

TEST(Steps, ReferenceBatchStaysAsItWasAtTheStart) {
  const auto reference = [](Players& p) { return p.generator.memory[0].clone(); };
  const Dataset data = bars_dataset(16, 1);
  TrainOptions o = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  o.players.generator_norm = Norm::kVirtual;
  Players players = tiny_players(data, o);
  const at::Tensor before = reference(players);
  EXPECT_NEAR(before.std().item<double>(), 1, 0.2);
  train(players, data, o, {});
  EXPECT_TRUE(bits_equal(reference(players), before));
  EXPECT_TRUE(bits_equal(players.average.memory[0], before));
}

}  // namespace
}  // namespace wgan
