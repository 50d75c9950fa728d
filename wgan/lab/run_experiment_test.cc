// What a run of an experiment leaves in its folder.
#include "wgan/lab/run_experiment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

Outcome try_it(const ExperimentOptions& options) {
  if (setting<bool>(options, "break")) throw Error(ErrorKind::kData, "broken");
  const std::string name = options.settings.at("name");
  return {.figures = {{.name = name,
                       .caption = "what to see",
                       .alternative = "what it shows",
                       .panels = {{.series = {{.x = {1, 2}, .y = {3, 4}}}}}}},
          .animations = {},
          .tables = {{.name = "numbers",
                      .caption = "all of them",
                      .columns = {"recipe", "W1, exact"},
                      .labels = {"\"quoted\""},
                      .values = {{0.1}}}},
          .checks = {{.claim = "grows", .seen = 1.5, .low = 1, .high = 2},
                     {.claim = "is a number", .seen = NAN},
                     {.claim = "is small", .seen = kInfinity, .low = -kInfinity, .high = 3}},
          .remark = "as it is"};
}

const Experiment kExperiment{.name = "trial",
                             .title = "A trial",
                             .claim = "It grows.",
                             .text = "Why it grows.",
                             .settings = {{"name", "drawn", "of the figure"},
                                          {"break", "false", "whether it breaks"},
                                          {"piles", "3,2", "numbers"}},
                             .in_all = true,
                             .trained = false,
                             .run = try_it};

ExperimentOptions options_with(const std::map<std::string, std::string>& changed = {}) {
  ExperimentOptions options;
  options.settings = default_settings(kExperiment);
  for (const auto& [name, text] : changed) options.settings[name] = text;
  return options;
}

struct Running : testing::Test {
  fs::path folder() const { return temporary.path() / "a" / "b"; }
  std::string text(const char* name) const { return read_test_file(folder() / name); }
  TemporaryFolder temporary;
};

TEST_F(Running, LeavesFiguresNumbersAndAVerdict) {
  const Record record = run_experiment(kExperiment, options_with(), folder());
  for (const char* name : {"drawn.png", "drawn.svg", "drawn.csv", "numbers.csv", "verdict.txt"}) {
    EXPECT_TRUE(fs::exists(folder() / name)) << name;
  }
  EXPECT_EQ(text("numbers.csv"), "\"recipe\",\"W1, exact\"\n\"\"\"quoted\"\"\",0.1\n");
  const std::string verdict = text("verdict.txt");
  EXPECT_EQ(verdict, verdict_text(record));
  EXPECT_NE(verdict.find("trial: did not hold"), std::string::npos) << verdict;
  EXPECT_NE(verdict.find("  held          grows: 1.5, wanted 1 to 2\n"), std::string::npos);
  EXPECT_NE(verdict.find("  DID NOT HOLD  is small: inf, wanted at most 3\n"), std::string::npos);
  EXPECT_NE(verdict.find("  as it is\n"), std::string::npos);
  EXPECT_FALSE(record.held());
}

TEST_F(Running, WritesItsResultAsJson) {
  run_experiment(kExperiment, options_with({{"piles", "1"}}), folder());
  const auto json = nlohmann::json::parse(text("result.json"));
  EXPECT_EQ(json.at("experiment"), "trial");
  EXPECT_EQ(json.at("held"), false);
  EXPECT_EQ(json.at("settings").at("piles"), "1");
  EXPECT_EQ(json.at("figures")[0].at("files").size(), 3u);
  const auto& checks = json.at("checks");
  EXPECT_EQ(checks[0].at("seen"), 1.5);
  EXPECT_EQ(checks[0].at("high"), 2);
  EXPECT_EQ(checks[1].at("seen"), "nan");
  EXPECT_TRUE(checks[1].at("low").is_null());
  EXPECT_EQ(checks[1].at("holds"), false);
  EXPECT_EQ(checks[2].at("seen"), "inf");
}

TEST_F(Running, LeavesNoOldResultWhereItFails) {
  run_experiment(kExperiment, options_with(), folder());
  EXPECT_THROW(run_experiment(kExperiment, options_with({{"break", "true"}}), folder()), Error);
  EXPECT_FALSE(fs::exists(folder() / "result.json"));
  EXPECT_FALSE(fs::exists(folder() / "verdict.txt"));
}

TEST_F(Running, RefusesNamesThatWouldOverwriteOthers) {
  const auto refused = [&](const char* name) {
    expect_error(ErrorKind::kInternal, name, [&] {
      run_experiment(kExperiment, options_with({{"name", name}}), folder());
    });
  };
  refused("numbers");
  refused("../elsewhere");
  refused("");
}

TEST_F(Running, RefusesAFolderThatIsAFile) {
  write_test_file(temporary.path() / "a", "in the way");
  expect_error(ErrorKind::kOutput, folder().string(),
               [&] { run_experiment(kExperiment, options_with(), folder()); });
}

TEST(Verdict, SaysWhatWasWanted) {
  const auto wanted = [](double low, double high) {
    return wanted_text({.claim = "", .seen = 0, .low = low, .high = high});
  };
  EXPECT_EQ(wanted(1, 2), "1 to 2");
  EXPECT_EQ(wanted(1, 1), "exactly 1");
  EXPECT_EQ(wanted(0.5, kInfinity), "at least 0.5");
  EXPECT_EQ(wanted(-kInfinity, -3), "at most -3");
  EXPECT_EQ(wanted(-kInfinity, kInfinity), "a number");
  EXPECT_EQ(wanted(kInfinity, kInfinity), "infinite");
}

TEST(Verdict, NamesTheCommandThatMadeIt) {
  Record record{.experiment = &kExperiment, .options = options_with()};
  EXPECT_EQ(command_text(record), "wgan lab trial --seed 0");
  record.options = options_with({{"break", "true"}, {"name", "it's $here"}});
  record.options.quick = true;
  record.options.seed = 7;
  record.options.data = "my data";
  EXPECT_EQ(command_text(record),
            "wgan lab trial --quick --seed 7 --data 'my data' --name 'it'\\''s $here' --break");
}

TEST(Settings, AreReadByKind) {
  EXPECT_EQ(number_list(options_with(), "piles"), (std::vector<double>{3, 2}));
  expect_error(ErrorKind::kUsage, "--piles", [] {
    number_list(options_with({{"piles", "3,x"}}), "piles");
  });
  expect_error(ErrorKind::kUsage, "--break", [] {
    setting<bool>(options_with({{"break", "perhaps"}}), "break");
  });
}

}  // namespace
}  // namespace wgan
