// Quantiles and the test of copying equal NumPy's and SciPy's.
#include "wgan/metrics/memorisation.h"

#include <cmath>
#include <limits>

#include "wgan/metrics/measures_test_support.h"
#include "wgan/metrics/neighbours.h"

namespace wgan {
namespace {

TEST(Memorisation, EqualsSciPysMannWhitneyTestAndNumPysQuantiles) {
  const auto& fixture = measure_fixtures().at("memorisation");
  const at::Tensor samples = tensor_of(fixture.at("samples"));
  const at::Tensor held_out = tensor_of(fixture.at("held_out"));
  const Memorisation found = memorisation(samples, held_out, {.quantile = 0.1});
  EXPECT_NEAR(found.farther, fixture.at("u").get<double>() / (50 * 70), 1e-14);
  EXPECT_NEAR(found.z, fixture.at("z").get<double>(), 1e-9);
  for (size_t i = 0; i < kDistanceQuantiles.size(); ++i) {
    EXPECT_EQ(kDistanceQuantiles[i], fixture.at("quantiles")[i].get<double>());
    EXPECT_NEAR(found.samples[i], fixture.at("sample_quantiles")[i].get<double>(), 1e-14);
    EXPECT_NEAR(found.held_out[i], fixture.at("held_out_quantiles")[i].get<double>(), 1e-14);
  }
  EXPECT_DOUBLE_EQ(found.nearer_share, fixture.at("share_below_tenth").get<double>());
  EXPECT_NEAR(memorisation(held_out, samples).z, -found.z, 1e-12);
  EXPECT_NEAR(memorisation(scrambled_rows(samples), held_out).z, found.z, 1e-12);
}

// Training, held-out and generated rows of one Gaussian; then a tenth of the generated are copies,
// or all lie a little beside training rows.
TEST(Memorisation, TellsCopiesFromSamples) {
  const at::Tensor training = gaussian_rows(2000, 8, 1);
  const auto distances = [&](const at::Tensor& rows) {
    return nearest_neighbours(rows, training).distance;
  };
  const at::Tensor held_out = distances(gaussian_rows(1000, 8, 2));
  const at::Tensor drawn = gaussian_rows(1000, 8, 3);
  const Memorisation honest = memorisation(distances(drawn), held_out);
  EXPECT_LT(std::abs(honest.z), 3);
  EXPECT_NEAR(honest.nearer_share, 0.01, 0.015);
  EXPECT_EQ(honest.copied_share, 0);
  const at::Tensor partly = torch::cat({drawn.slice(0, 100), training.slice(0, 0, 100)});
  const Memorisation copied = memorisation(distances(partly), held_out);
  EXPECT_DOUBLE_EQ(copied.copied_share, 0.1);
  EXPECT_GT(copied.nearer_share, 0.1);
  EXPECT_EQ(copied.samples[2], 0);
  EXPECT_LT(copied.z, honest.z - 3);
  const Memorisation beside =
      memorisation(distances(training.slice(0, 0, 1000) + 0.1 * drawn), held_out);
  EXPECT_EQ(beside.copied_share, 0);
  EXPECT_LT(beside.z, -20);
  EXPECT_LT(beside.farther, 0.1);
  EXPECT_GT(memorisation(distances(2 * drawn), held_out).z, 20);
}

TEST(Memorisation, IsNeutralWhereAllDistancesAreTied) {
  const at::Tensor zeros = torch::zeros(10), one = torch::zeros(1);
  const Memorisation found = memorisation(zeros, one);
  EXPECT_EQ(found.farther, 0.5);
  EXPECT_EQ(found.z, 0);
  EXPECT_EQ(found.copied_share, 1);
  EXPECT_EQ(found.held_out_copied, 1);
  EXPECT_EQ(found.nearer_share, 0);
}

TEST(Memorisation, RefusesWhatIsNoDistance) {
  const at::Tensor good = torch::ones(3);
  expect_error(ErrorKind::kUsage, "the samples' distances: wanted", [&] {
    memorisation(torch::ones({3, 1}), good);
  });
  expect_error(ErrorKind::kUsage, "the held-out distances: wanted",
               [&] { memorisation(good, good.slice(0, 0, 0)); });
  expect_error(ErrorKind::kUsage, "quantile 2", [&] { memorisation(good, good, {.quantile = 2}); });
  expect_error(ErrorKind::kData, "the distance -1", [&] { memorisation(good, -good); });
  expect_error(ErrorKind::kData, "the distance nan",
               [&] { memorisation(good * std::numeric_limits<double>::quiet_NaN(), good); });
}

}  // namespace
}  // namespace wgan
