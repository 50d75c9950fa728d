// Each diagnosis is made where training really goes wrong so, and none in healthy training.
#include "wgan/run/health.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "wgan/data/synthetic.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

// Small networks, watched closely.
TrainOptions options_for(const Dataset& data, Objective objective) {
  TrainOptions o = recipe_options(Recipe::kFast, objective, data);
  o.players.width = 64;
  o.batches.size = 64;
  o.length.steps = 400;
  o.cadence.tick_every = 10;
  o.optimizer.lr_decay = false;
  o.compute.loader_threads = 0;
  return o;
}

// The diagnoses that were made while training.
std::set<std::string> diagnoses(const Dataset& data, const TrainOptions& options) {
  HealthMonitor monitor(options);
  std::set<std::string> names;
  TrainHooks hooks;
  hooks.on_tick = [&](const Tick& tick) {
    for (const Diagnosis& diagnosis : monitor.look(tick)) {
      EXPECT_FALSE(diagnosis.text.empty() || diagnosis.remedy.empty());
      names.insert(diagnosis.name);
    }
  };
  Players players = tiny_players(data, options);
  train(players, data, options, hooks);
  return names;
}

struct Health : testing::Test {
  Dataset data = make_synthetic("gaussians8", Split::kTrain, 0);

  // The diagnoses of training at these paces.
  std::set<std::string> at_paces(Objective objective, double critic_lr, double generator_lr,
                                 int64_t n_critic) const {
    TrainOptions o = options_for(data, objective);
    o.optimizer.critic_lr = critic_lr;
    o.optimizer.generator_lr = generator_lr;
    o.objective.n_critic = n_critic;
    return diagnoses(data, o);
  }
};

TEST_F(Health, IsSilentInHealthyTraining) {
  EXPECT_EQ(diagnoses(data, options_for(data, Objective::kWganGp)), std::set<std::string>());
  const Dataset strokes = make_synthetic("strokes", Split::kTrain, 0);
  for (const Objective objective :
       {Objective::kWganGp, Objective::kWgan, Objective::kMinimax, Objective::kNonSaturating}) {
    TrainOptions options = options_for(strokes, objective);
    options.players.conditional = false;
    options.players.width = 32;
    options.batches.size = 32;
    options.length.steps = 160;
    EXPECT_EQ(diagnoses(strokes, options), std::set<std::string>()) << enum_name(objective);
  }
}

// Arjovsky and Bottou 2017: against a discriminator near its optimum the generator learns nothing.
TEST_F(Health, SeesTheGeneratorsGradientVanish) {
  EXPECT_TRUE(at_paces(Objective::kMinimax, 5e-3, 1e-6, 5).contains("vanished"));
}

// Gulrajani et al. 2017, Fig. 1b: clipping pushes weights to the two bounds.
TEST_F(Health, SeesWeightsAtTheClipBound) {
  EXPECT_TRUE(diagnoses(data, options_for(data, Objective::kWgan)).contains("saturated"));
}

TEST_F(Health, SeesSlopesFarFromOne) {
  TrainOptions flat = options_for(data, Objective::kWganGp);
  flat.optimizer.critic_lr = 1e-6;
  EXPECT_TRUE(diagnoses(data, flat).contains("slope"));
  TrainOptions steep = options_for(data, Objective::kWganGp);
  steep.penalty.lambda = 10;
  steep.optimizer.critic_lr = 0.3;
  EXPECT_TRUE(diagnoses(data, steep).contains("slope"));
}

TEST_F(Health, SeesACriticThatIsTooWeak) {
  EXPECT_TRUE(at_paces(Objective::kWganGp, 2e-5, 1e-7, 1).contains("weak"));  // still rising
  EXPECT_TRUE(at_paces(Objective::kWganGp, 2e-5, 2e-3, 1).contains("weak"));  // left behind
}

TEST_F(Health, SeesAGeneratorCollapse) {
  EXPECT_TRUE(at_paces(Objective::kNonSaturating, 1e-4, 1e-2, 1).contains("collapsed"));
}

// Rows of another scale in one place of the data, as broken files have them.
TEST_F(Health, SeesALossOutlier) {
  Dataset broken = data;
  broken.read_row = [this](int64_t row, std::span<std::byte> out) {
    data.read_row(row, out);
    std::vector<float> values(out.size() / sizeof(float));
    std::memcpy(values.data(), out.data(), out.size());
    if (row % 100'000 == 77'777) values[0] += 2e4F;
    std::memcpy(out.data(), values.data(), out.size());
  };
  TrainOptions o = options_for(broken, Objective::kWganGp);
  o.length.steps = 600;
  EXPECT_TRUE(diagnoses(broken, o).contains("outlier"));
}

}  // namespace
}  // namespace wgan
