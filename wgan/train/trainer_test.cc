// Training is a function of its seed, keeps its schedule, and stops when it should.
#include "wgan/train/trainer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <chrono>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/steering.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr Objective kTrainerObjectives[] = {Objective::kMinimax, Objective::kNonSaturating,
                                            Objective::kWgan, Objective::kWganGp,
                                            Objective::kRelativistic};

struct TrainedToEnd {
  Players players;
  std::vector<Tick> ticks;
};
TrainedToEnd train_once(const Dataset& data, const TrainOptions& options) {
  TrainedToEnd result{tiny_players(data, options), {}};
  TrainHooks hooks;
  hooks.on_tick = [&](const Tick& tick) { result.ticks.push_back(tick); };
  train(result.players, data, options, hooks);
  return result;
}

void expect_same(const TrainedToEnd& a, const TrainedToEnd& b) {
  EXPECT_TRUE(bits_equal(a.players.generator.parameters, b.players.generator.parameters));
  EXPECT_TRUE(bits_equal(a.players.critic.parameters, b.players.critic.parameters));
  EXPECT_TRUE(bits_equal(a.players.average.parameters, b.players.average.parameters));
  ASSERT_EQ(a.ticks.size(), b.ticks.size());
  for (size_t i = 0; i < a.ticks.size(); ++i) {
    EXPECT_EQ(a.ticks[i].critic_loss, b.ticks[i].critic_loss) << i;
    EXPECT_EQ(a.ticks[i].generator_loss, b.ticks[i].generator_loss) << i;
    EXPECT_EQ(a.ticks[i].wasserstein, b.ticks[i].wasserstein) << i;
    EXPECT_EQ(a.ticks[i].critic_gradient, b.ticks[i].critic_gradient) << i;
  }
}

TEST(Trainer, TheSameSeedGivesTheSameRunWithAnyLoaderThreads) {
  const Dataset data = bars_dataset(12, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.batches.size = 20;
  options.batches.mirror = true;
  const TrainedToEnd first = train_once(data, options);
  ASSERT_EQ(first.ticks.size(), 5u);
  for (const int64_t threads : {0, 1, 4}) {
    SCOPED_TRACE(threads);
    options.compute.loader_threads = threads;
    expect_same(first, train_once(data, options));
  }
  options.seed = 1;
  const TrainedToEnd other = train_once(data, options);
  EXPECT_FALSE(bits_equal(first.players.generator.parameters, other.players.generator.parameters));
  EXPECT_NE(first.ticks.back().critic_loss, other.ticks.back().critic_loss);
}

TEST(Trainer, EveryObjectiveAndRecipeTakesSteps) {
  for (const Dataset& data :
       {bars_dataset(28, 1), bars_dataset(16, 3), vectors_dataset({0, 0}, {1, 1})}) {
    for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
      for (const Objective objective : kTrainerObjectives) {
        SCOPED_TRACE(data.name + " " + enum_name(recipe) + " " + enum_name(objective));
        const TrainOptions options = tiny_options(recipe, objective, data);
        const at::Tensor start = tiny_players(data, options).critic.parameters;
        const TrainedToEnd run = train_once(data, options);
        EXPECT_EQ(run.players.step, 5);
        EXPECT_EQ(run.players.critic_steps, 10);
        EXPECT_EQ(run.ticks.back().images, 10 * options.batches.size);
        EXPECT_TRUE(run.players.generator.parameters.isfinite().all().item<bool>());
        EXPECT_TRUE(run.players.critic.parameters.isfinite().all().item<bool>());
        EXPECT_FALSE(bits_equal(run.players.critic.parameters, start));
        EXPECT_EQ(run.ticks.back().penalty != 0,
                  objective == Objective::kWganGp || objective == Objective::kRelativistic);
      }
    }
  }
}

TEST(Trainer, ClippingKeepsTheCriticInBounds) {
  const Dataset data = bars_dataset(12, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWgan, data);
  options.penalty.clip = 0.02;
  const TrainedToEnd run = train_once(data, options);
  EXPECT_LE(run.players.critic.parameters.abs().max().item<float>(), 0.02f);
  EXPECT_GT(run.players.generator.parameters.abs().max().item<float>(), 0.02f);
}

TEST(Trainer, BurstsTrainTheCriticLongAtFirst) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWgan, data);
  options.objective.critic_bursts = true;
  options.length.steps = 27;
  EXPECT_EQ(train_once(data, options).players.critic_steps, 25 * 100 + 2 * 2);
}

// How far each step moves the generator's parameters at the most, by an Adam without memory, whose
// every step is the learning rate down the sign of the gradient.
std::vector<double> moves_of_steps(TrainOptions options, const Dataset& data) {
  options.optimizer.beta1 = 0;
  options.optimizer.beta2 = 0;
  options.optimizer.average = 0;
  Players players = tiny_players(data, options);
  std::vector<at::Tensor> seen{players.generator.parameters.clone()};
  TrainHooks hooks;
  hooks.should_stop = [&] {
    seen.push_back(players.generator.parameters.clone());
    return false;
  };
  train(players, data, options, hooks);
  seen.push_back(players.generator.parameters.clone());
  // Asked before the first step too.
  EXPECT_EQ(std::ssize(seen), options.length.steps + 2);
  std::vector<double> moves;
  for (size_t i = 2; i < seen.size(); ++i) {
    moves.push_back((seen[i] - seen[i - 1]).abs().max().item<double>());
  }
  return moves;
}

TEST(Trainer, DecayLowersTheLearningRateToZero) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.optimizer.lr_decay = true;
  options.length.steps = 4;
  const std::vector<double> moves = moves_of_steps(options, data);
  ASSERT_EQ(moves.size(), 4u);
  for (size_t step = 0; step < 4; ++step) {
    EXPECT_NEAR(moves[step],
                options.optimizer.generator_lr.start * (1 - static_cast<double>(step) / 4), 1e-6)
        << step;
  }
}

TEST(Trainer, RampsGoAlongHalfAWaveOfTheCosine) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.optimizer.lr_decay = false;
  options.optimizer.generator_lr = Ramp(1e-2, 2e-3);
  options.optimizer.ramp_share = 0.5;
  options.length.steps = 8;
  const std::vector<double> moves = moves_of_steps(options, data);
  ASSERT_EQ(moves.size(), 8u);
  // Over the first 4 of 8 steps; cos(pi / 4) = .7071.
  const double expected[] = {1e-2, 2e-3 + 8e-3 * .853553, 6e-3, 2e-3 + 8e-3 * .146447, 2e-3, 2e-3};
  for (size_t step = 0; step < 6; ++step) EXPECT_NEAR(moves[step], expected[step], 1e-6) << step;
}

TEST(Trainer, SteersTheAugmentationByRowsThatAreHeldOut) {
  const Dataset data = bars_dataset(16, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kRelativistic, data);
  options.augment.kinds = "color,translation";
  options.augment.target = 1e-9;  // any lead is too much
  options.length.steps = 40;
  const Dataset held_out = bars_dataset(16, 1);
  Players players = tiny_players(data, options);
  TrainHooks hooks;
  expect_error(ErrorKind::kUsage, "--holdout", [&] { train(players, data, options, hooks); });
  hooks.held_out = &held_out;
  std::vector<double> strengths;
  hooks.on_tick = [&](const Tick& tick) { strengths.push_back(tick.augment_strength); };
  train(players, data, options, hooks);
  const double move = steering_move(8, data.size);
  EXPECT_NE(players.steering.height, 0);
  EXPECT_NEAR(std::remainder(players.steering.strength, move), 0, 1e-12);
  EXPECT_EQ(strengths.size(), 40u);
  EXPECT_LE(*std::ranges::max_element(strengths), 20 * move + 1e-12);
}

TEST(Trainer, StopsWhenTimeIsUpOrAsked) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.length.steps = 0;
  options.length.time.seconds = 0.1;
  Players players = tiny_players(data, options);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(train(players, data, options, {}), TrainEnd::kTime);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  EXPECT_GE(taken.count(), 0.1);
  EXPECT_GT(players.step, 0);

  options.length.time.seconds = 0;
  players = tiny_players(data, options);
  TrainHooks hooks;
  hooks.should_stop = [&] { return players.step == 3; };
  EXPECT_EQ(train(players, data, options, hooks), TrainEnd::kStopped);
  EXPECT_EQ(players.step, 3);
}

TEST(Trainer, ReportsDivergence) {
  const Dataset data = bars_dataset(12, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.optimizer.critic_lr = 1e30;
  Players players = tiny_players(data, options);
  int checkpoints = 0;
  TrainHooks hooks;
  hooks.on_checkpoint = [&](const Players&) { ++checkpoints; };
  expect_error(ErrorKind::kDiverged, "--critic-lr", [&] { train(players, data, options, hooks); });
  EXPECT_EQ(checkpoints, 0);
}

TEST(Trainer, ShowsSamplesOnSchedule) {
  std::vector<int64_t> due;
  for (int64_t step = 0; step <= 1600; ++step) {
    if (samples_due(step, 500)) due.push_back(step);
  }
  EXPECT_EQ(due, (std::vector<int64_t>{0, 10, 20, 50, 100, 200, 500, 1000, 1500}));
  due.clear();
  for (int64_t step = 0; step <= 40; ++step) {
    if (samples_due(step, 15)) due.push_back(step);
  }
  EXPECT_EQ(due, (std::vector<int64_t>{0, 10, 15, 30}));
}

TEST(Trainer, CallsItsHooksAtStartAndEnd) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.cadence.tick_every = 2;
  Players players = tiny_players(data, options);
  std::vector<int64_t> ticks, samples, checkpoints;
  TrainHooks hooks;
  hooks.on_tick = [&](const Tick& tick) { ticks.push_back(tick.step); };
  hooks.on_samples = [&](const Players& p) { samples.push_back(p.step); };
  hooks.on_checkpoint = [&](const Players& p) { checkpoints.push_back(p.step); };
  train(players, data, options, hooks);
  EXPECT_EQ(ticks, (std::vector<int64_t>{2, 4, 5}));
  EXPECT_EQ(samples, (std::vector<int64_t>{0, 5}));
  EXPECT_EQ(checkpoints, (std::vector<int64_t>{5}));
}

}  // namespace
}  // namespace wgan
