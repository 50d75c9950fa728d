// wgan compare-recipes as a person uses it: it ranks, goes on where it was stopped, and refuses.
#include <fstream>

#include "wgan/cli/program_test_support.h"

namespace wgan {
namespace {

struct ComparingRecipes : ProgramTest {
  void write_study(std::string_view more = "") const {
    write_test_file(folder() / "study.toml",
                    "data = \"gaussians8\"\nwidth = 8\nbatch = 16\nsteps = 20\nthreads = 1\n"
                    "seeds = \"0,1\"\nmeasures = \"sliced\"\nevaluate-n = 200\n"
                    "[gan]\nobjective = \"minimax\"\n[critic]\nobjective = \"wgan-gp\"\n" +
                        std::string(more));
  }
  std::vector<std::string> lines_of(const std::string& file) const {
    std::vector<std::string> lines;
    std::ifstream stream(folder() / file);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
};

TEST_F(ComparingRecipes, RanksThemAndGoesOnWhereItWasStopped) {
  write_study();
  const Outcome done = run({"compare-recipes", "study.toml"});
  ASSERT_EQ(done.code, 0) << done.told();
  EXPECT_NE(done.out.find("| recipe | runs | failed | sliced | beside the best |"),
            std::string::npos)
      << done.told();
  const auto results = lines_of("studies/study/results.jsonl");
  ASSERT_EQ(results.size(), 4u);
  EXPECT_EQ(nlohmann::json::parse(results[2]).at("job"), "gan-seed1");
  const auto table = lines_of("studies/study/table.md");
  // As if it had been killed while the last run trained: its result is missing.
  {
    std::ofstream shorter(folder() / "studies/study/results.jsonl");
    for (size_t i = 0; i < 3; ++i) shorter << results[i] << '\n';
    shorter << results[3].substr(0, 20);
  }
  const Outcome again = run({"compare-recipes", "study.toml", "--json"});
  ASSERT_EQ(again.code, 0) << again.told();
  EXPECT_EQ(again.objects().size(), 2u) << "one run and the end";
  EXPECT_EQ(lines_of("studies/study/table.md"), table);
  const auto after = lines_of("studies/study/results.jsonl");
  ASSERT_EQ(after.size(), 4u);
  EXPECT_EQ(nlohmann::json::parse(after[3]).at("scores"),
            nlohmann::json::parse(results[3]).at("scores"));
}

TEST_F(ComparingRecipes, DryRunListsTheRuns) {
  write_study("[draw]\ncritic-depth = \"4|8\"\n");
  const Outcome listed =
      run({"compare-recipes", "study.toml", "--draws", "3", "--seeds", "5", "--dry-run"});
  ASSERT_EQ(listed.code, 0) << listed.told();
  EXPECT_NE(listed.out.find("gan-draw0: critic-depth="), std::string::npos) << listed.told();
  EXPECT_NE(listed.out.find("critic-draw2: critic-depth="), std::string::npos) << listed.told();
  EXPECT_FALSE(std::filesystem::exists(folder() / "studies"));
}

TEST_F(ComparingRecipes, RefusesBeforeItTrains) {
  const auto expect_refused = [&](const std::vector<std::string>& more, const char* fragment) {
    std::vector<std::string> arguments = {"compare-recipes", "study.toml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome refused = run(arguments);
    EXPECT_EQ(refused.code, 2) << refused.told();
    EXPECT_NE(refused.err.find(fragment), std::string::npos) << refused.told();
  };
  expect_refused({}, "study.toml cannot be read");
  write_study("real-label = 0.9\n");  // of recipe critic
  expect_refused({}, "label smoothing");
  write_study();
  expect_refused({"--measures", "nonsense"}, "nonsense");
  expect_refused({"--measures", "inception-score"}, "inception-score");
  expect_refused({"--pass", "1,x"}, "pass");
  EXPECT_FALSE(std::filesystem::exists(folder() / "studies"));
  ASSERT_EQ(run({"compare-recipes", "study.toml", "--steps", "2", "--seeds", "0"}).code, 0);
  expect_refused({"--steps", "3", "--seeds", "0"}, "holds another study");
}

}  // namespace
}  // namespace wgan
