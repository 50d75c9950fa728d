// Times reach their phases, and the table adds up.
#include "wgan/train/profile.h"

#include <gtest/gtest.h>

#include <thread>

#include "wgan/train/test_support.h"

namespace wgan {
namespace {

using std::chrono::milliseconds;

TEST(Profile, SplitsTheCriticStepAsTheThreadsSpentIt) {
  Profile profile(false);
  profile.add(Phase::kData, milliseconds(100));
  profile.add(Phase::kCriticStep, milliseconds(500));
  profile.add(Phase::kForward, milliseconds(600));  // two threads
  profile.add(Phase::kWeights, milliseconds(200));
  const auto shares = profile_to_json(profile, 1.0);
  EXPECT_DOUBLE_EQ(shares["waiting for data"], 0.1);
  EXPECT_DOUBLE_EQ(shares["critic step"], 0.5);
  EXPECT_DOUBLE_EQ(shares["forward sweep"], 0.375);
  EXPECT_DOUBLE_EQ(shares["weight sweep"], 0.125);
  EXPECT_DOUBLE_EQ(shares["the rest"], 0.4);
  const std::string text = profile_text(profile, 1.0);
  EXPECT_NE(text.find("    forward sweep"), std::string::npos) << text;
  EXPECT_NE(text.find(" 37.5 %"), std::string::npos) << text;
}

TEST(Profile, TimesFromManyThreadsAddUp) {
  Profile profile(false);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) profile.add(Phase::kForward, milliseconds(1));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_NEAR(profile.seconds(Phase::kForward), 4, 1e-9);
}

TEST(Profile, CoversTraining) {
  const Dataset data = bars_dataset(16, 1);
  const TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  Players players = tiny_players(data, options);
  Profile profile(false);
  TrainHooks hooks = silent_hooks();
  hooks.profile = &profile;
  train(players, data, options, hooks);
  for (int phase = 0; phase < static_cast<int>(Phase::kCount); ++phase) {
    EXPECT_GT(profile.seconds(static_cast<Phase>(phase)), 0) << phase;
  }
}

}  // namespace
}  // namespace wgan
