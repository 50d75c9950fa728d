// wgan evaluate and wgan features as a person uses them, and the evaluation inside training.
#include <cmath>

#include "wgan/cli/program_test_support.h"
#include "wgan/io/npy.h"

namespace wgan {
namespace {

struct Evaluating : ProgramTest {
  const std::vector<std::string> small = {"train",     "gaussians8", "--width", "16",
                                          "--batch",   "32",         "--name",  "a",
                                          "--threads", "1",          "--steps", "60"};

  nlohmann::json object(const std::vector<std::string>& arguments) const {
    const Outcome done = run(with(arguments, {"--json"}));
    EXPECT_EQ(done.code, 0) << done.told();
    return done.code == 0 ? done.objects().back() : nlohmann::json::object();
  }
  // [rows, 2] float32: row(i) as a pair.
  template <class Row>
  void write_floats(const std::string& name, int rows, const Row& row) const {
    std::vector<float> values;
    for (int i = 0; i < rows; ++i) {
      const auto [x, y] = row(i);
      values.insert(values.end(), {static_cast<float>(x), static_cast<float>(y)});
    }
    write_npy(folder() / name, NpyType::kFloat32, std::vector<int64_t>{rows, 2},
              std::as_bytes(std::span(values)));
  }
  // Of the first subject, by name.
  static nlohmann::json score(const nlohmann::json& object, const std::string& name) {
    for (const auto& one : object.at("results").at(0).at("scores")) {
      if (one.at("name") == name) return one;
    }
    ADD_FAILURE() << name << " in " << object.dump();
    return {};
  }
};

TEST_F(Evaluating, MeasuresARunAndKeepsTheScores) {
  ASSERT_EQ(run(small).code, 0);
  const auto found = object({"evaluate", "latest", "--n", "300", "--measures", "all", "--critic"});
  const auto w1 = score(found, "w1");
  EXPECT_EQ(w1.at("samples"), 300);
  EXPECT_GT(w1.at("value").get<double>(), w1.at("real").get<double>());
  const auto& critic = found.at("results").at(0).at("critic");
  EXPECT_LE(critic.at("pair_bound").get<double>(), critic.at("exact_w1").get<double>() + 1e-9);
  std::istringstream lines(read_test_file(folder() / "runs/00000-a/metric-w1.jsonl"));
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  const auto kept = nlohmann::json::parse(line);
  EXPECT_EQ(kept.at("value"), w1.at("value"));
  for (const char* key :
       {"feature_hash", "features", "seed", "seconds", "samples", "real", "step"}) {
    EXPECT_TRUE(kept.contains(key)) << key;
  }
  const Outcome told = run({"evaluate", "latest", "--n", "300", "--measures", "w1,frechet"});
  EXPECT_NE(told.out.find("real vs real"), std::string::npos) << told.told();
}

TEST_F(Evaluating, ComparesTwoFilesInFullInStandardisedColumns) {
  write_floats("real.npy", 60, [](int i) { return std::pair(1e5 * (i % 7), 0.01 * (i % 5)); });
  write_floats("wrong.npy", 40, [](int i) { return std::pair(1e5 * (i % 7), 0.2 * (i % 5)); });
  write_floats("right.npy", 40, [](int i) { return std::pair(1e5 * (i % 6), 0.01 * (i % 5)); });
  const auto found = object(
      {"evaluate", "wrong.npy", "--compare", "right.npy", "--data", "real.npy", "--n", "all"});
  EXPECT_EQ(score(found, "frechet").at("samples"), 40);
  EXPECT_EQ(found.at("results").at(0).at("features"), "standardised columns");
  EXPECT_EQ(found.at("results").at(0).at("real_rows"), 60);
  EXPECT_EQ(found.at("results").at(0).at("real_vs_real"), "two halves of 30 rows each");
  for (const auto& measure : found.at("comparison")) {
    if (measure.at("name") != "frechet" && measure.at("name") != "sliced") continue;
    EXPECT_EQ(measure.at("ranked").at(0).at("subject"), "right.npy") << measure.dump();
  }
}

TEST_F(Evaluating, NeedsNoDataWhereStatisticsAreKept) {
  write_floats("real.npy", 60, [](int i) { return std::pair(1e5 * (i % 7), 0.01 * (i % 5)); });
  write_floats("made.npy", 40, [](int i) { return std::pair(1e5 * (i % 6), 0.01 * (i % 4)); });
  const auto whole = object({"evaluate", "made.npy", "--data", "real.npy", "--n", "all",
                             "--measures", "frechet", "--save-statistics", "s.npz"});
  std::filesystem::remove(folder() / "real.npy");
  const auto kept = object({"evaluate", "made.npy", "--statistics", "s.npz"});
  EXPECT_EQ(kept.at("results").at(0).at("scores").size(), 1U);
  EXPECT_NEAR(score(kept, "frechet-kept").at("value").get<double>(),
              score(whole, "frechet").at("value").get<double>(), 1e-6);
}

TEST_F(Evaluating, FindsARunsDataFromAnyWorkingDirectory) {
  write_floats("real.npy", 60, [](int i) { return std::pair(1. * (i % 7), 1. * (i % 5)); });
  ASSERT_EQ(run({"train", "real.npy", "--steps", "2", "--width", "8", "--threads", "1", "--name",
                 "a", "--no-lr-decay"})
                .code,
            0);
  const auto elsewhere = [&] {
    if (::chdir("/") != 0) ::_exit(126);
  };
  const std::string run_folder = (folder() / "runs/00000-a").string();
  const Outcome judged =
      run({"evaluate", run_folder, "--n", "20", "--measures", "sliced"}, elsewhere);
  EXPECT_EQ(judged.code, 0) << judged.told();
  const Outcome resumed = run({"train", "--resume", run_folder, "--steps", "3"}, elsewhere);
  EXPECT_EQ(resumed.code, 0) << resumed.told();
  std::filesystem::rename(folder() / "real.npy", folder() / "moved.npy");
  const Outcome lost = run({"evaluate", run_folder}, elsewhere);
  EXPECT_EQ(lost.code, 3) << lost.told();
  EXPECT_NE(lost.err.find(run_folder + " was trained on it"), std::string::npos) << lost.told();
  EXPECT_NE(lost.err.find("--data"), std::string::npos) << lost.told();
  const std::string moved = (folder() / "moved.npy").string();
  EXPECT_EQ(run({"evaluate", run_folder, "--data", moved, "--n", "20"}, elsewhere).code, 0);
  const Outcome found = run({"train", moved, "--resume", run_folder, "--steps", "4"}, elsewhere);
  EXPECT_EQ(found.code, 0) << found.told();
}

TEST_F(Evaluating, FitsItselfToAFewRows) {
  write_floats("few.npy", 3, [](int i) { return std::pair(1. * i, 1. * (i % 2)); });
  const auto found = object({"evaluate", "few.npy", "--data", "few.npy"});
  EXPECT_EQ(score(found, "frechet").at("samples"), 3);
  const Outcome trained =
      run({"train", "few.npy", "--steps", "2", "--width", "8", "--evaluate-every", "1"});
  EXPECT_EQ(trained.code, 0) << trained.told();
  write_floats("one.npy", 1, [](int) { return std::pair(1., 2.); });
  const Outcome refused = run({"evaluate", "few.npy", "--data", "one.npy"});
  EXPECT_EQ(refused.code, 2) << refused.told();
  EXPECT_NE(refused.err.find("1 row of 'one'"), std::string::npos) << refused.told();
}

TEST_F(Evaluating, ComparesAndTellsNoiseFromDifference) {
  ASSERT_EQ(run(small).code, 0);
  ASSERT_EQ(run({"sample", "latest", "--seeds", "5000-5999", "--out", "same.npy"}).code, 0);
  const auto found = object({"evaluate", "latest", "--compare", "same.npy", "--data", "gaussians8",
                             "--n", "400", "--measures", "sliced,w1"});
  ASSERT_EQ(found.at("comparison").size(), 2u);
  for (const auto& one : found.at("comparison")) {
    ASSERT_EQ(one.at("ranked").size(), 2u);
    EXPECT_TRUE(one.at("ranked").at(1).at("like_the_best").get<bool>()) << one.dump();
  }
}

TEST_F(Evaluating, KeepsStatisticsAndKnowsTheirSpace) {
  ASSERT_EQ(run(small).code, 0);
  object(
      {"evaluate", "latest", "--n", "300", "--measures", "frechet", "--save-statistics", "s.npz"});
  const auto kept = object(
      {"evaluate", "latest", "--n", "300", "--measures", "frechet", "--statistics", "s.npz"});
  EXPECT_NEAR(score(kept, "frechet").at("value").get<double>(),
              score(kept, "frechet-kept").at("value").get<double>(), 1e-6);
}

TEST_F(Evaluating, FitsFeaturesAndUsesThem) {
  const auto fitted = object({"features", "train", "strokes", "--steps", "30", "--width", "4"});
  EXPECT_GT(fitted.at("accuracy").get<double>(), 0.3);
  ASSERT_EQ(run({"train", "strokes", "--width", "8", "--steps", "3", "--threads", "1"}).code, 0);
  const auto found =
      object({"evaluate", "latest", "--features", "classifier.safetensors", "--n", "200",
              "--measures", "all", "--picture", "near.png", "--save-statistics", "s.npz"});
  EXPECT_EQ(found.at("results").at(0).at("feature_hash"), fitted.at("hash"));
  for (const char* name : {"frechet", "inception-score", "modes-found", "ms-ssim", "memorised-z"}) {
    EXPECT_TRUE(score(found, name).at("real").is_number()) << name;
  }
  EXPECT_TRUE(std::filesystem::exists(folder() / "near.png"));
  const Outcome other = run({"evaluate", "latest", "--n", "200", "--statistics", "s.npz"});
  EXPECT_EQ(other.code, 2) << other.told();
  EXPECT_NE(other.err.find("another feature space"), std::string::npos) << other.told();
}

TEST_F(Evaluating, RefusesWhatMakesNoSense) {
  const auto refused = [&](const std::vector<std::string>& more, int code,
                           const std::string& part) {
    const Outcome done = run(with({"evaluate"}, more));
    EXPECT_EQ(done.code, code) << done.told();
    EXPECT_NE(done.err.find(part), std::string::npos) << done.told();
  };
  refused({}, 2, "nothing to evaluate");
  refused({"nowhere"}, 3, "nowhere");
  ASSERT_EQ(run(small).code, 0);
  refused({"latest", "--measures", "fid"}, 2, "'fid' is not known");
  refused({"latest", "--measures", "ms-ssim"}, 2, "pictures");
  refused({"latest", "--n", "1"}, 2, "'1' is no number of samples");
  refused({"latest", "--picture", "near.png"}, 2, "these are vectors");
  refused({"samples.npy", "--critic"}, 3, "samples.npy");
  refused({"latest", "--statistics", "nowhere.npz"}, 3, "nowhere.npz");
  refused({"latest", "--features", "nowhere.pt"}, 3, "nowhere.pt");
  refused({"latest", "--data", "strokes", "--n", "20"}, 2, "of shape 28x28x1");
  write("samples.npy", "no array");
  refused({"samples.npy", "--data", "gaussians8"}, 3, "samples.npy");
}

TEST_F(Evaluating, ChoosesTheBestCheckpointWhileTraining) {
  const Outcome trained = run(with(small, {"--evaluate-every", "10", "--evaluate-n", "200",
                                           "--best-by", "w1", "--keep", "1", "--json"}));
  ASSERT_EQ(trained.code, 0) << trained.told();
  std::istringstream lines(read_test_file(folder() / "runs/00000-a/evaluations.jsonl"));
  double least = INFINITY;
  int64_t step = -1, count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto one = nlohmann::json::parse(line);
    const double value = one.at("scores").at(0).at("value");
    EXPECT_EQ(one.at("best").get<bool>(), value < least);
    if (value < least) least = value, step = one.at("step");
  }
  EXPECT_EQ(count, 6);
  const auto best = object({"sample", "runs/00000-a/checkpoints/best", "--seeds", "0-3"});
  EXPECT_EQ(best.at("step"), step);
}

// A generator that does not move is never better than at its first evaluation.
TEST_F(Evaluating, StopsWhenPatienceEndsAndGoesOnWhereItWas) {
  const std::vector<std::string> still =
      with(small, {"--generator-lr", "0", "--average", "0", "--evaluate-every", "5", "--evaluate-n",
                   "100", "--best-by", "sliced", "--no-lr-decay", "--json"});
  const Outcome stopped = run(with(still, {"--patience", "3"}));
  ASSERT_EQ(stopped.code, 0) << stopped.told();
  EXPECT_EQ(stopped.objects().back().at("step"), 20);
  EXPECT_NE(stopped.err.find("no longer better"), std::string::npos) << stopped.told();
  // Resumed, it remembers what it has waited for.
  const Outcome resumed = run({"train", "--resume", "runs/00000-a", "--patience", "5", "--json"});
  ASSERT_EQ(resumed.code, 0) << resumed.told();
  EXPECT_EQ(resumed.objects().back().at("step"), 30);
}

}  // namespace
}  // namespace wgan
