// The experiments without training: their claims hold, and bad settings are refused.
#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/lab/experiments/experiments.h"

namespace wgan {
namespace {

Outcome run_with(const Experiment& experiment,
                 const std::map<std::string, std::string>& settings = {}) {
  ExperimentOptions options{.quick = true, .settings = default_settings(experiment)};
  for (const auto& [name, text] : settings) options.settings.at(name) = text;
  return experiment.run(options);
}

void expect_all_holds(const Outcome& outcome) {
  EXPECT_FALSE(outcome.checks.empty());
  for (const Check& check : outcome.checks) {
    EXPECT_TRUE(check.holds()) << check.claim << ": " << check.seen << " in [" << check.low << ", "
                               << check.high << "]";
  }
}

// Every figure can be drawn and understood: series of one length, texts for all.
void expect_whole(const Outcome& outcome) {
  EXPECT_FALSE(outcome.figures.empty());
  for (const Figure& figure : outcome.figures) {
    EXPECT_FALSE(figure.caption.empty()) << figure.name;
    EXPECT_FALSE(figure.alternative.empty()) << figure.name;
    for (const Panel& panel : figure.panels) {
      for (const Series& series : panel.series) {
        EXPECT_EQ(series.x.size(), series.y.size()) << figure.name << ", " << series.title;
        EXPECT_TRUE(series.z.empty() || series.z.size() == series.x.size()) << figure.name;
      }
    }
  }
}

class ClosedForm : public testing::TestWithParam<Experiment (*)()> {};

TEST_P(ClosedForm, Holds) {
  const Experiment experiment = GetParam()();
  EXPECT_FALSE(experiment.trained);
  const Outcome outcome = run_with(experiment);
  expect_all_holds(outcome);
  expect_whole(outcome);
}

INSTANTIATE_TEST_SUITE_P(Experiments, ClosedForm,
                         testing::Values(divergences_experiment, nash_experiment,
                                         earth_mover_experiment, couplings_experiment,
                                         convergence_experiment, continuity_experiment),
                         [](const auto& tested) {
                           std::string name = tested.param().name;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Divergences, HoldForOtherBells) {
  expect_all_holds(run_with(divergences_experiment(), {{"mean", "-3"}, {"deviation", "1.5"}}));
  expect_error(ErrorKind::kUsage, "--deviation", [] {
    run_with(divergences_experiment(), {{"deviation", "1"}});
  });
  expect_error(ErrorKind::kUsage, "--mean", [] {
    run_with(divergences_experiment(), {{"mean", "nan"}});
  });
}

TEST(Nash, HoldsForOtherRates) {
  for (const char* eta : {"0.01", "0.5", "0.9"}) {
    expect_all_holds(run_with(nash_experiment(), {{"eta", eta}, {"steps", "300"}}));
  }
  expect_error(ErrorKind::kUsage, "--eta", [] { run_with(nash_experiment(), {{"eta", "1"}}); });
  expect_error(ErrorKind::kUsage, "--eta", [] { run_with(nash_experiment(), {{"eta", "-1"}}); });
  expect_error(ErrorKind::kUsage, "--steps", [] {
    run_with(nash_experiment(), {{"eta", "0.9"}, {"steps", "100000"}});
  });
  expect_error(ErrorKind::kUsage, "--steps", [] { run_with(nash_experiment(), {{"steps", "0"}}); });
}

TEST(EarthMoverExperiment, TellsTheMovesOfTheUsualPiles) {
  const Outcome outcome = run_with(earth_mover_experiment());
  EXPECT_NE(
      outcome.remark.find("2 from pile 1 to pile 2, then 2 from pile 2 to pile 3, then 1 from "
                          "pile 4 to pile 3. W = 5"),
      std::string::npos)
      << outcome.remark;
}

TEST(EarthMoverExperiment, TakesOtherPiles) {
  const auto with = [](const std::string& from, const std::string& to) {
    return run_with(earth_mover_experiment(), {{"from", from}, {"to", to}});
  };
  expect_all_holds(with("5,0,0,0,0,0,1", "0,1,2,0,0,2.5,0.5"));
  expect_all_holds(with("0.1,0.2,0.7", "0.7,0.2,0.1"));
  expect_all_holds(with("1,2", "1,2"));
  std::string many = "1";
  for (int i = 1; i < 40; ++i) many += i % 3 == 0 ? ",2" : ",1";
  expect_all_holds(with(many, many));
  expect_error(ErrorKind::kUsage, "41", [&] { with(many + ",1", many + ",1"); });
  expect_error(ErrorKind::kUsage, "equal sums", [&] { with("1,2", "2,2"); });
  expect_error(ErrorKind::kUsage, "as many", [&] { with("1,2", "1,1,1"); });
  expect_error(ErrorKind::kUsage, "1 pile,", [&] { with("3", "3"); });
  expect_error(ErrorKind::kUsage, "from", [&] { with("three,2", "3,2"); });
  expect_error(ErrorKind::kUsage, "to", [&] { with("3,2", ""); });
  expect_error(ErrorKind::kData, "-1", [&] { with("-1,3", "1,1"); });
  expect_error(ErrorKind::kData, "piles of 0", [&] { with("0,0", "0,0"); });
}

}  // namespace
}  // namespace wgan
