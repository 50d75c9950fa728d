// Which rows are compared, and that generators are asked for the classes that the data has.
#include "wgan/judge/reference.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/core/random.h"
#include "wgan/data/open.h"
#include "wgan/io/npy.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/judge/data_rows.h"

namespace wgan {
namespace {

using Kind = WantedRows::Kind;

ReferenceSets sets_of(int64_t held_out, int64_t training = 0) {
  ReferenceSets sets;
  sets.held_out.name = "rows";
  sets.held_out.size = held_out;
  if (training > 0) sets.training.emplace().size = training;
  return sets;
}

void expect_size(const ComparisonSize& found, int64_t samples, int64_t real, Baseline baseline) {
  EXPECT_EQ(found.samples, samples);
  EXPECT_EQ(found.real, real);
  EXPECT_EQ(found.baseline, baseline);
}

TEST(ComparisonSize, FitsTheDataWhereNoNumberIsGiven) {
  expect_size(comparison_size(sets_of(20'000), {}, {}), 5000, 5000, Baseline::kHeldOut);
  expect_size(comparison_size(sets_of(100), {}, {}), 50, 50, Baseline::kHeldOut);
  expect_size(comparison_size(sets_of(100), {}, 30), 30, 30, Baseline::kHeldOut);
  expect_size(comparison_size(sets_of(100, 400), {}, {}), 100, 100, Baseline::kTraining);
  expect_size(comparison_size(sets_of(100), {.number = 1000}, {}), 50, 50, Baseline::kHeldOut);
  expect_size(comparison_size(sets_of(3), {}, {}), 3, 3, Baseline::kNone);
  expect_size(comparison_size(sets_of(4), {}, {}), 2, 2, Baseline::kHeldOut);
}

TEST(ComparisonSize, MayTakeEveryRowAndThenComparesHalvesOfTheRealOnes) {
  const ComparisonSize all = comparison_size(sets_of(100), {.kind = Kind::kAll}, 70);
  expect_size(all, 70, 100, Baseline::kHalves);
  EXPECT_EQ(baseline_text(all), "two halves of 50 rows each");
  expect_size(comparison_size(sets_of(100), {.kind = Kind::kAll}, {}), 100, 100, Baseline::kHalves);
  expect_size(comparison_size(sets_of(100), {Kind::kExactly, 80}, {}), 80, 80, Baseline::kHalves);
  ReferenceSets endless;
  endless.held_out.endless = true;
  expect_size(comparison_size(endless, {.kind = Kind::kAll}, 70), 70, 70, Baseline::kHeldOut);
  expect_error(ErrorKind::kUsage, "--n all",
               [&] { comparison_size(endless, {.kind = Kind::kAll}, {}); });
}

TEST(ComparisonSize, SaysTrueNumbersWhereThereAreTooFewRows) {
  expect_error(ErrorKind::kUsage, "80 rows to compare, but there are 70 samples and 100 rows", [] {
    comparison_size(sets_of(100), {Kind::kExactly, 80}, 70);
  });
  expect_error(ErrorKind::kUsage, "101 rows to compare, but there are 100 rows of 'rows'", [] {
    comparison_size(sets_of(100), {Kind::kExactly, 101}, {});
  });
  expect_error(ErrorKind::kUsage, "1 row of 'rows'", [] { comparison_size(sets_of(1), {}, {}); });
  expect_error(ErrorKind::kUsage, "1 sample", [] { comparison_size(sets_of(100), {}, 1); });
  for (const char* text : {"1", "-3", "some", "9999999999999999999", ""}) {
    expect_error(ErrorKind::kUsage, "no number of samples", [&] { parse_wanted_rows(text); });
  }
}

// Two clusters, nine rows in ten in the first, and a generator that hits both.
struct Imbalanced : testing::Test {
  static constexpr int64_t kRows = 1000;
  const TemporaryFolder folder;
  DataOptions options;
  Generator generator;

  Imbalanced() {
    at::Tensor rows = torch::empty({kRows, 2});
    fill_normal({.seed = 1}, {rows.data_ptr<float>(), 2 * kRows});
    std::vector<int64_t> labels(kRows, 0);
    for (size_t i = 0; i < labels.size(); i += 10) labels[i] = 1;
    rows += 10 * torch::tensor(labels).unsqueeze(1);
    options.data = (folder.path() / "x.npy").string();
    write_npy(options.data, NpyType::kFloat32, std::vector<int64_t>{kRows, 2},
              std::as_bytes(std::span(rows.data_ptr<float>(), 2 * kRows)));
    write_npy(folder.path() / "x-labels.npy", NpyType::kInt64, std::vector<int64_t>{kRows},
              std::as_bytes(std::span(labels)));
    const Dataset data = open_dataset(options, 0);
    generator = {.model = make_model({.input = {4}, .layers = {Linear{4, 2}}}, torch::kFloat32,
                                     Training::kNo),
                 .latent = 2,
                 .latent_dist = LatentDist::kNormal,
                 .data = describe_data(data),
                 .step = 0,
                 .checkpoint = {}};
    // x = z + 10 of the second class, in standardised columns.
    const at::Tensor weight = torch::tensor({{1., 0., 0., 10.}, {0., 1., 0., 10.}}).t();
    const at::Tensor mean = torch::tensor(data.scale.mean),
                     deviation = torch::tensor(data.scale.deviation);
    generator.model.frozen[0].copy_((weight / deviation).t());
    generator.model.frozen[1].copy_(-mean / deviation);
  }
};

TEST_F(Imbalanced, AGoodGeneratorScoresAsRealRowsDo) {
  JudgeOptions judged;
  judged.evaluate_n = 500;
  GeneratorJudge judge(options, 0, judged, {Measure::kFrechet}, "cpu");
  const Score frechet = judge.scores(generator).at(0);
  EXPECT_LT(frechet.value, 0.05);
  EXPECT_LT(frechet.real, 0.05);
}

TEST_F(Imbalanced, ClassesAreThoseOfTheRowsOneByOne) {
  const Dataset data = open_dataset(options, 0);
  EXPECT_TRUE(torch::equal(data_classes(generator, data, 300), data_labels(data, 300)));
  // By name, whatever their numbers are in the data.
  Dataset other = data;
  other.class_names = {"1", "0"};
  EXPECT_TRUE(torch::equal(data_classes(generator, other, 300), 1 - data_labels(data, 300)));
}

TEST_F(Imbalanced, OtherClassesAreAnObstacle) {
  Dataset data = open_dataset(options, 0);
  EXPECT_EQ(class_obstacle(generator, data), "");
  data.class_names = {"0", "cat"};
  EXPECT_NE(class_obstacle(generator, data).find("'cat'"), std::string::npos);
  EXPECT_FALSE(data_classes(generator, data, 10).defined());
  data.label = nullptr;
  EXPECT_NE(class_obstacle(generator, data).find("no labels"), std::string::npos);
}

}  // namespace
}  // namespace wgan
