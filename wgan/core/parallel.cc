// Threads take the next number from an atomic counter.
#include "wgan/core/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace wgan {
namespace {

struct Failure {
  std::mutex mutex;
  int64_t index = 0;
  std::exception_ptr exception;

  void keep(int64_t at) {
    const std::lock_guard lock(mutex);
    if (exception && index < at) return;
    index = at;
    exception = std::current_exception();
  }
};

}  // namespace

void for_each_index(int64_t count, int threads, const std::function<void(int64_t)>& work,
                    const std::function<void(int64_t)>& done) {
  if (threads < 1) threads = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  threads = static_cast<int>(std::min<int64_t>(threads, count));
  std::atomic<int64_t> next = 0;
  std::atomic<int64_t> finished = 0;  // items, done or never to be done
  std::atomic<bool> failed = false;
  Failure failure;
  const auto run = [&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const int64_t index = next.fetch_add(1);
      if (index >= count) return;
      try {
        work(index);
        finished.fetch_add(1);
      } catch (...) {
        failure.keep(index);
        failed = true;
        next = count;
        finished = count;
      }
      finished.notify_one();
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int thread = 0; thread < threads; ++thread) pool.emplace_back(run);
    for (int64_t seen = 0; seen < count;) {
      finished.wait(seen);
      seen = std::min(finished.load(), count);
      if (done && !failed) done(seen);
    }
  }
  if (failure.exception) std::rethrow_exception(failure.exception);
}

}  // namespace wgan
