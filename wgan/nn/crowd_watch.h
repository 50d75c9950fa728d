// Keeps OpenMP's threads from waiting busily while other processes need the processors.
//
// A thread that waits at the end of a parallel loop spins for milliseconds, since waking it again
// would take longer than most loops. Where another process has taken the processor of the thread
// that is waited for, all of that is lost: throughput falls to a tenth beside one busy process. So
// it is watched how much other processes use, and while there is less than a processor a thread,
// waiting threads sleep after a few microseconds.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "wgan/core/processors.h"

namespace wgan {

// Whether threads should sleep rather than spin: other processes use at least half of a processor
// (beside less, spinning costs less than waking), and hardly any of `processors` is free. crowded:
// what was answered last; it takes less to stay crowded than to become so.
bool is_crowded(const ProcessorUse& use, double processors, bool crowded);

// While it lives, a thread of its own looks every 200 ms. Where OMP_WAIT_POLICY or GOMP_SPINCOUNT
// is set, the person has decided, and nothing is watched.
class CrowdWatch {
 public:
  CrowdWatch();
  ~CrowdWatch();
  CrowdWatch(const CrowdWatch&) = delete;
  CrowdWatch& operator=(const CrowdWatch&) = delete;

 private:
  void watch();
  bool wait_for_end();  // for one interval; true: it has come

  std::mutex mutex_;  // guards ending_
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread watcher_;  // last: it uses everything above
};

}  // namespace wgan
