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

// Watches what other processes use of the processors that this one may run on.
class OtherProcesses {
 public:
  OtherProcesses();

  // Processors that others have kept busy since the last call (the first: since construction), 0 to
  // the number of allowed ones; 0 where it cannot be told. The kernel counts in steps of 10 ms:
  // intervals below 100 ms say little.
  double processors_used();

  // The same, for this long from now on.
  double processors_used_within(std::chrono::milliseconds interval);

 private:
  std::vector<int> processors_;
  double last_time_, last_busy_, last_own_;  // seconds
};

}  // namespace wgan
