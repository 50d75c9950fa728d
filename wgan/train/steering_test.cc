// The rule moves as published, whatever the level and the scale of the scores.
#include "wgan/train/steering.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

TEST(Steering, MovesAsPublishedAndFasterOnSmallSets) {
  EXPECT_DOUBLE_EQ(steering_move(50, 50'000), 4 * 50 / 500e3);
  EXPECT_DOUBLE_EQ(steering_move(32, 1000), 4 * 32 / 40e3);
}

TEST(Steering, MovesTowardsTheTarget) {
  Steering s;
  for (int look = 0; look < 100; ++look)
    steer(s, {.train = 1, .held_out = 0.1, .fake = 0}, 0.6, 0.8, 4e-4);
  EXPECT_NEAR(s.strength, 100 * 4e-4, 1e-12);
  EXPECT_NEAR(s.overfitting(), 0.9, 1e-12);
  for (int look = 0; look < 30; ++look)
    steer(s, {.train = 1, .held_out = 1, .fake = 0}, 0.6, 0.8, 4e-4);
  EXPECT_LT(s.overfitting(), 0.1);
  EXPECT_LT(s.strength, 100 * 4e-4);
}

TEST(Steering, DoesNotDependOnLevelAndScaleOfTheScores) {
  Steering a, b;
  for (int look = 0; look < 50; ++look) {
    const double lead = look % 3 == 0 ? 0.9 : 0.4;
    steer(a, {.train = 1, .held_out = 1 - lead, .fake = 0}, 0.6, 0.8, 5e-4);
    steer(b, {.train = -70, .held_out = -70 - 5 * lead, .fake = -75}, 0.6, 0.8, 5e-4);
    EXPECT_DOUBLE_EQ(a.strength, b.strength);
    EXPECT_NEAR(a.overfitting(), b.overfitting(), 1e-12);
  }
}

TEST(Steering, StaysBetweenNothingAndTheMost) {
  Steering s;
  steer(s, {.train = 1, .held_out = 1, .fake = 0}, 0.6, 0.8, 5e-4);
  EXPECT_EQ(s.strength, 0);
  for (int look = 0; look < 5000; ++look)
    steer(s, {.train = 1, .held_out = 0, .fake = 0}, 0.6, 0.8, 5e-4);
  EXPECT_EQ(s.strength, 0.8);
  // A critic that scores fakes above the data has learned nothing by heart.
  Steering lost{.strength = 0.5};
  steer(lost, {.train = 0, .held_out = -1, .fake = 1}, 0.6, 0.8, 5e-4);
  EXPECT_LT(lost.strength, 0.5);
}

}  // namespace
}  // namespace wgan
