// Times reach their phases, and the table adds up.
#include "wgan/train/profile.h"

#include <gtest/gtest.h>

#include "wgan/train/test_support.h"

namespace wgan {
namespace {

using std::chrono::milliseconds;

TEST(Profile, GivesSharesThatAddUp) {
  Profile profile(false);
  profile.add(Phase::kData, milliseconds(60));
  profile.add(Phase::kData, milliseconds(40));
  profile.add(Phase::kCriticStep, milliseconds(500));
  profile.add(Phase::kForward, milliseconds(375));
  const auto shares = profile_to_json(profile, 1.0);
  EXPECT_DOUBLE_EQ(shares["waiting for data"], 0.1);
  EXPECT_DOUBLE_EQ(shares["critic step"], 0.5);
  EXPECT_DOUBLE_EQ(shares["forward sweep"], 0.375);
  EXPECT_FALSE(shares.contains("tangent sweep"));
  EXPECT_DOUBLE_EQ(shares["the rest"], 0.4);  // the sweeps are part of the critic step
  const std::string text = profile_text(profile, 1.0);
  EXPECT_NE(text.find("    forward sweep"), std::string::npos) << text;
  EXPECT_NE(text.find(" 37.5 %"), std::string::npos) << text;
}

TEST(Profile, CoversTraining) {
  const Dataset data = bars_dataset(16, 1);
  const TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  Players players = tiny_players(data, options);
  Profile profile(false);
  TrainHooks hooks;
  hooks.profile = &profile;
  train(players, data, options, hooks);
  for (int phase = 0; phase < static_cast<int>(Phase::kCount); ++phase) {
    EXPECT_GT(profile.seconds(static_cast<Phase>(phase)), 0) << phase;
  }
}

}  // namespace
}  // namespace wgan
