// When threads are taken to stand in one another's way, and that the watch begins and ends.
#include "wgan/nn/crowd_watch.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

TEST(CrowdWatch, CallsAMachineCrowdedWhereThreadsAndOthersDoNotFit) {
  EXPECT_FALSE(is_crowded(/*threads=*/2, /*others=*/0, /*processors=*/2, false));
  EXPECT_FALSE(is_crowded(2, 0.2, 2, false));  // the odd process
  EXPECT_TRUE(is_crowded(2, 1, 2, false));
  EXPECT_FALSE(is_crowded(2, 1, 4, false));  // there is room
  EXPECT_TRUE(is_crowded(4, 1, 4, false));
  EXPECT_TRUE(is_crowded(3, 0, 2, false));   // of its own making
  EXPECT_FALSE(is_crowded(1, 5, 2, false));  // one thread waits for none
}

TEST(CrowdWatch, HoldsOnToItsAnswer) {
  EXPECT_TRUE(is_crowded(2, 0.2, 2, true));
  EXPECT_FALSE(is_crowded(2, 0.1, 2, true));
}

TEST(CrowdWatch, EndsAtOnce) {
  for (int i = 0; i < 100; ++i) const CrowdWatch watch;
}

}  // namespace
}  // namespace wgan
