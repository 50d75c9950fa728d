// Descriptions count what a network holds and does.
#include "wgan/net/describe.h"

#include <gtest/gtest.h>

#include "wgan/net/presets.h"
#include "wgan/net/test_support.h"

namespace wgan {
namespace {

TEST(Describe, CountsParametersAndFlops) {
  const auto rows = describe(every_layer());
  ASSERT_EQ(rows.size(), 27u);
  EXPECT_EQ(rows[1].output, (Shape{4, 5, 5}));
  EXPECT_EQ(rows[1].parameters, 3 * 4 * 16);
  EXPECT_EQ(rows[1].flops, 2 * 3 * 16 * 4 * 5 * 5);
  EXPECT_EQ(rows[2].parameters, 8);
  EXPECT_EQ(rows[4].parameters, 4 * 2 * 9);
  EXPECT_EQ(rows[4].flops, 2 * 2 * 9 * 4 * 5 * 5);  // every input pixel meets every weight
  EXPECT_EQ(rows[7].flops, 0);
  EXPECT_EQ(rows[8].parameters, 144 * 5);
  EXPECT_EQ(rows[8].flops, 2 * 144 * 5);
  EXPECT_EQ(rows[21].parameters, 7 * 4 * 6);  // the basis
  EXPECT_EQ(rows[21].flops, 7 * 4 * 6);
  EXPECT_EQ(rows[22].flops, 3 * 7 * 7 * 2 * 3);  // passes along the axes, to twice and once as much
  EXPECT_EQ(rows[23].flops, (3 * 4 * 3 + 3 * 4 * 6) * 7);
  EXPECT_EQ(rows[24].text, "grouped_conv2d 7 -> 14, kernel 3, stride 2, 7 groups");
  EXPECT_EQ(rows[24].parameters, 14 * 9);
  EXPECT_EQ(rows[24].flops, 2 * 9 * 14 * 2 * 3);
  EXPECT_EQ(rows[25].parameters, 14 * 2 * 3);
  EXPECT_EQ(rows[25].flops, 2 * 14 * 2 * 3);
  EXPECT_EQ(rows[26].parameters, (1 + 3) * 14);
  EXPECT_EQ(rows[26].flops, 2 * 14 * 3);
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
