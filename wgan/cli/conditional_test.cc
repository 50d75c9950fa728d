// Classes and conditions as a person meets them: told to a generator, or learned by a
// discriminator.
#include <fstream>

#include "wgan/cli/program_test_support.h"
#include "wgan/io/checksums.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

struct Conditional : ProgramTest {
  void write_floats(const std::string& name, const std::vector<int64_t>& shape,
                    const std::vector<float>& values) const {
    write_npy(folder() / name, NpyType::kFloat32, shape, std::as_bytes(std::span(values)));
  }
  // 40 vectors of two numbers, each with a condition of two.
  void write_showers() const {
    std::vector<float> rows, conditions;
    for (int i = 0; i < 40; ++i) {
      const auto x = static_cast<float>(i);
      rows.insert(rows.end(), {x, 2 * x});
      conditions.insert(conditions.end(), {x / 10, -x});
    }
    write_floats("showers.npy", {40, 2}, rows);
    write_floats("showers-conditions.npy", {40, 2}, conditions);
  }
  void expect_refused(const std::vector<std::string>& arguments, const char* fragment) const {
    const Outcome refused = run(arguments);
    EXPECT_EQ(refused.code, 2) << refused.told();
    EXPECT_NE(refused.err.find(fragment), std::string::npos) << refused.told();
  }
};

TEST_F(Conditional, VectorsBesideTheDataAreAskedForWithEachSample) {
  write_showers();
  const Outcome trained =
      run({"train", "showers.npy", "--steps", "4", "--width", "8", "--batch", "8", "--holdout",
           "0.5", "--evaluate-every", "4", "--evaluate-n", "10", "--best-by", "sliced"});
  ASSERT_EQ(trained.code, 0) << trained.told();
  EXPECT_NE(trained.err.find("2 conditions a row"), std::string::npos) << trained.told();
  expect_refused({"sample", "latest", "--condition", "1"}, "wanted [1, 2]");
  expect_refused({"sample", "latest", "--condition", "1,x"}, "'x'");
  const Outcome one = run({"sample", "latest", "--seeds", "0-4", "--condition", "1.5,-3"});
  ASSERT_EQ(one.code, 0) << one.told();
  EXPECT_EQ(map_npy(folder() / "samples.npy").shape, (std::vector<int64_t>{5, 2}));
  const std::string same = read_test_file(folder() / "samples.npy");
  std::vector<float> each;
  for (int i = 0; i < 5; ++i) each.insert(each.end(), {1.5F, -3.F});
  write_floats("wanted.npy", {5, 2}, each);
  ASSERT_EQ(run({"sample", "latest", "--seeds", "0-4", "--conditions", "wanted.npy"}).code, 0);
  EXPECT_EQ(read_test_file(folder() / "samples.npy"), same);
  expect_refused({"sample", "latest", "--seeds", "0-3", "--conditions", "wanted.npy"},
                 "5x2, wanted [1, 2] or [4, 2]");
  const Outcome judged = run({"evaluate", "latest", "--n", "10", "--measures", "sliced"});
  EXPECT_EQ(judged.code, 0) << judged.told();
  expect_refused({"evaluate", "latest", "--n", "10", "--measures", "sliced", "--critic"},
                 "conditions beside the samples");
}

TEST_F(Conditional, SamplesHaveTheConditionsOfTheDataUnlessToldOthers) {
  write_showers();
  ASSERT_EQ(run({"train", "showers.npy", "--steps", "2", "--width", "8", "--batch", "8"}).code, 0);
  const auto drawn = [&] {
    const Outcome outcome = run({"sample", "latest", "--seeds", "0-63"});
    EXPECT_EQ(outcome.code, 0) << outcome.told();
    const std::string bytes = read_test_file(folder() / "samples.npy");
    std::filesystem::remove(folder() / "samples.npy");
    return bytes;
  };
  const std::string by_default = drawn();
  // 40 rows in all, each with the condition that belongs to it.
  const auto checkpoint = folder() / "runs/00000-showers-wgan-gp/checkpoints/step-000002";
  auto state = nlohmann::json::parse(read_test_file(checkpoint / "state.json"));
  const auto kept = state.at("data").at("conditions").get<std::vector<double>>();
  ASSERT_EQ(kept.size(), 80u);
  std::vector<double> wanted(kept);
  wanted.insert(wanted.end(), kept.begin(), kept.begin() + 48);
  for (size_t i = 0; i < kept.size(); i += 2) EXPECT_NEAR(kept[i + 1], -10 * kept[i], 1e-3);
  write_npy(folder() / "wanted.npy", NpyType::kFloat64, std::vector<int64_t>{64, 2},
            std::as_bytes(std::span(wanted)));
  ASSERT_EQ(run({"sample", "latest", "--seeds", "0-63", "--conditions", "wanted.npy"}).code, 0);
  EXPECT_TRUE(read_test_file(folder() / "samples.npy") == by_default);

  const Outcome near = run({"sample", "latest", "--condition", "5.5,-55"});
  EXPECT_EQ(near.err.find("warning"), std::string::npos) << near.told();
  const Outcome far = run({"sample", "latest", "--condition", "1,200"});
  EXPECT_EQ(far.code, 0) << far.told();
  EXPECT_NE(
      far.err.find("1 condition is far outside the data's: number 2 of condition 1 is 200, and "
                   "the data's go from about -39 to "),
      std::string::npos)
      << far.told();

  // Of an older checkpoint they come from the data, as long as these are there.
  state["data"].erase("conditions");
  write_test_file(checkpoint / "state.json", state.dump());
  write_checksums(checkpoint, std::vector<std::string>{"average.safetensors", "state.json"});
  EXPECT_TRUE(drawn() == by_default);
  std::filesystem::rename(folder() / "showers.npy", folder() / "elsewhere.npy");
  expect_refused({"sample", "latest"}, "hint: give them: --condition 1.95,-19.5");
  EXPECT_EQ(run({"sample", "latest", "--condition", "1.95,-19.5"}).code, 0);
}

TEST_F(Conditional, GoesOnWhereItStopped) {
  write_showers();
  const std::vector<std::string> train{
      "train", "showers.npy", "--width", "8", "--batch", "8", "--threads", "1", "--no-lr-decay"};
  ASSERT_EQ(run(with(train, {"--steps", "6", "--name", "whole"})).code, 0);
  ASSERT_EQ(run(with(train, {"--steps", "3", "--name", "cut"})).code, 0);
  const Outcome resumed = run({"train", "--resume", "runs/00001-cut", "--steps", "6"});
  ASSERT_EQ(resumed.code, 0) << resumed.told();
  for (const char* file : {"generator", "critic", "average"}) {
    const std::string name = std::string("checkpoints/step-000006/") + file + ".safetensors";
    EXPECT_EQ(read_test_file(folder() / "runs/00001-cut" / name),
              read_test_file(folder() / "runs/00000-whole" / name))
        << file;
  }
}

TEST_F(Conditional, ADiscriminatorLearnsClassesFromAFewLabelsAndTellsItsErrors) {
  const Outcome trained =
      run({"train", "strokes", "--objective", "semi-supervised", "--labels-per-class", "2",
           "--steps", "3", "--width", "4", "--batch", "8", "--json"});
  ASSERT_EQ(trained.code, 0) << trained.told();
  const int64_t errors = trained.objects().back().at("test_errors");
  EXPECT_GT(errors, 0);
  EXPECT_LE(errors, 10'000);
  const auto manifest = nlohmann::json::parse(
      read_test_file(folder() / "runs/00000-strokes-semi-supervised/run.json"));
  EXPECT_EQ(manifest.at("test_errors").at("errors"), errors);
  EXPECT_EQ(manifest.at("test_errors").at("rows"), 10'000);
  expect_refused({"train", "strokes", "--labels-per-class", "2", "--steps", "1"},
                 "--labels-per-class without");
  expect_refused(
      {"train", "strokes", "--objective", "semi-supervised", "--conditional", "--steps", "1"},
      "must not be conditioned on them");
  expect_refused({"train", "swissroll", "--objective", "semi-supervised", "--steps", "1"},
                 "needs labels");
}

}  // namespace
}  // namespace wgan
