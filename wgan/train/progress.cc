// Schedules, ticks and ends of a run with its extensions.
#include "wgan/train/progress.h"

#include <torch/types.h>

#include <algorithm>

namespace wgan {
namespace {

// Fills the means in and starts again.
void move_to_tick(TickSums& sums, Tick& tick) {
  const at::Tensor critic = (sums.critic / sums.critic_steps).to(torch::kCPU, torch::kFloat64);
  const at::Tensor generator =
      (sums.generator / sums.generator_steps).to(torch::kCPU, torch::kFloat64);
  const double* c = critic.data_ptr<double>();
  const double* g = generator.data_ptr<double>();
  tick.critic_loss = c[0];
  tick.wasserstein = c[1] - c[2];
  tick.penalty = c[3];
  tick.gradient_norm = sums.penalty_steps > 0 ? c[4] * static_cast<double>(sums.critic_steps) /
                                                    static_cast<double>(sums.penalty_steps)
                                              : c[4];
  tick.critic_gradient = c[5];
  tick.generator_loss = g[0];
  tick.generator_gradient = g[1];
  sums.critic.zero_();
  sums.generator.zero_();
  sums.critic_steps = sums.penalty_steps = sums.generator_steps = 0;
}

}  // namespace

RunProgress::RunProgress(const Players& players, const Dataset& dataset,
                         const TrainOptions& options)
    : options_(options),
      parts_(parts_of(options.length)),
      epoch_size_(static_cast<double>(dataset.size)),
      first_step_(players.step),
      first_second_(players.seconds),
      last_critic_steps_(players.critic_steps),
      last_tick_(players.seconds) {}

std::optional<TrainEnd> RunProgress::end(Players& players, const std::function<bool()>& should_stop,
                                         const std::function<void()>& on_part) {
  while (const std::optional<TrainEnd> ended = part_end(players)) {
    if (players.part.number + 1 == std::ssize(parts_)) return ended;
    players.part = {players.part.number + 1, players.step, seconds()};
    on_part();
  }
  if (should_stop()) return TrainEnd::kStopped;
  return std::nullopt;
}

Schedule RunProgress::schedule(const Players& players) const {
  const double left = left_of(players);
  const double share = options_.optimizer.ramp_share;
  const double gone = share > 0 ? std::min(1.0, (1 - left) / share) : 1;
  return {.learning_rate = options_.optimizer.lr_decay ? left : 1,
          .instance_noise = left,
          .gone = gone,
          .gone_once = players.part.number == 0 ? gone : 1};
}

bool RunProgress::at_last_step(const Players& players) const {
  return players.step == players.part.step + part_of(players).steps;
}

Tick RunProgress::tick(Players& players, double waited_seconds) {
  Tick tick{.step = players.step, .images = players.critic_steps * options_.batches.size};
  tick.epoch = static_cast<double>(tick.images) / epoch_size_;
  move_to_tick(players.sums, tick);
  tick.seconds = players.seconds = seconds();
  tick.images_per_second =
      static_cast<double>((players.critic_steps - last_critic_steps_) * options_.batches.size) /
      (tick.seconds - last_tick_);
  tick.waited_seconds = waited_seconds;
  tick.eta_seconds = eta_seconds(players);
  tick.last_step = last_step(players);
  last_critic_steps_ = players.critic_steps;
  last_tick_ = tick.seconds;
  return tick;
}

bool RunProgress::checkpoint_due() {
  const double now = since_start();
  if (options_.cadence.checkpoint_every.seconds <= 0 ||
      now - last_checkpoint_ < options_.cadence.checkpoint_every.seconds) {
    return false;
  }
  last_checkpoint_ = now;
  return true;
}

double RunProgress::since_start() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

const PartLength& RunProgress::part_of(const Players& players) const {
  return parts_.at(static_cast<size_t>(players.part.number));
}

std::optional<TrainEnd> RunProgress::part_end(const Players& players) const {
  const PartLength& part = part_of(players);
  if (part.steps > 0 && players.step - players.part.step >= part.steps) return TrainEnd::kSteps;
  const double time = part.time.seconds;
  if (time > 0 && seconds() - players.part.seconds >= time) return TrainEnd::kTime;
  return std::nullopt;
}

// Of the part: 1 at its beginning and 0 at its end, by steps where their number is given.
double RunProgress::left_of(const Players& players) const {
  const PartLength& part = part_of(players);
  if (part.steps > 0) {
    return 1 -
           static_cast<double>(players.step - players.part.step) / static_cast<double>(part.steps);
  }
  if (part.time.seconds <= 0) return 1;
  return std::max(0.0, 1 - (seconds() - players.part.seconds) / part.time.seconds);
}

// At the session's pace; below 0 where a part has no limit.
double RunProgress::eta_seconds(const Players& players) const {
  const double pace =
      (players.seconds - first_second_) / static_cast<double>(players.step - first_step_);
  double eta = 0;
  for (auto i = static_cast<size_t>(players.part.number); i < parts_.size(); ++i) {
    const bool begun = i == static_cast<size_t>(players.part.number);
    const PartLength& part = parts_[i];
    double left = -1;
    if (part.steps > 0) {
      left =
          pace * static_cast<double>(part.steps - (begun ? players.step - players.part.step : 0));
    }
    if (part.time.seconds > 0) {
      const double gone = begun ? players.seconds - players.part.seconds : 0;
      const double time = std::max(0.0, part.time.seconds - gone);
      left = left < 0 ? time : std::min(left, time);
    }
    if (left < 0) return -1;
    eta += left;
  }
  return eta;
}

// Of the run; 0 where it is not known.
int64_t RunProgress::last_step(const Players& players) const {
  int64_t step = players.part.step;
  for (auto i = static_cast<size_t>(players.part.number); i < parts_.size(); ++i) {
    if (parts_[i].steps == 0) return 0;
    step += parts_[i].steps;
  }
  return step;
}

}  // namespace wgan
