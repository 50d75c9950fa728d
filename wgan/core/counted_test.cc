// One thing is a thing, and every other number of them are things.
#include "wgan/core/counted.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace wgan {
namespace {

TEST(Counted, TellsOneFromMany) {
  EXPECT_EQ(counted(1, "file"), "1 file");
  EXPECT_EQ(counted(0, "file"), "0 files");
  EXPECT_EQ(counted(size_t{2}, "file"), "2 files");
  EXPECT_EQ(counted(int64_t{-1}, "step"), "-1 steps");
}

TEST(Counted, TakesPluralsOfTheirOwn) {
  EXPECT_EQ(counted(1, "class", "classes"), "1 class");
  EXPECT_EQ(counted(uint64_t{10}, "class", "classes"), "10 classes");
}

TEST(Counted, GivesTheNounAlone) {
  EXPECT_EQ(noun(1, "image"), "image");
  EXPECT_EQ(noun(12345, "image"), "images");
  EXPECT_EQ(noun(0, "batch", "batches"), "batches");
}

}  // namespace
}  // namespace wgan
