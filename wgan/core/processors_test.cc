// What the kernel says of processors: read from a file of its form, and of a child that works.
#include "wgan/core/processors.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace wgan {
namespace {

TEST(Processors, AreBusyWithAllButIdlingAndWaiting) {
  const std::string stat = testing::TempDir() + "wgan-stat-" + std::to_string(getpid());
  std::ofstream(stat) << "cpu  9 9 9 9 9 9 9 9 9 9\n"
                         "cpu0 100 20 30 5000 700 4 5 6 100 0\n"
                         "cpu1 1000 0 0 0 0 0 0 0 0 0\n"
                         "cpu10 7000 0 0 0 0 0 0 0 0 0\n"
                         "intr 1 2 3 4 5 6 7 8 9\n";
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(busy_seconds({0}, stat), 165 / ticks);
  EXPECT_DOUBLE_EQ(busy_seconds({0, 1}, stat), 1165 / ticks);
  EXPECT_LT(busy_seconds({3}, stat), 0);
  EXPECT_LT(busy_seconds({0}, stat + "-absent"), 0);
  std::filesystem::remove(stat);
}

// Uses the processor for `seconds`, however long that takes.
void work(double seconds) {
  const std::clock_t start = std::clock();
  while (static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC < seconds) {
  }
}

TEST(ProcessorWatch, TellsOtherProcessesFromThisOne) {
  if (busy_seconds(allowed_processors()) < 0) GTEST_SKIP() << "no /proc/stat of processors here";
  using Clock = std::chrono::steady_clock;
  ProcessorWatch watch;
  Clock::time_point start = Clock::now();
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work(0.5);
    _exit(0);
  }
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  const double spent = std::chrono::duration<double>(Clock::now() - start).count();
  EXPECT_GT(watch.use().others * spent, 0.4);

  // Whatever else runs on this machine: what this process uses itself is not among it.
  start = Clock::now();
  const double before = busy_seconds(allowed_processors());
  watch.use();
  work(0.5);
  const ProcessorUse used = watch.use();
  const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
  EXPECT_GT(used.own * elapsed, 0.4);
  EXPECT_LT(used.others * elapsed, busy_seconds(allowed_processors()) - before - 0.4);
}

}  // namespace
}  // namespace wgan
