// Amounts at the borders of their units.
#include "wgan/core/amounts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wgan {
namespace {

TEST(Amounts, GiveDurationsInTwoUnits) {
  EXPECT_EQ(duration_text(0), "0 s");
  EXPECT_EQ(duration_text(59.4), "59 s");
  EXPECT_EQ(duration_text(59.6), "1 min 00 s");
  EXPECT_EQ(duration_text(3599), "59 min 59 s");
  EXPECT_EQ(duration_text(7800), "2 h 10 min");
  EXPECT_EQ(duration_text(48 * 3600 - 1), "47 h 59 min");
  EXPECT_EQ(duration_text(50 * 3600), "2 days 2 h");
  EXPECT_EQ(duration_text(std::nan("")), "an unknown time");
  EXPECT_EQ(duration_text(std::numeric_limits<double>::infinity()), "11574074074 days 1 h");
}

TEST(Amounts, GiveBytesAndCounts) {
  EXPECT_EQ(bytes_text(999), "999 B");
  EXPECT_EQ(bytes_text(12'340'000), "12.3 MB");
  EXPECT_EQ(count_text(12), "12");
  EXPECT_EQ(count_text(12'345'678), "12,345,678");
  EXPECT_EQ(count_text(-123'456), "-123,456");
  EXPECT_EQ(rough_text(0), "0");
  EXPECT_EQ(rough_text(7.2), "7");
  EXPECT_EQ(rough_text(31'480), "31,000");
  EXPECT_EQ(rough_text(99'900), "100,000");
}

}  // namespace
}  // namespace wgan
