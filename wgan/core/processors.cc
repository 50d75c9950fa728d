// Reads the kernel's counters of processor time.
#include "wgan/core/processors.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace wgan {
namespace {

double clock_seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

double busy_seconds(const std::vector<int>& processors, const std::filesystem::path& stat) {
  std::ifstream file(stat);
  double ticks = 0;
  size_t found = 0;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name;
    double user = 0, nice = 0, system = 0, idle = 0, wait = 0, interrupt = 0, soft = 0, stolen = 0;
    if (!(words >> name >> user >> nice >> system >> idle >> wait >> interrupt >> soft)) continue;
    words >> stolen;
    const bool wanted = std::ranges::any_of(
        processors, [&](int number) { return name == "cpu" + std::to_string(number); });
    if (!wanted) continue;
    ticks += user + nice + system + interrupt + soft + stolen;
    ++found;
  }
  if (found == 0) return -1;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

OtherProcesses::OtherProcesses()
    : processors_(allowed_processors()),
      last_time_(clock_seconds(CLOCK_MONOTONIC)),
      last_busy_(busy_seconds(processors_)),
      last_own_(clock_seconds(CLOCK_PROCESS_CPUTIME_ID)) {}

double OtherProcesses::processors_used() {
  const double time = clock_seconds(CLOCK_MONOTONIC), busy = busy_seconds(processors_),
               own = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
  const double others = (busy - last_busy_) - (own - last_own_);
  const double used = time > last_time_ ? others / (time - last_time_) : 0;
  const bool known = busy >= 0 && last_busy_ >= 0;
  last_time_ = time;
  last_busy_ = busy;
  last_own_ = own;
  return known ? std::clamp(used, 0.0, static_cast<double>(processors_.size())) : 0;
}

double OtherProcesses::processors_used_within(std::chrono::milliseconds interval) {
  processors_used();
  std::this_thread::sleep_for(interval);
  return processors_used();
}

}  // namespace wgan
