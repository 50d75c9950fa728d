// Reads the kernel's counters of processor time.
#include "wgan/core/processors.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace wgan {
namespace {

double now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Of this process, counted as /proc/stat counts: the process's own clock leaves out the interrupts
// that its threads are charged with there, up to a tenth of the time.
double own_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
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

ProcessorWatch::ProcessorWatch()
    : processors_(allowed_processors()),
      last_time_(now()),
      last_busy_(busy_seconds(processors_)),
      last_own_(own_seconds()) {}

ProcessorUse ProcessorWatch::use() {
  const double time = now(), busy = busy_seconds(processors_), own = own_seconds();
  const double elapsed = time - last_time_;
  ProcessorUse use;
  if (elapsed > 0) {
    use.own = (own - last_own_) / elapsed;
    if (busy >= 0 && last_busy_ >= 0) {
      use.others = std::clamp((busy - last_busy_) / elapsed - use.own, 0.0,
                              static_cast<double>(processors_.size()));
    }
  }
  last_time_ = time;
  last_busy_ = busy;
  last_own_ = own;
  return use;
}

ProcessorUse ProcessorWatch::use_within(std::chrono::milliseconds interval) {
  use();
  std::this_thread::sleep_for(interval);
  return use();
}

}  // namespace wgan
