// Threads that share short pieces of work: they are kept, and look for more for a moment before
// they sleep, since starting a thread takes longer than a small generator takes for a picture.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wgan::infer {

inline constexpr int kLooks = 20'000;  // before a thread lets others have the processor

// Waits until `done` says yes; soon where that is soon, without a processor otherwise.
template <class Done>
void spin_until(const Done& done) {
  for (int i = 0; !done(); ++i) {
    if (i >= kLooks) std::this_thread::yield();
  }
}

// Where `count` threads wait for one another, again and again.
class Meeting {
 public:
  explicit Meeting(int32_t count) : count_(count), missing_(count) {}

  void arrive_and_wait() {
    const uint32_t round = round_;
    if (--missing_ == 0) {
      missing_ = count_;
      ++round_;
    } else {
      spin_until([&] { return round_ != round; });
    }
  }

 private:
  const int32_t count_;
  std::atomic<int32_t> missing_;
  std::atomic<uint32_t> round_ = 0;
};

class Team {
 public:
  Team() = default;
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  // Calls work(0) to work(count - 1) at the same time, one of them in this thread, and returns when
  // all have ended. Calls from several threads take turns. work must not throw.
  void run(int32_t count, const std::function<void(int32_t)>& work);

 private:
  void wait_for_work(int32_t number, uint32_t seen);  // seen: the last round before its first

  std::mutex turn_;
  std::vector<std::thread> threads_;
  const std::function<void(int32_t)>* work_ = nullptr;
  int32_t count_ = 0;  // 0: the threads end
  std::atomic<uint32_t> round_ = 0;
  std::atomic<int32_t> left_ = 0;
};

}  // namespace wgan::infer
