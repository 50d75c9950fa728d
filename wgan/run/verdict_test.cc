// Each verdict on curves made for it, and its advice as commands.
#include "wgan/run/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

// A run of 5,000 steps in 100 ticks whose W is a function of the share that is done, with noise of
// a twentieth.
RunStory story_of(const std::function<double(double)>& w,
                  Objective objective = Objective::kWganGp) {
  RunStory story;
  story.options.objective.kind = objective;
  story.options.length.steps = 5000;
  story.run = "runs/00003-cats";
  for (int64_t i = 1; i <= 100; ++i) {
    Tick tick{.step = 50 * i, .images = 1600 * i, .epoch = 0.1 * static_cast<double>(i)};
    const double noise = std::sin(7.0 * static_cast<double>(i * i));
    tick.wasserstein = w(static_cast<double>(i) / 100) * (1 + 0.05 * noise);
    story.ticks.push_back(tick);
  }
  return story;
}

double falling(double t) { return 5 * std::exp(-2 * t); }
double settled(double t) { return 1 + 4 * std::exp(-20 * t); }

Evaluated evaluated(int64_t step, double value) {
  return {.step = step, .name = "frechet", .value = value, .real = 0.01, .badness = value};
}

void expect_verdict(const RunStory& story, const char* name, const char* text, const char* advice) {
  const Verdict found = verdict(story);
  EXPECT_EQ(found.name, name) << found.text;
  EXPECT_NE(found.text.find(text), std::string::npos) << found.text;
  EXPECT_NE(found.advice.find(advice), std::string::npos) << found.advice;
}

TEST(Verdict, SaysThatWWasStillFalling) {
  RunStory story = story_of(falling);
  expect_verdict(story, "improving", "W was still falling when the steps were done",
                 "wgan train --resume runs/00003-cats --extend '5000 steps'");
  story.end = TrainEnd::kStopped;
  expect_verdict(story, "improving", "when the run was stopped",
                 "go on with wgan train --resume runs/00003-cats");
  story.end = TrainEnd::kTime;
  story.options.length.steps = 0;
  story.options.length.time = {600};
  expect_verdict(story, "improving", "when the time was up",
                 "--resume runs/00003-cats --extend 10m");
  story.run = "my runs/00003-cats";
  expect_verdict(story, "improving", "", "--resume 'my runs/00003-cats' --extend 10m");
}

TEST(Verdict, TellsALevelEndFromAHeightThatStays) {
  RunStory story = story_of(settled);
  expect_verdict(story, "level", "and was level", "--width");
  story.options.optimizer.lr_decay = true;
  expect_verdict(story, "level", "W came down from", "--extend '5000 steps'");
  expect_verdict(story_of([](double) { return 15.0; }), "stuck", "hardly come down",
                 "--critic-lr 0.00033");
}

TEST(Verdict, SaysThatTheCriticStillLearns) {
  expect_verdict(story_of([](double t) { return 1 + t; }), "learning", "still rising",
                 "look at runs/00003-cats/samples");
}

TEST(Verdict, SeesACriticWithoutBounds) {
  const auto growing = [](double t) { return 10 * std::exp(12 * t); };
  expect_verdict(story_of(growing), "unbounded", "still growing", "--lambda");
  expect_verdict(story_of(growing, Objective::kWgan), "unbounded", "not kept in bounds",
                 "--clip, such as 0.001");
}

TEST(Verdict, PutsWhatWasWrongToTheEndFirst) {
  RunStory story = story_of(falling);
  story.findings = {{{"outlier", "one loss was odd", "nothing"}, 5000, 5000},
                    {{"weak", "W rises", "raise --n-critic"}, 200, 4950}};
  EXPECT_EQ(verdict(story).name, "improving") << "over before the end";
  story.findings.push_back(
      {{"collapsed", "the samples lie close together", "lower --generator-lr"}, 300, 5000});
  expect_verdict(story, "sick", "(collapsed): the samples lie close together",
                 "lower --generator-lr");
}

TEST(Verdict, PrefersScoresToTheCriticsEstimate) {
  RunStory story = story_of([](double t) { return 1 + t; });
  story.evaluated = {evaluated(1000, 0.5), evaluated(2000, 0.2), evaluated(3000, 0.1),
                     evaluated(5000, 0.05)};
  expect_verdict(story, "improving", "still getting better", "--extend '5000 steps'");
  story.evaluated.back() = evaluated(5000, 0.3);
  expect_verdict(story, "overrun", "best at step 3,000 (frechet 0.1,",
                 "wgan sample runs/00003-cats/checkpoints/best");
  story.evaluated.back() = evaluated(5000, 0.11);
  expect_verdict(story, "level", "best at step 3,000", "--width");
  story.evaluated.back() = evaluated(5000, 0.011);
  expect_verdict(story, "close", "as other real rows", "wgan evaluate runs/00003-cats");
}

TEST(Verdict, ReadsNothingIntoTheLossesOfADiscriminator) {
  expect_verdict(story_of(falling, Objective::kMinimax), "unmeasured", "minimax",
                 "wgan evaluate runs/00003-cats");
}

TEST(Verdict, JudgesNoRunThatHasHardlyBegun) {
  RunStory story = story_of(falling);
  story.ticks.resize(9);
  expect_verdict(story, "short", "too short", "--time 10m");
  story.ticks.clear();
  story.end = TrainEnd::kStopped;
  expect_verdict(story, "short", "too short", "wgan train --resume runs/00003-cats");
}

TEST(Verdict, SaysHowOftenTheDataWasSeenWhereThatMatters) {
  RunStory story = story_of(falling);
  story.rows = 120;
  for (Tick& tick : story.ticks) tick.epoch *= 100;
  expect_verdict(story, "improving", "each of the only 120 pictures 1000 times", "");
  EXPECT_NE(verdict(story).text.find("--mirror"), std::string::npos);
  story.options.batches.mirror = true;
  EXPECT_EQ(verdict(story).text.find("--mirror"), std::string::npos);
  story.rows = 200'000;
  for (Tick& tick : story.ticks) tick.epoch /= 1250;
  expect_verdict(story, "improving", "160,000 pictures: each of the data's 200,000 0.8 times", "");
}

TEST(Verdict, HoldsForCurvesThatAreNoNumbers) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const double value : {std::nan(""), kInfinity, -kInfinity, 0.0}) {
    EXPECT_FALSE(verdict(story_of([&](double) { return value; })).text.empty());
  }
}

TEST(Verdict, ReadsEvaluationsAndPassesWhatIsDamaged) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_evaluated(folder.path(), "frechet").empty());
  write_test_file(
      folder.path() / "evaluations.jsonl",
      R"({"step":10,"badness":0.5,"scores":[{"name":"modes","value":3},{"name":"frechet","value":0.5,"real":null}]})"
      "\n"
      R"({"step":"x","badness":1,"scores":[{"name":"frechet","value":1}]})"
      "\n"
      R"({"step":20,"badness":"inf","scores":[{"name":"frechet","value":"inf"}]})"
      "\n");
  const auto found = read_evaluated(folder.path(), "frechet");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].step, 10);
  EXPECT_EQ(found[0].value, 0.5);
  EXPECT_TRUE(std::isnan(found[0].real));
}

}  // namespace
}  // namespace wgan
