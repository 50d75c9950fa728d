// Every part is done once, whoever asks, and threads meet again and again.
#include "wgan/infer/team.h"

#include <gtest/gtest.h>

namespace wgan::infer {
namespace {

TEST(Team, DoesEveryPartOnceInEachRound) {
  Team team;
  for (const int32_t count : {1, 4, 2, 7, 3}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<std::atomic<int>> done(static_cast<size_t>(count));
      team.run(count, [&](int32_t part) { ++done[static_cast<size_t>(part)]; });
      for (const auto& times : done) EXPECT_EQ(times, 1);
    }
  }
}

TEST(Team, TakesTurnsBetweenCallers) {
  Team team;
  std::atomic<int> sum = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] {
      for (int round = 0; round < 100; ++round) team.run(3, [&](int32_t part) { sum += part; });
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 4 * 100 * 3);
}

TEST(Team, MembersMeet) {
  constexpr int32_t kCount = 3;
  Team team;
  Meeting meeting(kCount);
  std::vector<int> steps(kCount);
  std::atomic<bool> apart = false;
  team.run(kCount, [&](int32_t part) {
    for (int step = 1; step <= 200; ++step) {
      steps[static_cast<size_t>(part)] = step;
      meeting.arrive_and_wait();
      for (const int other : steps) apart = apart || other != step;
      meeting.arrive_and_wait();
    }
  });
  EXPECT_FALSE(apart);
}

}  // namespace
}  // namespace wgan::infer
