// Makes GNU OpenMP believe that it has more threads than processors, in which case its threads
// hardly spin (libgomp manual, GOMP_SPINCOUNT): a thread beside the others holds a team that does
// nothing.
#include "wgan/nn/crowd_watch.h"

#include <dlfcn.h>

#include <chrono>
#include <cstdlib>
#include <optional>

namespace wgan {
namespace {

using ParallelFunction = void (*)(void (*)(void*), void*, unsigned, unsigned);

constexpr auto kInterval = std::chrono::milliseconds(200);

// A team of threads that are never given any work, as long as the object lives.
class IdleTeam {
 public:
  IdleTeam(ParallelFunction parallel, unsigned threads) {
    holder_ = std::jthread([=](const std::stop_token& stop) {
      parallel([](void*) {}, nullptr, threads, 0);
      std::mutex mutex;
      std::unique_lock lock(mutex);
      std::condition_variable_any().wait(lock, stop, [] { return false; });
    });
  }

 private:
  std::jthread holder_;
};

bool is_set(const char* name) { return std::getenv(name) != nullptr; }

}  // namespace

bool is_crowded(const ProcessorUse& use, double processors, bool crowded) {
  const double least = crowded ? 0.35 : 0.5, free = crowded ? 0.7 : 0.35;
  return use.others > least && use.own + use.others > processors - free;
}

CrowdWatch::CrowdWatch() {
  if (is_set("OMP_WAIT_POLICY") || is_set("GOMP_SPINCOUNT")) return;
  watcher_ = std::thread([this] { watch(); });
}

CrowdWatch::~CrowdWatch() {
  if (!watcher_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  watcher_.join();
}

bool CrowdWatch::wait_for_end() {
  std::unique_lock lock(mutex_);
  return ended_.wait_for(lock, kInterval, [this] { return ending_; });
}

void CrowdWatch::watch() {
  auto* parallel = reinterpret_cast<ParallelFunction>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  const auto processors = static_cast<unsigned>(allowed_processors().size());
  if (parallel == nullptr || processors == 0) return;
  ProcessorWatch watch;
  std::optional<IdleTeam> team;
  while (!wait_for_end()) {
    const bool crowded = is_crowded(watch.use(), processors, team.has_value());
    if (crowded == team.has_value()) continue;
    if (crowded) {
      team.emplace(parallel, processors + 1);
    } else {
      team.reset();
    }
  }
}

}  // namespace wgan
