// What all experiments have in common.
#include "wgan/lab/experiments/experiments.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "wgan/io/test_support.h"

namespace wgan {
namespace {

TEST(Experiments, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Experiment& experiment : all_experiments()) {
    EXPECT_TRUE(names.insert(experiment.name).second) << experiment.name;
    EXPECT_TRUE(std::regex_match(experiment.name, std::regex("[a-z][a-z0-9-]*")))
        << experiment.name;
    EXPECT_EQ(&find_experiment(experiment.name), &experiment);
  }
  EXPECT_FALSE(names.contains("all"));
}

TEST(Experiments, SayWhatTheyAreAbout) {
  for (const Experiment& experiment : all_experiments()) {
    for (const char* text : {experiment.title, experiment.claim, experiment.text}) {
      EXPECT_GT(std::string(text).size(), 10u) << experiment.name;
      EXPECT_EQ(std::string(text).find("/work"), std::string::npos) << experiment.name;
    }
    EXPECT_NE(experiment.run, nullptr) << experiment.name;
  }
}

TEST(Experiments, HaveSettingsThatAreNoFlagsOfTheVerb) {
  for (const Experiment& experiment : all_experiments()) {
    std::set<std::string> taken{"help", "quick", "seed", "out", "threads", "json", "data"};
    for (const ExperimentSetting& setting : experiment.settings) {
      EXPECT_TRUE(taken.insert(setting.name).second) << experiment.name << " --" << setting.name;
      EXPECT_NE(std::string(setting.help), "") << experiment.name << " --" << setting.name;
    }
    EXPECT_EQ(default_settings(experiment).size(), experiment.settings.size());
  }
}

TEST(Experiments, AreFoundByNearlyTheirName) {
  expect_error(ErrorKind::kUsage, "did you mean 'nash'?", [] { find_experiment("nahs"); });
  expect_error(ErrorKind::kUsage, "wgan lab lists them", [] { find_experiment("zzzzzzzzzzzz"); });
}

}  // namespace
}  // namespace wgan
