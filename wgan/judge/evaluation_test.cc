// What the evaluator makes of samples: against the measures themselves, and against what is known
// of good, collapsed and copied samples.
#include "wgan/judge/evaluation.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/io/test_support.h"
#include "wgan/metrics/frechet.h"
#include "wgan/metrics/transport.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kRows = 300, kColumns = 4;

Observed observed(const at::Tensor& rows) { return {rows, rows, torch::softmax(3 * rows, 1)}; }

at::Tensor normal_rows(uint64_t number) { return random_tensor({kRows, kColumns}, number); }

struct Evaluation : testing::Test {
  EvaluationData data{.reference = observed(normal_rows(1)),
                      .baseline = observed(normal_rows(2)),
                      .training = normal_rows(3)};
  Evaluator evaluator{data, {.transport_n = 100, .bootstrap = 20}};

  Score score(Measure measure, const at::Tensor& rows, const std::string& name) {
    for (const Score& found : evaluator.scores(measure, observed(rows))) {
      if (found.name == name) return found;
    }
    ADD_FAILURE() << name;
    return {};
  }
};

TEST_F(Evaluation, GivesTheMeasuresOfSamplesAndOfRealRowsInTheirPlace) {
  const at::Tensor rows = normal_rows(4) + 0.5;
  const Score frechet = score(Measure::kFrechet, rows, "frechet");
  EXPECT_EQ(frechet.value, frechet_distance(rows, normal_rows(1)));
  EXPECT_EQ(frechet.real, frechet_distance(normal_rows(2), normal_rows(1)));
  EXPECT_EQ(frechet.samples, kRows);
  const Score w1 = score(Measure::kW1, rows, "w1");
  EXPECT_EQ(w1.samples, 100);
  EXPECT_EQ(w1.value, wasserstein(rows.slice(0, 0, 100), normal_rows(1).slice(0, 0, 100), 1));
}

// Which way every score moves where the samples lie elsewhere, and where they have collapsed.
TEST_F(Evaluation, EveryScoreOfADistanceTellsBadSamplesFromGoodOnes) {
  const at::Tensor good = normal_rows(4), shifted = normal_rows(4) + 2;
  const at::Tensor collapsed = normal_rows(4).slice(0, 0, 1).expand({kRows, -1}).contiguous();
  for (const auto& [measure, name] : EnumNames<Measure>::kNames) {
    // The rows are no pictures; and memorisation is no distance: bad samples are no copies.
    if (measure == Measure::kMsSsim || measure == Measure::kMemorisation) continue;
    SCOPED_TRACE(name);
    for (const Score& of_good : evaluator.scores(measure, observed(good))) {
      SCOPED_TRACE(of_good.name);
      EXPECT_EQ(measure_of(of_good.name), measure);
      EXPECT_TRUE(std::isfinite(of_good.real));
      const double bad = badness(score(measure, shifted, of_good.name));
      const double flat = badness(score(measure, collapsed, of_good.name));
      EXPECT_LT(badness(of_good), std::max(bad, flat));
    }
  }
}

TEST_F(Evaluation, FindsRowsOfTheTrainingSetAmongSamples) {
  EXPECT_GT(score(Measure::kMemorisation, normal_rows(3), "memorised-share").value, 0.9);
  EXPECT_LT(score(Measure::kMemorisation, normal_rows(3), "memorised-z").value, -5);
  EXPECT_LT(score(Measure::kMemorisation, normal_rows(4), "memorised-share").value, 0.1);
}

// The standard error of a mean is known: that of the first score over halves must be near it.
TEST_F(Evaluation, HalvesSpreadAsTheValueItselfWould) {
  const at::Tensor rows = normal_rows(4);
  Evaluator many({.reference = observed(torch::zeros({kRows, 1})), .baseline = {}, .training = {}},
                 {.bootstrap = 400});
  // W1 to points at 0 is the mean of |x|.
  const at::Tensor column = rows.slice(1, 0, 1);
  const auto halves = many.halves(Measure::kW1, observed(column));
  double mean = 0, square = 0;
  for (const auto& half : halves) mean += half[0] / 400;
  for (const auto& half : halves) square += (half[0] - mean) * (half[0] - mean) / 399;
  const double standard_error = (column.abs().std() / std::sqrt(kRows)).item<double>();
  EXPECT_NEAR(std::sqrt(square), standard_error, 0.15 * standard_error);
}

TEST_F(Evaluation, SaysWhatCannotBeMeasured) {
  Evaluator plain(
      {.reference = {normal_rows(1), normal_rows(1), {}}, .baseline = {}, .training = {}}, {});
  for (const Measure measure :
       {Measure::kInceptionScore, Measure::kModes, Measure::kMsSsim, Measure::kMemorisation}) {
    EXPECT_NE(plain.obstacle(measure, kRows), "");
    expect_error(ErrorKind::kUsage, enum_name(measure), [&] {
      plain.scores(measure, {normal_rows(4), normal_rows(4), {}});
    });
  }
  EXPECT_TRUE(
      std::isnan(plain.scores(Measure::kFrechet, {normal_rows(4), normal_rows(4), {}})[0].real));
  expect_error(ErrorKind::kUsage, "--transport-n", [&] { Evaluator(data, {.transport_n = 1}); });
  const at::Tensor other = random_tensor({kRows, 3}, 5);
  expect_error(ErrorKind::kUsage, "",
               [&] { evaluator.scores(Measure::kFrechet, observed(other)); });
}

TEST_F(Evaluation, SetsOneHalfOfTheRealRowsAgainstTheOther) {
  const Observed real = observed(normal_rows(1));
  EvaluationData of_halves{.reference = real,
                           .baseline = rows_between(real, 0, kRows / 2),
                           .baseline_reference = rows_between(real, kRows / 2, kRows),
                           .training = {}};
  Evaluator halves(of_halves, {});
  const Score frechet = halves.scores(Measure::kFrechet, observed(normal_rows(4)))[0];
  EXPECT_EQ(frechet.value, frechet_distance(normal_rows(4), normal_rows(1)));
  EXPECT_EQ(frechet.real, frechet_distance(normal_rows(1).slice(0, 0, kRows / 2),
                                           normal_rows(1).slice(0, kRows / 2)));
  // Halves too small for a measure leave its real value unknown.
  EvaluationData tiny{.reference = rows_between(real, 0, 8),
                      .baseline = rows_between(real, 0, 4),
                      .baseline_reference = rows_between(real, 4, 8),
                      .training = {}};
  Evaluator few(tiny, {});
  EXPECT_TRUE(std::isnan(few.scores(Measure::kNeighbours, rows_between(real, 8, 16))[0].real));
  EXPECT_NE(few.obstacle(Measure::kNeighbours, 5), "");
}

TEST(Measures, AreReadFromText) {
  EXPECT_EQ(parse_measures("quick"), quick_measures());
  EXPECT_EQ(quick_measures().front(), Measure::kFrechet);
  EXPECT_EQ(parse_measures("w1,frechet,w1"), (std::vector{Measure::kW1, Measure::kFrechet}));
  EXPECT_EQ(parse_measures("all").size(), std::size(EnumNames<Measure>::kNames));
  expect_error(ErrorKind::kUsage, "'fid' is not known", [] { parse_measures("fid"); });
  expect_error(ErrorKind::kUsage, "'fid' is no score", [] { measure_of("fid"); });
}

TEST(Scores, KeepInfinitiesInJson) {
  const auto json = score_to_json({.name = "modes-kl", .value = INFINITY, .real = 0.5});
  EXPECT_EQ(json.at("value"), "inf");
  EXPECT_TRUE(json.at("deviation").is_null());
  EXPECT_EQ(json.at("real"), 0.5);
}

}  // namespace
}  // namespace wgan
