// Studies are read as written, drawn as their seed says, and refused where they make no sense.
#include "wgan/lab/study/study_file.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

constexpr const char* kStudy =
    "data = \"gaussians8\"\nsteps = 5\nseeds = \"0,1\"\ndraws = 30\n"
    "[draw]\ncritic-depth = \"4|8\"\ncritic-activation = \"relu|tanh|softplus\"\n"
    "[gan]\nobjective = \"minimax\"\n"
    "[wgan-gp]\nobjective = \"wgan-gp\"\nlambda = 5\nsteps = 7\n";

struct StudyFile : testing::Test {
  TemporaryFolder folder;
  Study read(std::string_view text) const {
    write_test_file(folder.path() / "study.toml", text);
    return read_study(folder.path() / "study.toml");
  }
  void expect_refused(std::string_view text, std::string_view fragment) const {
    SCOPED_TRACE(text);
    expect_error(ErrorKind::kUsage, fragment, [&] { jobs_of(read(text)); });
  }
};

TEST_F(StudyFile, GivesEveryDrawToEveryRecipe) {
  const Study study = read(kStudy);
  ASSERT_EQ(study.recipes.size(), 2u);
  const std::vector<Job> jobs = jobs_of(study);
  ASSERT_EQ(jobs.size(), 30u * 2 * 2);
  std::set<std::string> names;
  std::map<std::string, int> depths;
  for (size_t i = 0; i < jobs.size(); i += 2) {
    TrainOptions gan, critic;
    apply_settings(jobs[i].lines, gan);
    apply_settings(jobs[i + 1].lines, critic);
    EXPECT_EQ(gan.objective.kind, Objective::kMinimax);
    EXPECT_EQ(critic.objective.kind, Objective::kWganGp);
    EXPECT_EQ(gan.length.steps, 5);
    EXPECT_EQ(critic.length.steps, 7) << "a recipe's own option wins";
    EXPECT_EQ(gan.players.critic_depth, critic.players.critic_depth) << "the same network for both";
    EXPECT_EQ(gan.players.critic_activation, critic.players.critic_activation);
    EXPECT_EQ(jobs[i].draw, jobs[i + 1].draw);
    ++depths[std::to_string(gan.players.critic_depth)];
    names.insert(jobs[i].name);
  }
  EXPECT_EQ(names.size(), 60u);
  EXPECT_TRUE(names.contains("gan-draw07-seed1"));
  EXPECT_EQ(depths.size(), 2u);
  EXPECT_GT(depths["4"], 15);
  EXPECT_GT(depths["8"], 15);
}

TEST_F(StudyFile, DrawsTheSameForTheSameSeedAlone) {
  const auto drawn = [&](const std::string& more) {
    std::string text;
    for (const Job& job : jobs_of(read(more + kStudy))) {
      for (const Setting& line : job.lines) {
        if (line.name.starts_with("critic-")) text += line.text + " ";
      }
    }
    return text;
  };
  EXPECT_EQ(drawn(""), drawn("batch = 7\n"));
  EXPECT_NE(drawn(""), drawn("draw-seed = 1\n"));
  // Fewer draws are the first of more.
  Study few = read(kStudy);
  few.shared.push_back({"draws", "3"});
  const auto all = jobs_of(read(kStudy)), first = jobs_of(few);
  ASSERT_EQ(first.size(), 12u);
  for (size_t i = 0; i < first.size(); ++i) {
    TrainOptions a, b;
    apply_settings(all[i].lines, a);
    apply_settings(first[i].lines, b);
    EXPECT_EQ(a.players.critic_depth, b.players.critic_depth);
  }
}

TEST_F(StudyFile, NamesAreShortWhereThereIsOnlyOne) {
  const std::vector<Job> jobs = jobs_of(read("[a]\n[b]\nbatch = 3\n"));
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].name, "a");
  EXPECT_EQ(jobs[1].name, "b");
}

TEST_F(StudyFile, IsRefusedWhereItMakesNoSense) {
  expect_refused("steps = 5\n", "no recipes");
  expect_refused("[a]\nstps = 5\n", "[a]: 'stps' is no option there");
  expect_refused("[a]\ndata = \"x\"\n", "'data' is no option there");
  expect_refused("[a]\nseeds = \"1\"\n", "'seeds' is no option there");
  expect_refused("seed = 5\n[a]\n", "'seed' is decided by the study");
  expect_refused("[a]\nname = \"x\"\n", "'name' is decided by the study");
  expect_refused("[a]\nbatch = many\n", "batch");
  expect_refused("seeds = \"0,x\"\n[a]\n", "seeds");
  expect_refused("draws = 3\n[a]\n", "draws is 3, and [draw] has 0 choices");
  expect_refused("[draw]\nwidth = \"3|4\"\n[a]\n", "draws is 0, and [draw] has 1 choice");
  expect_refused("draws = 1000000\n[draw]\nwidth = \"3|4\"\n[a]\n", "at most");
  expect_refused("draws = -1\n[draw]\nwidth = \"3|4\"\n[a]\n", "draws is -1");
  expect_refused("draws = 2\n[draw]\nwidth = \"3|x\"\n[a]\n", "width");
  expect_refused("draws = 2\n[draw]\nwdth = \"3|4\"\n[a]\n", "[draw]: 'wdth' is no option there");
  expect_error(ErrorKind::kUsage, "cannot be read", [&] { read_study(folder.path() / "none"); });
}

}  // namespace
}  // namespace wgan
