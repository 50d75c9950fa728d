// wgan lab as a person uses it.
#include <fstream>

#include "wgan/cli/program_test_support.h"

namespace wgan {
namespace {

struct Laboratory : ProgramTest {
  bool exists(const std::string& name) const { return std::filesystem::exists(folder() / name); }
};

TEST_F(Laboratory, ListsItsExperiments) {
  const Outcome listed = run({"lab"});
  ASSERT_EQ(listed.code, 0) << listed.told();
  EXPECT_NE(listed.out.find("\nnash "), std::string::npos) << listed.told();
  const Outcome json = run({"lab", "--json"});
  ASSERT_EQ(json.objects().size(), 1u) << json.told();
  EXPECT_EQ(json.objects()[0].at("experiments").size(), 24u);
  EXPECT_TRUE(contents().empty());
}

TEST_F(Laboratory, RunsOneAndSaysWhatHeld) {
  const Outcome done = run({"lab", "nash", "--quick"});
  ASSERT_EQ(done.code, 0) << done.told();
  EXPECT_NE(done.out.find("nash: held"), std::string::npos) << done.told();
  EXPECT_NE(done.out.find(", wanted "), std::string::npos) << done.told();
  EXPECT_NE(done.err.find("nash: begins"), std::string::npos) << done.told();
  for (const char* name : {"result.json", "verdict.txt", "report.html"}) {
    EXPECT_TRUE(exists("lab/nash/" + std::string(name))) << name;
  }
  for (const std::string& name : contents()) {
    EXPECT_EQ(name.find(".tmp"), std::string::npos) << name;
  }
}

TEST_F(Laboratory, TellsItsResultAsJson) {
  const Outcome done =
      run({"lab", "--quick", "nash", "--seed", "3", "--out", "elsewhere", "--json"});
  ASSERT_EQ(done.code, 0) << done.told();
  const auto objects = done.objects();
  ASSERT_EQ(objects.size(), 1u) << done.told();
  EXPECT_EQ(objects[0].at("ok"), true);
  EXPECT_EQ(objects[0].at("seed"), 3);
  EXPECT_EQ(objects[0].at("quick"), true);
  EXPECT_EQ(objects[0].at("folder"), "elsewhere");
  nlohmann::json file = nlohmann::json::parse(read_test_file(folder() / "elsewhere/result.json"));
  EXPECT_EQ(objects[0].at("checks"), file.at("checks"));
}

TEST_F(Laboratory, RunsTheSameTwice) {
  for (const char* out : {"one", "two"}) {
    ASSERT_EQ(run({"lab", "divergences", "--quick", "--out", out}).code, 0);
  }
  for (const std::string& name : contents("one")) {
    if (!name.ends_with(".csv")) continue;  // the others hold seconds and names of this machine
    EXPECT_EQ(read_test_file(folder() / "one" / name), read_test_file(folder() / "two" / name))
        << name;
  }
}

TEST_F(Laboratory, ExplainsAnExperiment) {
  const Outcome help = run({"lab", "nash", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_NE(help.out.find("--quick"), std::string::npos) << help.told();
  EXPECT_NE(help.out.find("is a result, not an error"), std::string::npos) << help.told();
  EXPECT_EQ(run({"lab", "all", "--help"}).code, 0);
  EXPECT_EQ(run({"lab", "--help"}).code, 0);
}

TEST_F(Laboratory, RefusesWhatItDoesNotKnow) {
  const auto expect_refused = [&](const std::vector<std::string>& more, const char* fragment) {
    const Outcome refused = run(with({"lab"}, more));
    EXPECT_EQ(refused.code, 2) << refused.told();
    EXPECT_NE(refused.err.find(fragment), std::string::npos) << refused.told();
  };
  expect_refused({"nahs"}, "did you mean 'nash'?");
  expect_refused({"nash", "--quikc"}, "--quick");
  expect_refused({"nash", "--seed", "-1"}, "seed");
  expect_refused({"nash", "--threads", "-1"}, "threads");
  expect_refused({"--quick"}, "--quick needs the name of an experiment");
  expect_refused({"nash", "divergences"}, "divergences");
  EXPECT_TRUE(contents().empty());
}

TEST_F(Laboratory, SaysWhatToInstallWithoutGnuplot) {
  const auto without = [] { ::setenv("PATH", "/nonexistent", 1); };
  const Outcome refused = run({"lab", "nash", "--quick"}, without);
  EXPECT_EQ(refused.code, 2) << refused.told();
  EXPECT_NE(refused.err.find("gnuplot-nox"), std::string::npos) << refused.told();
  EXPECT_TRUE(contents().empty());
  EXPECT_EQ(run({"lab"}, without).code, 0) << "listing them draws nothing";
}

TEST_F(Laboratory, SaysWhereItCannotWrite) {
  write("file", "");
  const Outcome refused = run({"lab", "nash", "--quick", "--out", "file"});
  EXPECT_EQ(refused.code, 7) << refused.told();
}

TEST_F(Laboratory, StopsWhenAsked) {
  const pid_t child = start({"lab", "parallel-lines"});  // takes minutes
  ASSERT_TRUE(wait_for("parallel-lines: begins"));
  ::kill(child, SIGINT);
  const Outcome stopped = finish(child);
  EXPECT_EQ(stopped.code, 130) << stopped.told();
  EXPECT_NE(stopped.err.find("stopped"), std::string::npos) << stopped.told();
  EXPECT_FALSE(exists("lab/parallel-lines/result.json"));
}

}  // namespace
}  // namespace wgan
