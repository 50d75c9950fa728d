// The loop itself.
#include "wgan/train/trainer.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "wgan/net/known.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"
#include "wgan/train/precision.h"
#include "wgan/train/steps.h"

namespace wgan {
namespace {

class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

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
  tick.gradient_norm = c[4];
  tick.critic_gradient = c[5];
  tick.generator_loss = g[0];
  tick.generator_gradient = g[1];
  sums.critic.zero_();
  sums.generator.zero_();
  sums.critic_steps = sums.generator_steps = 0;
}

[[noreturn]] void report_divergence(const std::string& what, int64_t step) {
  throw Error(ErrorKind::kDiverged, fmt::format("{} is not finite at step {}", what, step),
              "lower the learning rates (--critic-lr, --generator-lr) or change the seed");
}

void check_finite(const Players& players) {
  const std::pair<const char*, const Model*> models[] = {
      {"the generator", &players.generator},
      {"the generator's average", &players.average},
      {"the critic", &players.critic}};
  for (const auto& [name, model] : models) {
    for (size_t i = 0; i < model->slots.size(); ++i) {
      if (!model->frozen[i].isfinite().all().item<bool>()) {
        report_divergence(fmt::format("{}'s {}", name, model->slots[i].name), players.step);
      }
    }
  }
}

void check_finite(const Tick& tick, const Players& players) {
  const std::pair<const char*, double> numbers[] = {
      {"the critic's loss", tick.critic_loss},
      {"the critic's gradient", tick.critic_gradient},
      {"the generator's loss", tick.generator_loss},
      {"the generator's gradient", tick.generator_gradient}};
  for (const auto& [name, value] : numbers) {
    if (std::isfinite(value)) continue;
    check_finite(players);  // names the tensor, where it has come so far
    report_divergence(name, tick.step);
  }
}

int64_t critic_steps_before(int64_t step, const TrainOptions& o) {
  constexpr int64_t kBurst = 100;
  return o.objective.critic_bursts && (step < 25 || step % 500 == 0) ? kBurst
                                                                     : o.objective.n_critic;
}

// How far a run is, and when it ends.
class RunProgress {
 public:
  RunProgress(const Players& players, const Dataset& dataset, const TrainOptions& options)
      : options_(options),
        epoch_size_(static_cast<double>(dataset.size)),
        first_step_(players.step),
        first_second_(players.seconds),
        last_critic_steps_(players.critic_steps),
        last_tick_(players.seconds) {}

  // Of training, in all sessions of the run.
  double seconds() const { return first_second_ + clock_.seconds(); }

  std::optional<TrainEnd> end(const Players& players, const TrainHooks& hooks) const {
    if (options_.length.steps > 0 && players.step >= options_.length.steps) return TrainEnd::kSteps;
    if (options_.length.time.seconds > 0 && seconds() >= options_.length.time.seconds) {
      return TrainEnd::kTime;
    }
    if (hooks.should_stop()) return TrainEnd::kStopped;
    return std::nullopt;
  }

  Tick tick(Players& players, double waited_seconds) {
    Tick tick{.step = players.step, .images = players.critic_steps * options_.batches.size};
    tick.epoch = static_cast<double>(tick.images) / epoch_size_;
    move_to_tick(players.sums, tick);
    tick.seconds = players.seconds = seconds();
    tick.images_per_second =
        static_cast<double>((players.critic_steps - last_critic_steps_) * options_.batches.size) /
        (tick.seconds - last_tick_);
    tick.waited_seconds = waited_seconds;
    tick.eta_seconds = eta_seconds(players.step, tick.seconds);
    last_critic_steps_ = players.critic_steps;
    last_tick_ = tick.seconds;
    return tick;
  }

  Schedule schedule(const Players& players) const {
    const double left = left_of(players);
    return {.learning_rate = options_.optimizer.lr_decay ? left : 1, .instance_noise = left};
  }

  bool checkpoint_due() {
    const double now = clock_.seconds();
    if (options_.cadence.checkpoint_every.seconds <= 0 ||
        now - last_checkpoint_ < options_.cadence.checkpoint_every.seconds) {
      return false;
    }
    last_checkpoint_ = now;
    return true;
  }

 private:
  // Of the run: 1 at the start and 0 at the end, by steps where their number is given.
  double left_of(const Players& players) const {
    if (options_.length.steps > 0) {
      return 1 - static_cast<double>(players.step) / static_cast<double>(options_.length.steps);
    }
    if (options_.length.time.seconds <= 0) return 1;
    return std::max(0.0, 1 - seconds() / options_.length.time.seconds);
  }

  double eta_seconds(int64_t step, double seconds) const {
    double eta = -1;
    if (options_.length.steps > 0) {
      eta = (seconds - first_second_) / static_cast<double>(step - first_step_) *
            static_cast<double>(options_.length.steps - step);
    }
    if (options_.length.time.seconds > 0) {
      const double left = std::max(0.0, options_.length.time.seconds - seconds);
      eta = eta < 0 ? left : std::min(eta, left);
    }
    return eta;
  }

  const TrainOptions& options_;
  const Clock clock_;
  const double epoch_size_;
  const int64_t first_step_;
  const double first_second_;
  int64_t last_critic_steps_;
  double last_tick_;
  double last_checkpoint_ = 0;
};

// The latents of the reference batch of virtual batch normalisation, drawn as any others; of
// class-conditional generators the classes take turns, and conditions, which are standardised, are
// drawn as well.
void fill_reference(Model& generator, const Known& known, const TrainOptions& options) {
  const auto* reference = std::get_if<ReferenceBatch>(&generator.network.layers[0]);
  if (reference == nullptr) return;
  at::Tensor z = latents(static_cast<uint64_t>(options.seed), Stream::kReference, 0,
                         reference->rows, options.players.latent, options.players.latent_dist);
  if (known.classes > 0) {
    z = with_classes(z, torch::arange(reference->rows) % known.classes, known.classes);
  }
  if (known.conditions > 0) {  // standardised, so normal ones are as any
    z = torch::cat({z, latents(static_cast<uint64_t>(options.seed), Stream::kReference, 1,
                               reference->rows, known.conditions, LatentDist::kNormal)},
                   1);
  }
  generator.memory[static_cast<size_t>(generator.places[0].memory)].copy_(z);
}

}  // namespace

Players make_players(const Networks& networks, const TrainOptions& options,
                     const std::string& device) {
  const auto tensors = at::TensorOptions(torch::kFloat32).device(torch::Device(device));
  Players players{.generator = make_model(networks.generator, tensors, Training::kYes),
                  .average = make_model(networks.generator, tensors, Training::kNo),
                  .critic = make_model(networks.critic, tensors, Training::kYes),
                  .generator_optimizer = {},
                  .critic_optimizer = {},
                  .sums = {torch::zeros({6}, tensors), torch::zeros({2}, tensors)}};
  const auto seed = static_cast<uint64_t>(options.seed);
  initialise(players.generator, options.players.init, seed, 0);
  initialise(players.critic, options.players.init, seed, 1);
  const int64_t conditions = networks.critic.input[0] - output_shape(networks.generator)[0];
  fill_reference(players.generator,
                 {.classes = networks.generator.input[0] - options.players.latent - conditions,
                  .conditions = conditions},
                 options);
  update_average(players.average, players.generator, 0, 0);
  players.generator_optimizer = make_optimizer(options, players.generator.parameters, 0);
  players.critic_optimizer = make_optimizer(options, players.critic.parameters, 1);
  return players;
}

bool samples_due(int64_t step, int64_t every) {
  if (step % every == 0) return true;
  if (step > every) return false;
  int64_t leading = step;
  while (leading >= 10 && leading % 10 == 0) leading /= 10;
  return step >= 10 && (leading == 1 || leading == 2 || leading == 5);
}

TrainEnd train(Players& players, const Dataset& dataset, const TrainOptions& o,
               const TrainHooks& hooks) {
  set_up_gpu(o.compute.precision == Precision::kTf32);
  Steps steps(players, dataset, o, hooks.profile);
  RunProgress progress(players, dataset, o);

  if (players.step == 0) hooks.on_samples(players);
  std::optional<TrainEnd> end;
  while (!(end = progress.end(players, hooks))) {
    const Schedule schedule = progress.schedule(players);
    const int64_t critic_steps = critic_steps_before(players.step, o);
    for (int64_t k = 0; k < critic_steps; ++k) {
      steps.train_critic(schedule);
    }
    steps.train_generator(schedule);

    const Timed timed(hooks.profile, Phase::kHooks);
    if (players.step % o.cadence.tick_every == 0 || players.step == o.length.steps) {
      if (!steps.obstacle().empty()) hooks.on_obstacle(steps.obstacle());
      Tick tick = progress.tick(players, steps.waited_seconds());
      check_finite(tick, players);
      steps.examine(tick);
      hooks.on_tick(tick);
    }
    if (samples_due(players.step, o.cadence.samples_every)) hooks.on_samples(players);
    if (progress.checkpoint_due() || hooks.should_save()) {
      check_finite(players);
      players.seconds = progress.seconds();
      hooks.on_checkpoint(players);
    }
    if (o.cadence.evaluate_every > 0 && players.step % o.cadence.evaluate_every == 0) {
      check_finite(players);
      players.seconds = progress.seconds();
      if (hooks.on_evaluation(players)) {
        end = TrainEnd::kPatience;
        break;
      }
    }
  }
  check_finite(players);
  players.seconds = progress.seconds();
  if (!samples_due(players.step, o.cadence.samples_every)) hooks.on_samples(players);
  hooks.on_checkpoint(players);
  return *end;
}

}  // namespace wgan
