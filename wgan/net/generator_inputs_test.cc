// What stands behind a seed is written down, and wrong wishes are refused.
#include "wgan/net/generator_inputs.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "wgan/core/random.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

const std::vector<uint64_t> kSeeds{0, 1, 5};

DataDescription described() {
  DataDescription data;
  data.class_names = {"a", "b", "c"};
  data.class_rows = {4, 0, 2};
  data.condition_scale = {{10}, {2}};
  data.conditions = {8, 12};
  return data;
}

// The rule of docs/formats.md, written out: Philox blocks at counter (block, 0, 0, 6 << 24), and
// Box and Muller's transform of each pair of their numbers.
TEST(GeneratorInputs, FollowTheWrittenRule) {
  constexpr uint64_t kSeed = 0x123456789abcULL;
  std::vector<float> z(7);
  fill_latent_of_seed(kSeed, LatentDist::kNormal, z);
  for (uint32_t i = 0; i < z.size(); ++i) {
    const auto block =
        philox4x32({i / 4, 0, 0, 6U << 24}, {uint32_t{kSeed & 0xffffffff}, uint32_t{kSeed >> 32}});
    const uint32_t pair = i % 4 / 2 * 2;
    const double radius = std::sqrt(-2 * std::log((block[pair] + 1.0) / 4294967296.0));
    const double angle = 2 * std::numbers::pi * block[pair + 1] / 4294967296.0;
    EXPECT_FLOAT_EQ(z[i],
                    static_cast<float>(radius * (i % 2 == 0 ? std::cos(angle) : std::sin(angle))));
  }
}

TEST(GeneratorInputs, HaveThreePartsASeed) {
  const InputParts parts{2, LatentDist::kUniform, {3, 1}};
  const auto inputs = inputs_of_seeds(parts, described(), kSeeds, {.truncation = 0.5});
  ASSERT_EQ(inputs.size(), 3u * 6);
  std::vector<float> z(2);
  fill_latent_of_seed(5, LatentDist::kUniform, z);
  // Seed 5 is of the second class that has rows, and of the second row of conditions.
  const std::vector<float> last(inputs.end() - 6, inputs.end());
  EXPECT_EQ(last, (std::vector<float>{z[0] / 2, z[1] / 2, 0, 0, 1, 1}));
  const auto of_one =
      inputs_of_seeds(parts, described(), kSeeds, {.class_number = 1, .conditions = {14}});
  EXPECT_EQ(of_one[3], 1);
  EXPECT_EQ(of_one[5], 2);
  EXPECT_EQ(of_one[17], 2);
  const auto of_each = inputs_of_seeds(parts, described(), kSeeds,
                                       {.classes = {2, 0, 1}, .conditions = {14, 16, 18}});
  EXPECT_EQ(of_each[4], 1);
  EXPECT_EQ(of_each[17], 4);
}

TEST(GeneratorInputs, RefuseWrongWishes) {
  const InputParts parts{2, LatentDist::kNormal, {3, 1}};
  const auto refused = [&](const InputParts& of, const WantedInputs& wanted, const char* what,
                           const DataDescription& data) {
    expect_error(ErrorKind::kUsage, what, [&] { inputs_of_seeds(of, data, kSeeds, wanted); });
  };
  refused(parts, {.truncation = 0}, "--truncation is 0", described());
  refused(parts, {.truncation = 1.1}, "--truncation is 1.1", described());
  refused(parts, {.class_number = 3}, "class 3, wanted 0 to 2", described());
  refused(parts, {.class_number = -1}, "class -1", described());
  refused(parts, {.conditions = {1, 2}}, "2 conditions for 3 samples", described());
  refused(parts, {.conditions = {std::numeric_limits<double>::infinity()}}, "not finite",
          described());
  refused({2, LatentDist::kNormal, {}}, {.conditions = {1}}, "not conditioned on any", described());
  DataDescription without = described();
  without.conditions.clear();
  refused(parts, {}, "none given", without);
}

}  // namespace
}  // namespace wgan
