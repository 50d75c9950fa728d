// Runs that go on beyond their length: what is read, and what falls again.
#include "wgan/train/extension.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/progress.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

TEST(Extension, IsReadAsPeopleWriteIt) {
  for (const char* text : {"2000 steps", "2000steps", "2000", " 2000 steps "}) {
    EXPECT_EQ(extensions_text(parse_extensions(text)), "2000 steps") << text;
  }
  EXPECT_EQ(extensions_text(parse_extensions("1 step")), "1 step");
  EXPECT_EQ(extensions_text(parse_extensions("90m")), "1h30m");
  EXPECT_EQ(extensions_text(parse_extensions("5+10m + 7 steps")), "5 steps + 10m + 7 steps");
  EXPECT_TRUE(parse_extensions("").empty());
  for (const char* text : {"steps", "0", "0s", "-5", "-5 steps", "2.5 steps", "10 minutes",
                           "1e3 steps", "5 +", "9223372036854775807"}) {
    expect_error(ErrorKind::kUsage, "--extend", [&] { parse_extensions(text); });
  }
}

// The factor of the learning rates before each step.
std::vector<double> factors(const TrainOptions& options, const Dataset& data) {
  Players players = tiny_players(data, options);
  RunProgress progress(players, data, options);
  std::vector<double> factors;
  while (!progress.end(
      players, [] { return false; }, [] {})) {
    factors.push_back(progress.schedule(players).learning_rate);
    EXPECT_EQ(progress.schedule(players).instance_noise, factors.back());
    ++players.step;
  }
  return factors;
}

TEST(Extension, StartsTheSchedulesAgain) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.optimizer.lr_decay = true;
  options.length.steps = 4;
  options.length.extend = "2 steps + 5 steps";
  const std::vector<double> wanted = {1, .75, .5, .25, 1, .5, 1, .8, .6, .4, .2};
  const std::vector<double> found = factors(options, data);
  ASSERT_EQ(found.size(), wanted.size());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-12) << i;
}

TEST(Extension, MayBeATime) {
  const Dataset data = vectors_dataset({0}, {1});
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.length.steps = 3;
  options.length.extend = "0.05s";
  Players players = tiny_players(data, options);
  int extensions = 0;
  TrainHooks hooks;
  hooks.on_extension = [&](const Players& now) {
    EXPECT_EQ(now.step, 3);
    EXPECT_EQ(now.part.number, 1);
    ++extensions;
  };
  EXPECT_EQ(train(players, data, options, hooks), TrainEnd::kTime);
  EXPECT_EQ(extensions, 1);
  EXPECT_GT(players.step, 3);
  EXPECT_GE(players.seconds, players.part.seconds + 0.05);
}

}  // namespace
}  // namespace wgan
