// Classes and conditions as a person meets them: told to a generator, or learned by a
// discriminator.
#include <fstream>

#include "wgan/cli/program_test_support.h"
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
  expect_refused({"sample", "latest", "--seeds", "0-4"}, "none given");
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
