// Work on many numbered items with several threads, with progress told in the calling thread.
#pragma once

#include <cstdint>
#include <functional>

namespace wgan {

// Told in the calling thread while work goes on; it may throw to cancel.
using Progress = std::function<void(int64_t done, int64_t total)>;

// Calls work(i) once for each i in 0..count-1, from `threads` threads (0: one a processor), and
// done(n) in the calling thread as n items have been finished. An exception from work or done stops
// the threads, at most one item each later, and is thrown on; of several from work, that of the
// smallest i seen.
void for_each_index(int64_t count, int threads, const std::function<void(int64_t)>& work,
                    const std::function<void(int64_t)>& done = {});

}  // namespace wgan
