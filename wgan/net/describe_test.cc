// Descriptions count what a network holds and does.
#include "wgan/net/describe.h"

#include <gtest/gtest.h>

#include "wgan/net/presets.h"
#include "wgan/net/test_support.h"

namespace wgan {
namespace {

TEST(Describe, CountsParametersAndFlops) {
  const auto rows = describe(every_layer());
  ASSERT_EQ(rows.size(), 21u);
  EXPECT_EQ(rows[1].output, (Shape{4, 5, 5}));
  EXPECT_EQ(rows[1].parameters, 3 * 4 * 16);
  EXPECT_EQ(rows[1].flops, 2 * 3 * 16 * 4 * 5 * 5);
  EXPECT_EQ(rows[2].parameters, 8);
  EXPECT_EQ(rows[4].parameters, 4 * 2 * 9);
  EXPECT_EQ(rows[4].flops, 2 * 2 * 9 * 4 * 5 * 5);  // every input pixel meets every weight
  EXPECT_EQ(rows[7].flops, 0);
  EXPECT_EQ(rows[8].parameters, 144 * 5);
  EXPECT_EQ(rows[8].flops, 2 * 144 * 5);
}

TEST(Describe, TableEndsInTheTotals) {
  const std::string table = describe_table(mlp_critic({2}, {3, 1, 0}), "critic");
  EXPECT_TRUE(table.starts_with("critic (input 2)\n")) << table;
  Network spectral = mlp_critic({2}, {3, 1, 0});
  spectral.spectral_norm = true;
  EXPECT_TRUE(describe_table(spectral, "critic").starts_with("critic (input 2, spectral norm"));
  // (2*3 + 3) + (3 + 1) parameters; 2*2*3 + 3 + 2*3 FLOPs
  const std::string last = table.substr(table.rfind("total"));
  EXPECT_NE(last.find(" 13 "), std::string::npos) << table;
  EXPECT_NE(last.find(" 21\n"), std::string::npos) << table;
}

}  // namespace
}  // namespace wgan
