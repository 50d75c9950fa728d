// Philox against the published known answers, and the distributions against their moments.
#include "wgan/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace wgan {
namespace {

// Known answers of Random123 1.14 (kat_vectors, philox4x32 with 10 rounds).
TEST(Philox, MatchesThePublishedKnownAnswers) {
  using Block = std::array<uint32_t, 4>;
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox4x32({ones, ones, ones, ones}, {ones, ones}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Draws, DifferInEveryPartOfTheAddress) {
  const RandomAddress base{1, Stream::kTest, 2, 3};
  std::set<uint32_t> seen{Draws(base).bits()};
  for (const RandomAddress& other :
       {RandomAddress{2, Stream::kTest, 2, 3}, RandomAddress{1, Stream::kInit, 2, 3},
        RandomAddress{1, Stream::kTest, 3, 3}, RandomAddress{1, Stream::kTest, 2, 4},
        RandomAddress{1, Stream::kTest, 2 + (uint64_t{1} << 32), 3},
        RandomAddress{1, Stream::kTest, 2, 3 + (uint64_t{1} << 32)},
        RandomAddress{1 + (uint64_t{1} << 32), Stream::kTest, 2, 3}}) {
    EXPECT_TRUE(seen.insert(Draws(other).bits()).second);
  }
}

TEST(Draws, NormalsHaveTheMomentsOfAStandardNormal) {
  std::vector<float> values(200'000);
  fill_normal({7, Stream::kTest, 0, 0}, values);
  double mean = 0, square = 0, fourth = 0;
  for (const float v : values) {
    mean += v;
    square += double{v} * v;
    fourth += std::pow(double{v}, 4);
  }
  const double n = static_cast<double>(values.size());
  EXPECT_NEAR(mean / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(square / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(fourth / n, 3, 5 * std::sqrt(96 / n));
}

TEST(Draws, UniformsStayInTheUnitIntervalAndFillIt) {
  std::vector<float> values(100'000);
  fill_uniform({7, Stream::kTest, 1, 0}, values);
  std::vector<int> bins(10);
  for (const float v : values) {
    ASSERT_GE(v, 0);
    ASSERT_LT(v, 1);
    ++bins[static_cast<size_t>(v * 10)];
  }
  for (const int count : bins) EXPECT_NEAR(count, 10'000, 500);
}

TEST(Draws, BelowIsUniform) {
  Draws draws({1, Stream::kTest, 0, 0});
  std::vector<int> counts(7);
  for (int i = 0; i < 70'000; ++i) ++counts.at(draws.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 500);
}

TEST(PermutedIndex, IsAPermutationForEverySizeAndChangesWithTheEpoch) {
  for (const uint64_t n : {1, 2, 3, 7, 64, 65, 1000, 60'000}) {
    std::set<uint64_t> seen;
    uint64_t fixed = 0, same = 0;
    for (uint64_t i = 0; i < n; ++i) {
      const uint64_t image = permuted_index(5, Stream::kShuffle, 0, i, n);
      ASSERT_LT(image, n);
      seen.insert(image);
      fixed += image == i;
      same += image == permuted_index(5, Stream::kShuffle, 1, i, n);
    }
    EXPECT_EQ(seen.size(), n);
    if (n >= 1000) {
      EXPECT_LT(fixed, 10);
      EXPECT_LT(same, 10);
    }
  }
}

}  // namespace
}  // namespace wgan
