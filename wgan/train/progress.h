// How far a run is, what falls over it, and when it ends.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "wgan/train/extension.h"
#include "wgan/train/trainer.h"

namespace wgan {

// What falls over each part of a run, at this step of it: 1 at the start.
struct Schedule {
  double learning_rate = 1;   // factor of both learning rates
  double instance_noise = 1;  // factor of the noise's deviation
  double gone = 0;            // of ramps of learning rates: 1 where they have come to their end
  double gone_once = 0;       // of all other ramps, which extensions do not start again
};

class RunProgress {
 public:
  RunProgress(const Players& players, const Dataset& dataset, const TrainOptions& options);

  // Of training, in all sessions of the run.
  double seconds() const { return first_second_ + since_start(); }

  // The end, where it is reached. At the end of a part before, moves the players on to the next,
  // and tells.
  std::optional<TrainEnd> end(Players& players, const std::function<bool()>& should_stop,
                              const std::function<void()>& on_part);

  Schedule schedule(const Players& players) const;

  // Whether the players have come to the last step of their part.
  bool at_last_step(const Players& players) const;

  // Empties the players' sums into a tick.
  Tick tick(Players& players, double waited_seconds);

  bool checkpoint_due();

 private:
  double since_start() const;
  const PartLength& part_of(const Players& players) const;
  std::optional<TrainEnd> part_end(const Players& players) const;
  double left_of(const Players& players) const;
  double eta_seconds(const Players& players) const;
  int64_t last_step(const Players& players) const;

  const TrainOptions& options_;
  const std::vector<PartLength> parts_;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  const double epoch_size_;
  const int64_t first_step_;
  const double first_second_;
  int64_t last_critic_steps_;
  double last_tick_;
  double last_checkpoint_ = 0;
};

}  // namespace wgan
