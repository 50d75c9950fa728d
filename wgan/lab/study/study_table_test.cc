// Tables of made-up results say what can be worked out by hand.
#include "wgan/lab/study/study_table.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

Study study_of(const std::vector<std::string>& recipes, const std::string& pass) {
  Study study;
  study.shared = {{"pass", pass}};
  for (const std::string& name : recipes) study.recipes.push_back({name, {}});
  return study;
}

StudyResult result(size_t recipe, int64_t seed, double value, Better better = Better::kLower) {
  StudyResult r{.job = "job", .recipe = recipe, .draw = 0, .seed = seed};
  if (std::isnan(value)) {
    r.failure = "diverged";
  } else {
    r.scores = {{.name = "score", .value = value, .real = 0.5, .better = better}};
  }
  return r;
}

// Means 2 and 3 with 1.96 sqrt(1 / 3), paired differences 1, 1, 1.
TEST(StudyTable, RanksByTheMeanAndTellsDifferencesFromNoise) {
  const Study study = study_of({"worse", "better"}, "");
  const std::vector<StudyResult> results = {result(0, 0, 2), result(1, 0, 1), result(0, 1, 3),
                                            result(1, 1, 2), result(0, 2, 4), result(1, 2, 3)};
  EXPECT_EQ(study_table(study, results, "score"),
            "| recipe | runs | failed | score | beside the best |\n|---|--:|--:|--:|---|\n"
            "| better | 3 | 0 | 2 +- 1.1 |  |\n| worse | 3 | 0 | 3 +- 1.1 | worse |\n"
            "| real rows | | | 0.5 | |\n");
}

// Differences 3, -1, 1: mean 1, standard error 1.15.
TEST(StudyTable, SaysWhereADifferenceIsNoise) {
  const Study study = study_of({"a", "b"}, "");
  const std::vector<StudyResult> results = {result(0, 0, 1), result(1, 0, 4), result(0, 1, 3),
                                            result(1, 1, 2), result(0, 2, 2), result(1, 2, 3)};
  const std::string table = study_table(study, results, "score");
  EXPECT_NE(table.find("| b | 3 | 0 | 3 +- 1.1 | not told from the best: noise |"),
            std::string::npos)
      << table;
}

TEST(StudyTable, HigherMayBeBetterAndFailuresAreWorst) {
  const Study study = study_of({"fails", "low", "high"}, "");
  const std::vector<StudyResult> results = {
      result(0, 0, std::nan("")),       result(0, 1, 9, Better::kHigher),
      result(1, 0, 3, Better::kHigher), result(1, 1, 3.5, Better::kHigher),
      result(2, 0, 5, Better::kHigher), result(2, 1, 6, Better::kHigher)};
  const std::string table = study_table(study, results, "score");
  const size_t high = table.find("| high"), low = table.find("| low"),
               fails = table.find("| fails");
  EXPECT_LT(high, low) << table;
  EXPECT_LT(low, fails) << table;
  EXPECT_NE(table.find("| fails | 2 | 1 | 9 | has runs that failed |"), std::string::npos) << table;
}

TEST(StudyTable, OneRunEachCannotBeTold) {
  const Study study = study_of({"a", "b"}, "");
  const std::string table = study_table(study, {result(0, 0, 1), result(1, 0, 2)}, "score");
  EXPECT_NE(table.find("| b | 1 | 0 | 2 | one run: cannot be told |"), std::string::npos) << table;
}

TEST(StudyTable, CountsWhoReachesWhat) {
  const Study study = study_of({"gan", "wgan-gp"}, "2,5,0.5");
  // The values of gan and wgan-gp by seed; higher is better.
  const double values[4][2] = {{1, 3}, {6, 7}, {3, 1}, {std::nan(""), 4}};
  std::vector<StudyResult> results;
  for (int64_t seed = 0; seed < 4; ++seed) {
    for (const size_t recipe : {0u, 1u}) {
      results.push_back(result(recipe, seed, values[seed][recipe], Better::kHigher));
    }
  }
  EXPECT_EQ(pass_table(study, results, "score"),
            "| score reaches | only gan | only wgan-gp | both | neither |\n"
            "|--:|--:|--:|--:|--:|\n| 2 | 1 | 2 | 1 | 0 |\n| 5 | 0 | 0 | 1 | 3 |\n"
            "| 0.5 | 0 | 1 | 3 | 0 |\n");
  results.pop_back();  // a seed that not all have run is not counted
  EXPECT_NE(pass_table(study, results, "score").find("| 2 | 1 | 1 | 1 | 0 |"), std::string::npos);
  EXPECT_EQ(pass_table(study_of({"a"}, ""), results, "score"), "");
}

}  // namespace
}  // namespace wgan
