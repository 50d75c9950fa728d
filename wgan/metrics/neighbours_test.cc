// Neighbours, precision, recall, density and coverage equal SciPy's distances, ties included.
#include "wgan/metrics/neighbours.h"

#include <cmath>
#include <limits>

#include "wgan/metrics/measures_test_support.h"

namespace wgan {
namespace {

constexpr auto kNeighboursDouble = torch::kFloat64;

void expect_measures(const NeighbourMeasures& found, const nlohmann::json& fixture) {
  EXPECT_DOUBLE_EQ(found.precision, fixture.at("precision").get<double>());
  EXPECT_DOUBLE_EQ(found.recall, fixture.at("recall").get<double>());
  EXPECT_DOUBLE_EQ(found.density, fixture.at("density").get<double>());
  EXPECT_DOUBLE_EQ(found.coverage, fixture.at("coverage").get<double>());
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

TEST(Neighbours, EqualSciPys) {
  const auto& fixture = measure_fixtures().at("neighbours");
  const at::Tensor real = tensor_of(fixture.at("real")), fake = tensor_of(fixture.at("fake"));
  for (const int64_t k : {3, 5}) {
    const auto& expected = fixture.at("k" + std::to_string(k));
    EXPECT_LT(largest_difference(neighbour_radii(real, k), tensor_of(expected.at("radii"))), 1e-14);
    expect_measures(neighbour_measures(real, fake, k), expected);
    expect_measures(neighbour_measures(scrambled_rows(real), scrambled_rows(fake), k), expected);
    expect_measures(neighbour_measures(real + 1e6, fake + 1e6, k), expected);
  }
  const Neighbours nearest = nearest_neighbours(fake, real);
  EXPECT_LT(largest_difference(nearest.distance, tensor_of(fixture.at("k3").at("nearest"))), 1e-14);
  EXPECT_EQ(largest_difference(nearest.index, tensor_of(fixture.at("k3").at("index"))), 0);
}

// Many distances are the same, and many points lie on the rims of balls.
TEST(Neighbours, EqualSciPysWhereDistancesAreTied) {
  const auto& fixture = measure_fixtures().at("grid");
  const at::Tensor real = tensor_of(fixture.at("real")), fake = tensor_of(fixture.at("fake"));
  const auto& expected = fixture.at("k3");
  for (const double scale : {1.0, 0.1}) {
    for (const double offset : {0.0, 0.3}) {
      const at::Tensor moved = (real - offset) * scale;
      if (scale == 1 && offset == 0) {
        expect_measures(neighbour_measures(real, fake, 3), expected);
        expect_measures(neighbour_measures(real.to(torch::kUInt8), fake.to(torch::kUInt8), 3),
                        expected);
        EXPECT_LT(largest_difference(nearest_neighbours(fake, real).distance,
                                     tensor_of(expected.at("nearest"))),
                  1e-15);
      }
      // Each real ball holds its own centre, its k neighbours and whatever is tied with the last.
      const NeighbourMeasures self = neighbour_measures(moved, moved, 3);
      EXPECT_EQ(self.precision, 1);
      EXPECT_EQ(self.recall, 1);
      EXPECT_EQ(self.coverage, 1);
      EXPECT_GE(self.density, 4.0 / 3);
      EXPECT_TRUE(self.real_balls.equal(self.fake_balls));
    }
  }
}

TEST(Neighbours, OfASetWithoutTiesAgainstItselfHaveOneMoreInEachBall) {
  const at::Tensor x = gaussian_rows(300, 20, 1);
  const NeighbourMeasures self = neighbour_measures(x, x, 4);
  EXPECT_DOUBLE_EQ(self.density, 5.0 / 4);
  EXPECT_EQ(self.precision, 1);
}

TEST(Neighbours, FindCopiesAtDistanceZeroAndDuplicatesAtRadiusZero) {
  const at::Tensor base = (gaussian_rows(3000, 50, 2) * 100 + 1e4).to(torch::kFloat32);
  const at::Tensor copies = base.slice(0, 0, 3000, 7);
  const Neighbours found = nearest_neighbours(copies, base);
  EXPECT_EQ(found.distance.max().item<double>(), 0);
  EXPECT_TRUE(found.index.equal(torch::arange(0, 3000, 7)));
  const at::Tensor twice = torch::cat({base, base});
  EXPECT_EQ(neighbour_radii(twice, 1).max().item<double>(), 0);
  EXPECT_TRUE(neighbour_radii(twice, 2).gt(0).all().item<bool>());
  const at::Tensor collapsed = torch::ones({40, 3});
  const NeighbourMeasures point = neighbour_measures(collapsed, collapsed.slice(0, 0, 30), 5);
  EXPECT_EQ(point.precision, 1);
  EXPECT_EQ(point.coverage, 1);
  EXPECT_EQ(point.density, 8);  // each sample lies in all 40 balls
}

// More rows than a block of queries and a block of the base hold.
TEST(Neighbours, DoNotDependOnTheBlocks) {
  const at::Tensor real = gaussian_rows(2500, 2, 3), fake = gaussian_rows(1100, 2, 4) * 1.3;
  const at::Tensor across = torch::cdist(real, fake, 2.0, 2);  // from differences
  const auto radii = [](const at::Tensor& x, int64_t k) {
    return std::get<0>(torch::cdist(x, x, 2.0, 2).kthvalue(k + 1, 1));
  };
  const at::Tensor real_radii = radii(real, 5), fake_radii = radii(fake, 5);
  const at::Tensor in_real = across.le(real_radii.unsqueeze(1));
  const at::Tensor in_fake = across.le(fake_radii.unsqueeze(0));
  const NeighbourMeasures found = neighbour_measures(real, fake, 5);
  EXPECT_TRUE(found.real_balls.equal(in_real.sum(0)));
  EXPECT_TRUE(found.fake_balls.equal(in_fake.sum(1)));
  EXPECT_TRUE(found.covered.equal(in_real.any(1)));
  EXPECT_LT(largest_difference(neighbour_radii(real, 5), real_radii), 1e-14);
  const auto [distance, index] = across.min(0);
  const Neighbours nearest = nearest_neighbours(fake, real);
  EXPECT_LT(largest_difference(nearest.distance, distance), 1e-14);
  EXPECT_TRUE(nearest.index.equal(index));
}

// The four measures are chance: they lie where ten draws in NumPy lie.
TEST(Neighbours, GiveTheKnownValuesForEqualGaussians) {
  const auto& known = measure_fixtures().at("gaussian_neighbours");
  const NeighbourMeasures found =
      neighbour_measures(gaussian_rows(1000, 64, 5), gaussian_rows(1000, 64, 6), 5);
  for (const auto& [name, value] : {std::pair{"precision", found.precision},
                                    {"recall", found.recall},
                                    {"density", found.density},
                                    {"coverage", found.coverage}}) {
    EXPECT_NEAR(value, known.at(name).at("mean").get<double>(),
                4 * known.at(name).at("deviation").get<double>())
        << name;
  }
}

TEST(Neighbours, TellFidelityFromDiversity) {
  const at::Tensor real = gaussian_rows(400, 4, 7);
  const NeighbourMeasures narrow = neighbour_measures(real, gaussian_rows(400, 4, 8) * 0.1, 5);
  EXPECT_GT(narrow.precision, 0.95);
  EXPECT_LT(narrow.recall, 0.05);
  const NeighbourMeasures wide = neighbour_measures(real, gaussian_rows(400, 4, 9) * 10, 5);
  EXPECT_LT(wide.precision, 0.2);
  EXPECT_GT(wide.recall, 0.95);
  const NeighbourMeasures apart = neighbour_measures(real, real + 1000, 5);
  EXPECT_EQ(apart.precision + apart.recall + apart.density + apart.coverage, 0);
}

TEST(Neighbours, RefuseWhatHasNone) {
  const at::Tensor x = torch::zeros({4, 3});
  expect_error(ErrorKind::kUsage, "neighbour number 4 of 4 rows, wanted 1 to 3",
               [&] { neighbour_radii(x, 4); });
  expect_error(ErrorKind::kUsage, "neighbour number 0", [&] { neighbour_measures(x, x, 0); });
  expect_error(ErrorKind::kUsage, "the base: 0 rows",
               [&] { nearest_neighbours(x, x.slice(0, 0, 0)); });
  expect_error(ErrorKind::kUsage, "3 and of 2", [&] { nearest_neighbours(x, x.slice(1, 0, 2)); });
  expect_error(ErrorKind::kUsage, "3 and of 2",
               [&] { neighbour_measures(x, x.slice(1, 0, 2), 1); });
  expect_error(ErrorKind::kData, "generated features: holds NaN",
               [&] { neighbour_measures(x, x + std::numeric_limits<double>::infinity(), 1); });
  EXPECT_EQ(nearest_neighbours(x.slice(0, 0, 0), x).index.size(0), 0);
}

}  // namespace
}  // namespace wgan
