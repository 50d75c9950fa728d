// The Inception Score equals SciPy's entropies, and its bounds where they are known.
#include "wgan/metrics/inception_score.h"

#include <limits>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

void expect_scores(const InceptionScore& found, const nlohmann::json& fixture) {
  const std::vector<double> values = fixture.at("values");
  ASSERT_EQ(found.values.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(found.values[i], values[i], 1e-13);
  EXPECT_NEAR(found.mean, fixture.at("mean").get<double>(), 1e-13);
  EXPECT_NEAR(found.deviation, fixture.at("deviation").get<double>(), 1e-13);
}

TEST(InceptionScore, EqualsSciPysEntropies) {
  const auto& fixture = measure_fixtures().at("inception");
  const at::Tensor logits = tensor_of(fixture.at("logits"));
  for (const int64_t splits : {1, 10}) {
    const auto& expected = fixture.at(std::to_string(splits));
    expect_scores(inception_score_of_logits(logits, splits), expected);
    expect_scores(inception_score_of_logits(logits + 1000, splits), expected);
    expect_scores(inception_score_of_probabilities(torch::softmax(logits, 1), splits), expected);
  }
}

TEST(InceptionScore, ReachesItsBounds) {
  // Sure of each sample, and all classes alike: K. Certain probabilities are 0 and 1.
  const at::Tensor sure = torch::eye(7).repeat({4, 1});
  EXPECT_NEAR(inception_score_of_probabilities(sure, 4).mean, 7, 1e-12);
  EXPECT_NEAR(inception_score_of_logits(sure * 1e6, 4).mean, 7, 1e-12);
  // One class alone, or no idea: 1.
  EXPECT_EQ(inception_score_of_probabilities(sure.slice(0, 0, 1).repeat({9, 1}), 3).mean, 1);
  EXPECT_NEAR(inception_score_of_logits(torch::zeros({20, 5})).mean, 1, 1e-14);
}

TEST(InceptionScore, DoesNotDependOnTheBlocksNorOnTheOrderWithinASplit) {
  const at::Tensor logits = gaussian_rows(2500, 4, 1);
  const at::Tensor p = torch::softmax(logits, 1), mean = p.mean(0);
  const double truth = (p * (p / mean).log()).sum(1).mean().exp().item<double>();
  EXPECT_NEAR(inception_score_of_logits(logits, 1).mean, truth, 1e-13);
  EXPECT_NEAR(inception_score_of_logits(scrambled_rows(logits), 1).mean, truth, 1e-13);
}

// The logarithms of float32 probabilities would round to sums off by 1e-5.
TEST(InceptionScore, ComputesInDoubleFromSinglePrecision) {
  const at::Tensor logits = (gaussian_rows(5000, 100, 2) * 4).to(torch::kFloat32);
  EXPECT_NEAR(inception_score_of_logits(logits).mean,
              inception_score_of_logits(logits.to(torch::kFloat64)).mean, 1e-12);
}

TEST(InceptionScore, RefusesWhatIsNoClassification) {
  const at::Tensor zeros = torch::zeros({20, 5});
  expect_error(ErrorKind::kUsage, "0 splits", [&] { inception_score_of_logits(zeros, 0); });
  expect_error(ErrorKind::kUsage, "20 rows of 5 values, wanted at least 21",
               [&] { inception_score_of_logits(zeros, 21); });
  expect_error(ErrorKind::kUsage, "wanted [N, D]", [&] { inception_score_of_logits(zeros[0]); });
  expect_error(ErrorKind::kData, "NaN", [&] {
    inception_score_of_logits(zeros + std::numeric_limits<double>::quiet_NaN());
  });
  expect_error(ErrorKind::kData, "smallest value 0 or a sum that is 1 away",
               [&] { inception_score_of_probabilities(zeros); });
  expect_error(ErrorKind::kData, "smallest value -0.3", [&] {
    inception_score_of_probabilities(zeros + torch::tensor({-0.3, 0.3, 1., 0., 0.}));
  });
}

}  // namespace
}  // namespace wgan
