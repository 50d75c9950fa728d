// The pairs have the distance that they claim: the potential is nowhere steeper than 1, all move
// along it, and exact transport between samples agrees.
#include "wgan/lab/funnels.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

#include "wgan/core/error.h"
#include "wgan/metrics/transport.h"

namespace wgan {
namespace {

constexpr int64_t kRows = 400;

double largest(const at::Tensor& values) { return values.abs().max().item<double>(); }

at::Tensor norms(const at::Tensor& rows) { return rows.norm(2, {1}); }

struct Size {
  int64_t dimensions, funnels;
};

class Funnels : public testing::TestWithParam<Size> {
 protected:
  const FunnelPair pair_{GetParam().dimensions, GetParam().funnels, 3};
  const at::Tensor x_ = pair_.uniform(kRows, 0).to(torch::kFloat64);
  const at::Tensor moved_ = pair_.transported(x_);
};

TEST_P(Funnels, PotentialIsNowhereSteeperThanOne) {
  const at::Tensor u = pair_.potential(x_);
  EXPECT_LE(((u.unsqueeze(1) - u).abs() - at::cdist(x_, x_, 2, 2)).max().item<double>(), 1e-12);
}

// Down the ray: u falls by as much as x moves, which no other direction allows.
TEST_P(Funnels, MovesAgainstTheSlopeByWhatThePotentialFalls) {
  const at::Tensor fall = pair_.potential(x_) - pair_.potential(moved_);
  EXPECT_LE(largest(fall - norms(x_ - moved_)), 1e-9);
  EXPECT_GT(fall.mean().item<double>(), 0.01);
  EXPECT_LE(largest(moved_), 2.5 + 1e-9);
}

// Along the ray u rises at slope 1 to its edge; past that it does not, or the cube ends.
TEST_P(Funnels, RaysEndWhereTheNextFunnelOrTheCubeDoes) {
  const auto [centre, edge] = pair_.rays(x_);
  const at::Tensor direction = (edge - centre) / norms(edge - centre).unsqueeze(1);
  EXPECT_LE(largest(pair_.potential(edge) - pair_.potential(x_) - norms(edge - x_)), 1e-9);
  EXPECT_LE(largest(norms(x_ - centre) + norms(edge - x_) - norms(edge - centre)), 1e-9);
  const double past = 1e-3;
  const at::Tensor beyond = edge + past * direction;
  const at::Tensor rise = pair_.potential(beyond) - pair_.potential(edge);
  const at::Tensor outside = std::get<0>(beyond.abs().max(1)) > 2.5;
  EXPECT_TRUE((outside | (rise < past - 1e-10)).all().item<bool>());
}

// The potential proves the pairs (x, T(x)) optimal for the samples too, so that no solver may find
// a better plan.
TEST_P(Funnels, ExactTransportOfTheSamplesCostsWhatTheMapDoes) {
  EXPECT_NEAR(wasserstein(moved_, x_, 1), norms(x_ - moved_).mean().item<double>(), 1e-9);
}

TEST_P(Funnels, DistanceIsTheFallOfThePotentialBetweenTheTwoDistributions) {
  constexpr int64_t kMany = 20000;
  const FunnelPair::Distance distance = pair_.distance(kMany);
  const at::Tensor up = pair_.potential(pair_.uniform(kMany, 1));
  const at::Tensor down = pair_.potential(pair_.moved(kMany, 1));
  const double noise = std::sqrt((up.var() + down.var()).item<double>() / kMany);
  EXPECT_NEAR((up.mean() - down.mean()).item<double>(), distance.value,
              5 * (noise + distance.error));
}

INSTANTIATE_TEST_SUITE_P(Sizes, Funnels,
                         testing::Values(Size{1, 3}, Size{2, 1}, Size{2, 4}, Size{2, 64},
                                         Size{16, 64}, Size{128, 256}),
                         [](const auto& size) {
                           return std::to_string(size.param.dimensions) + "Dimensions" +
                                  std::to_string(size.param.funnels) + "Funnels";
                         });

// One funnel at c: x goes to c + (|x - c| / R)^8 R v, R to the side of the interval.
TEST(Funnel, OnTheLineIsTheClosedForm) {
  const FunnelPair pair(1, 1, 5);
  const at::Tensor x = pair.uniform(50, 0).to(torch::kFloat64);
  const double c = pair.rays(x).centre[0].item<double>();
  const at::Tensor ray = 2.5 - c * (x - c).sign();
  const at::Tensor expected = c + (x - c).sign() * ((x - c).abs() / ray).pow(8) * ray;
  EXPECT_LE(largest(pair.transported(x) - expected), 1e-12);
}

// The lengths hardly vary between draws of 256 funnels in 128 dimensions: the authors' pair has
// 1.042, and of 64 in 16 dimensions 1.554.
TEST(Funnel, DistancesInManyDimensionsAreThePublishedOnes) {
  EXPECT_NEAR(FunnelPair(128, 256, 0).distance(4096).value, 1.042, 0.03);
  EXPECT_NEAR(FunnelPair(16, 64, 0).distance(4096).value, 1.554, 0.1);
}

TEST(Funnel, SamplesAreFunctionsOfTheirPlace) {
  const FunnelPair pair(3, 4, 1);
  EXPECT_TRUE(at::equal(pair.moved(8, 2), FunnelPair(3, 4, 1).moved(8, 2)));
  EXPECT_FALSE(at::equal(pair.uniform(8, 2), pair.uniform(8, 3)));
  EXPECT_FALSE(at::equal(pair.uniform(8, 2), FunnelPair(3, 4, 2).uniform(8, 2)));
  EXPECT_FALSE(
      at::allclose(pair.moved(8, 2), pair.transported(pair.uniform(8, 2)).to(torch::kFloat32)));
}

TEST(Funnel, RefusesNone) {
  EXPECT_THROW(FunnelPair(2, 0, 0), Error);
  EXPECT_THROW(FunnelPair(0, 2, 0), Error);
}

}  // namespace
}  // namespace wgan
