// Sizes of shapes are exact or refused, never wrapped around.
#include "wgan/io/shape_bytes.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace wgan {
namespace {

TEST(ShapeBytes, AreTheProductOrNothing) {
  using Shape = std::vector<int64_t>;
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(shape_bytes(Shape{}, 8), 8u);
  EXPECT_EQ(shape_bytes(Shape{3, 4}, 4), 48u);
  EXPECT_EQ(shape_bytes(Shape{3, 0, 4}, 4), 0u);
  EXPECT_EQ(shape_bytes(Shape{kMax}, 1), static_cast<uint64_t>(kMax));
  EXPECT_EQ(shape_bytes(Shape{kMax}, 2), std::nullopt);
  EXPECT_EQ(shape_bytes(Shape{int64_t{1} << 32, int64_t{1} << 32}, 1), std::nullopt);
  EXPECT_EQ(shape_bytes(Shape{0, int64_t{1} << 32, int64_t{1} << 32}, 1), std::nullopt);
  EXPECT_EQ(shape_bytes(Shape{-1}, 1), std::nullopt);
}

}  // namespace
}  // namespace wgan
