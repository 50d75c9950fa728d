// A round of work: what to do is set, a counter rises, and each thread counts down at its end.
#include "wgan/infer/team.h"

namespace wgan::infer {

Team::~Team() {
  count_ = 0;
  ++round_;
  round_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Team::run(int32_t count, const std::function<void(int32_t)>& work) {
  if (count <= 1) return work(0);
  const std::lock_guard lock(turn_);
  while (static_cast<int32_t>(threads_.size()) + 1 < count) {
    const auto number = static_cast<int32_t>(threads_.size()) + 1;
    threads_.emplace_back([this, number, seen = round_.load()] { wait_for_work(number, seen); });
  }
  work_ = &work;
  count_ = count;
  left_ = static_cast<int32_t>(threads_.size());
  ++round_;
  round_.notify_all();
  work(0);
  spin_until([&] { return left_ == 0; });
}

void Team::wait_for_work(int32_t number, uint32_t seen) {
  for (;;) {
    for (int i = 0; round_ == seen && i < kLooks; ++i) {
    }
    round_.wait(seen);
    seen = round_;
    if (count_ == 0) return;
    if (number < count_) (*work_)(number);
    --left_;
  }
}

}  // namespace wgan::infer
