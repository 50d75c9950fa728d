// A run that is killed and resumed becomes the run that never was; what resuming refuses.
#include <cstdlib>

#include "wgan/cli/crash_test_support.h"

namespace wgan {
namespace {

#ifdef __SANITIZE_ADDRESS__
constexpr int kKills = 3, kFewerKills = 2;  // a start of the program takes half a minute
#else
constexpr int kKills = 20, kFewerKills = 6;
#endif

TEST_F(CrashTest, KillsChangeNothing) { expect_same_after_kills(kKills, 1); }

TEST_F(CrashTest, KillsChangeNoScheduleAndNoSteeredStrength) {
  expect_same_after_kills(kFewerKills, 3, kSteeredPictures);
  const std::string state =
      read_test_file(newest_checkpoint(folder() / "runs/00001-killed") / "state.json");
  EXPECT_GT(nlohmann::json::parse(state).at("steering").at("strength"), 0);
}

// A run of four steps that may have more.
struct Resuming : ProgramTest {
  const std::vector<std::string> small = {
      "train", "gaussians8", "--width", "8",         "--batch", "16",           "--steps",
      "4",     "--name",     "a",       "--threads", "1",       "--no-lr-decay"};
  const std::string run_folder = "runs/00000-a";

  void SetUp() override { ASSERT_EQ(run(small).code, 0); }
  Outcome resume(const std::vector<std::string>& more = {}) const {
    return run(with({"train", "--resume", run_folder}, more));
  }
};

TEST_F(Resuming, ListsWhatChangesAndRefusesWhatMayNot) {
  const Outcome refused = resume({"--lambda", "5", "--seed", "3", "--steps", "9"});
  EXPECT_EQ(refused.code, 2) << refused.told();
  EXPECT_NE(refused.err.find("--lambda is 0.1 in the run and 5 here"), std::string::npos)
      << refused.told();
  EXPECT_NE(refused.err.find("--seed is 0 in the run and 3 here"), std::string::npos);
  EXPECT_EQ(refused.err.find("--steps is"), std::string::npos);

  const Outcome done = resume();
  EXPECT_EQ(done.code, 2);
  EXPECT_NE(done.err.find("the run is done: 4 of 4 steps"), std::string::npos) << done.told();
  EXPECT_NE(done.err.find("--extend '2000 steps'"), std::string::npos) << done.told();

  const Outcome good = resume({"--steps", "6", "--loader-threads", "0", "--json"});
  ASSERT_EQ(good.code, 0) << good.told();
  EXPECT_EQ(good.objects().back().at("step"), 6);
  const auto manifest = nlohmann::json::parse(read_test_file(folder() / run_folder / "run.json"));
  EXPECT_EQ(manifest.at("resumed").at(0).at("changed").size(), 2u);
}

TEST_F(Resuming, PassesOverADamagedCheckpoint) {
  ASSERT_EQ(resume({"--steps", "6"}).code, 0);
  write(run_folder + "/checkpoints/step-000006/generator.safetensors", "damaged");
  EXPECT_EQ(run({"sample", run_folder, "--json"}).objects().back().at("step"), 6);
  const Outcome outcome = resume({"--steps", "7"});
  EXPECT_EQ(outcome.code, 0) << outcome.told();
  EXPECT_NE(outcome.err.find("generator.safetensors is damaged"), std::string::npos);
  EXPECT_NE(outcome.err.find("done: 3 steps in"), std::string::npos) << outcome.told();
  EXPECT_NE(outcome.err.find(", 7 in all"), std::string::npos) << outcome.told();
  EXPECT_NE(outcome.err.find("step-000004 at step 4"), std::string::npos) << outcome.told();
}

TEST_F(Resuming, LeavesCheckpointsThatAnotherReaderUnderstands) {
  if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "no python3";
  const std::string checkpoint = (folder() / run_folder / "checkpoints/step-000004").string();
  const std::string reader = WGAN_SOURCE_FOLDER "/tools/tests/read_checkpoint.py";
  const std::string printed = (folder() / "printed").string();
  ASSERT_EQ(std::system(("python3 " + reader + " '" + checkpoint + "' > " + printed).c_str()), 0);
  // 2-8-8-8-2 and 2-8-8-8-1: weights and biases.
  const std::string text = read_test_file(printed);
  for (const char* line : {"generator.safetensors 8 186\n", "critic.safetensors 8 177\n",
                           "generator_optimizer.safetensors 16 372\n", "ticks.safetensors 2 8\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << text;
  }
}

TEST_F(Resuming, GoesOnBeyondItsLength) {
  const Outcome longer = resume({"--extend", "3", "steps"});
  ASSERT_EQ(longer.code, 0) << longer.told();
  EXPECT_NE(longer.err.find("changed: extended by 3 steps"), std::string::npos) << longer.told();
  EXPECT_NE(longer.err.find("extension at step 4: on for 3 steps, with the learning rates as they "
                            "are"),
            std::string::npos)
      << longer.told();
  EXPECT_NE(longer.err.find("step 7/7"), std::string::npos) << longer.told();
  const Outcome done = resume();
  EXPECT_EQ(done.code, 2);
  EXPECT_NE(done.err.find("the run is done: 7 of 7 steps"), std::string::npos) << done.told();
  const Outcome refused = resume({"--steps", "9"});
  EXPECT_NE(refused.err.find("(the run is beyond it)"), std::string::npos) << refused.told();
  EXPECT_EQ(resume({"--extend", "10 minutes"}).code, 2);
  const Outcome timed = resume({"--extend", "0.05s"});
  EXPECT_EQ(timed.code, 0) << timed.told();
  EXPECT_NE(timed.err.find("time is up"), std::string::npos) << timed.told();
  // The whole again, from its options: the third part is a matter of the clock.
  const std::string config = read_test_file(folder() / run_folder / "config.toml");
  EXPECT_NE(config.find("extend = \"3 steps + 0.05s\""), std::string::npos) << config;
  const Outcome again = run({"train", "--config", run_folder + "/config.toml", "--extend", "3"});
  ASSERT_EQ(again.code, 0) << again.told();
  EXPECT_TRUE(
      read_test_file(folder() / "runs/00001-a/checkpoints/step-000007/critic.safetensors") ==
      read_test_file(folder() / run_folder / "checkpoints/step-000007/critic.safetensors"));
}

TEST_F(Resuming, IsPatientAnewBeyondItsLength) {
  // Nothing is learned, so the first evaluation stays the best.
  ASSERT_EQ(run({"train",        "gaussians8", "--width",        "8",      "--batch",          "16",
                 "--steps",      "4",          "--threads",      "1",      "--evaluate-every", "1",
                 "--evaluate-n", "20",         "--best-by",      "sliced", "--patience",       "2",
                 "--critic-lr",  "0",          "--generator-lr", "0",      "--average",        "0"})
                .code,
            0);
  const std::string impatient = "runs/00001-gaussians8-wgan-gp";
  const auto lines = [&] {
    const std::string text = read_test_file(folder() / impatient / "evaluations.jsonl");
    return std::ranges::count(text, '\n');
  };
  ASSERT_EQ(lines(), 3);  // the first, and two that are not better
  const Outcome longer = run({"train", "--resume", impatient, "--extend", "3"});
  EXPECT_EQ(longer.code, 0) << longer.told();
  EXPECT_NE(longer.err.find("no longer better: 2 steps"), std::string::npos) << longer.told();
  EXPECT_EQ(lines(), 5);
}

TEST_F(Resuming, StartsFromWeightsWithOtherOptions) {
  const Outcome outcome =
      run({"train", "--from", run_folder, "--lambda", "1", "--steps", "2", "--name", "b"});
  EXPECT_EQ(outcome.code, 0) << outcome.told();
  const std::string config = read_test_file(folder() / "runs" / "00001-b" / "config.toml");
  EXPECT_NE(config.find("lambda = 1  # flag"), std::string::npos) << config;
  EXPECT_NE(config.find("width = 8  # run"), std::string::npos) << config;
  EXPECT_EQ(run({"train", "--from", run_folder, "--width", "9"}).code, 6);
  const std::vector<std::string> keep = {"train",   "--from", run_folder,
                                         "--steps", "1",      "--keep-optimizer"};
  EXPECT_EQ(run(keep).code, 0);
  const Outcome other = run(with(keep, {"--optimizer", "rmsprop"}));
  EXPECT_EQ(other.code, 2) << other.told();
  EXPECT_NE(other.err.find("--optimizer is adam in the run and rmsprop here"), std::string::npos)
      << other.told();
  EXPECT_EQ(run({"train", "gaussians8", "--keep-optimizer"}).code, 2);
}

}  // namespace
}  // namespace wgan
