// Every item is worked on once, whatever the number of threads, and exceptions stop the work.
#include "wgan/core/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace wgan {
namespace {

TEST(ForEachIndex, VisitsEachOnceAndTellsEachEnd) {
  for (const int threads : {0, 1, 3, 100}) {
    for (const int64_t count : {0, 1, 50}) {
      std::vector<std::atomic<int>> visits(count);
      int64_t last = 0;
      for_each_index(
          count, threads, [&](int64_t i) { ++visits[i]; },
          [&](int64_t done) {
            EXPECT_GT(done, last);
            last = done;
          });
      for (const auto& visit : visits) EXPECT_EQ(visit, 1);
      EXPECT_EQ(last, count);
    }
  }
}

TEST(ForEachIndex, ThrowsOnWhatTheWorkThrows) {
  std::atomic<int> visits = 0;
  const auto work = [&](int64_t i) {
    ++visits;
    if (i == 5) throw std::runtime_error("five");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // no thread is done with all before
  };
  EXPECT_THROW(for_each_index(100000, 3, work), std::runtime_error);
  EXPECT_LT(visits, 100000);
}

TEST(ForEachIndex, IsCancelledByAThrowingProgress) {
  std::atomic<int> visits = 0;
  EXPECT_THROW(for_each_index(
                   100000, 3,
                   [&](int64_t) {
                     ++visits;
                     std::this_thread::sleep_for(std::chrono::milliseconds(1));
                   },
                   [](int64_t) { throw std::runtime_error("enough"); }),
               std::runtime_error);
  EXPECT_LT(visits, 100000);
}

}  // namespace
}  // namespace wgan
