// Run folders are numbered, and hold what can be read back.
#include "wgan/run/run_folder.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <map>
#include <sstream>
#include <string>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

TEST(RunFolder, TakesTheNextFreeNumber) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "deep" / "runs";
  EXPECT_EQ(RunFolder(out, "a").path().filename(), "00000-a");
  EXPECT_EQ(RunFolder(out, "a").path().filename(), "00001-a");
  fs::create_directory(out / "00041-other");
  fs::create_directory(out / "notes");
  fs::create_directory(out / "99");
  EXPECT_EQ(RunFolder(out, "b").path().filename(), "00042-b");
  EXPECT_TRUE(fs::is_directory(out / "00042-b" / "samples"));
}

// "key = value  # source" lines, as TOML has them.
std::map<std::string, std::string> toml_values(const std::string& toml) {
  std::map<std::string, std::string> values;
  std::istringstream lines(toml);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    const size_t equals = line.find(" = "), comment = line.rfind("  # ");
    EXPECT_NE(equals, std::string::npos) << line;
    EXPECT_NE(comment, std::string::npos) << line;
    values[line.substr(0, equals)] = line.substr(equals + 3, comment - equals - 3);
  }
  return values;
}

TEST(RunFolder, WritesOptionsAsToml) {
  SessionOptions options;
  options.train.optimizer.critic_lr = 1.0 / 3;
  options.run.name = "a \"quoted\" name = 1  # \\";
  options.train.length.time.seconds = 5400;
  const auto values = toml_values(options_to_toml({}, options, {}));
  EXPECT_EQ(values.at("data"), "\"strokes\"");
  EXPECT_EQ(values.at("objective"), "\"wgan-gp\"");
  EXPECT_EQ(values.at("mirror"), "false");
  EXPECT_EQ(values.at("batch"), "64");
  EXPECT_EQ(std::stod(values.at("critic-lr")), 1.0 / 3);
  EXPECT_EQ(nlohmann::json::parse(values.at("name")).get<std::string>(), options.run.name);
  EXPECT_EQ(values.at("time"), "\"" + format_duration({5400}) + "\"");
  DataOptions data;
  EXPECT_EQ(values.size(), data.fields().size() + options.fields().size());
}

TEST(RunFolder, SaysWhereEveryOptionCameFrom) {
  const std::string toml = options_to_toml({}, {}, {{"batch", "flag"}, {"width", "recipe"}});
  EXPECT_NE(toml.find("batch = 64  # flag\n"), std::string::npos) << toml;
  EXPECT_NE(toml.find("width = 32  # recipe\n"), std::string::npos) << toml;
  EXPECT_NE(toml.find("n-critic = 1  # default\n"), std::string::npos) << toml;
}

TEST(RunFolder, HoldsOneLineATick) {
  const TemporaryFolder folder;
  RunFolder run(folder.path(), "a");
  run.append_tick({.step = 1, .critic_loss = 0.5}, {});
  run.append_tick({.step = 2, .critic_loss = -0.25}, {"collapsed"});
  run.append_log("one");
  run.append_log("two");
  std::istringstream lines(read_test_file(run.path() / "metrics.jsonl"));
  int64_t step = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json.at("step"), ++step);
    EXPECT_EQ(json.at("critic_loss"), step == 1 ? 0.5 : -0.25);
  }
  EXPECT_EQ(step, 2);
  EXPECT_EQ(read_test_file(run.path() / "log.txt"), "one\ntwo\n");
}

TEST(RunFolder, HoldsConfigManifestAndPictures) {
  const TemporaryFolder folder;
  RunFolder run(folder.path(), "a");
  run.write_config("batch = 3\n");
  EXPECT_EQ(read_test_file(run.path() / "config.toml"), "batch = 3\n");
  run.write_manifest({{"state", "running"}});
  EXPECT_EQ(nlohmann::json::parse(read_test_file(run.path() / "run.json")).at("state"), "running");
  const at::Tensor images = torch::zeros({3, 8, 8, 1}, torch::kUInt8);
  const at::Tensor points = torch::rand({5, 2});
  const fs::path reals = run.write_reals(images), samples = run.write_samples(7, images, images);
  EXPECT_EQ(samples.stem(), "000007");
  EXPECT_EQ(samples.parent_path(), run.path() / "samples");
  for (const fs::path& file : {reals, samples, run.write_samples(8, points, points)}) {
    EXPECT_GT(fs::file_size(file), 50u) << file;
  }
}

TEST(RunFolder, SaysWhereItCannotBeMade) {
  const TemporaryFolder folder;
  write_test_file(folder.path() / "file", "");
  expect_error(ErrorKind::kOutput, "make a run folder",
               [&] { RunFolder(folder.path() / "file" / "runs", "a"); });
  expect_error(ErrorKind::kUsage, "has a slash",
               [&] { RunFolder(folder.path(), "no/such/folder"); });
}

}  // namespace
}  // namespace wgan
