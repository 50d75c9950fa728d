// The processors that this process may run on, and how much of them other processes use.
#pragma once

#include <chrono>
#include <filesystem>
#include <vector>

namespace wgan {

// Numbers of the processors that this process may run on (Linux: its affinity); empty where that
// cannot be told.
std::vector<int> allowed_processors();

// Seconds that these processors have spent on anything but idling, in all, since the machine was
// started: the sum over their lines of /proc/stat, time that a hypervisor gave to others included.
// Negative where the file says nothing of them.
double busy_seconds(const std::vector<int>& processors,
                    const std::filesystem::path& stat = "/proc/stat");

// How many processors were kept busy, on the average over some time.
struct ProcessorUse {
  double own = 0;     // by this process
  double others = 0;  // by all others, 0 to the number of allowed ones; 0 where it cannot be told
};

// Watches what this process and others use of the processors that this one may run on.
class ProcessorWatch {
 public:
  ProcessorWatch();

  // Since the last call (the first: since construction). The kernel counts in steps of 10 ms:
  // intervals below 100 ms say little.
  ProcessorUse use();
  // For this long from now on.
  ProcessorUse use_within(std::chrono::milliseconds interval);

 private:
  std::vector<int> processors_;
  double last_time_, last_busy_, last_own_;  // seconds
};

}  // namespace wgan
