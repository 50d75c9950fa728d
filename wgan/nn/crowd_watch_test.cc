// When threads are taken to stand in one another's way, and that the watch begins and ends.
#include "wgan/nn/crowd_watch.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

TEST(CrowdWatch, CallsAMachineCrowdedWhereOthersWorkAndNothingIsFree) {
  EXPECT_FALSE(is_crowded({.own = 2, .others = 0.1}, /*processors=*/2, false));
  EXPECT_FALSE(is_crowded({.own = 1.6, .others = 0.4}, 2, false));  // a little work now and then
  EXPECT_TRUE(is_crowded({.own = 1, .others = 1}, 2, false));
  EXPECT_FALSE(is_crowded({.own = 2, .others = 1}, 4, false));  // there is room
  EXPECT_TRUE(is_crowded({.own = 3, .others = 1}, 4, false));
}

// A sleeping team leaves some of the processors free.
TEST(CrowdWatch, HoldsOnToItsAnswer) {
  EXPECT_FALSE(is_crowded({.own = 0.5, .others = 1}, 2, false));
  EXPECT_TRUE(is_crowded({.own = 0.5, .others = 1}, 2, true));
  EXPECT_TRUE(is_crowded({.own = 1.5, .others = 0.4}, 2, true));
  EXPECT_FALSE(is_crowded({.own = 1.7, .others = 0.2}, 2, true));
}

TEST(CrowdWatch, EndsAtOnce) {
  for (int i = 0; i < 100; ++i) const CrowdWatch watch;
}

}  // namespace
}  // namespace wgan
