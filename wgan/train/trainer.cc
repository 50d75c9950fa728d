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

#include "wgan/train/captured_step.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

// Samples that their diversity is told from.
constexpr int64_t kFewestSamples = 8, kMostSamples = 64;

class Clock {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// metrics: loss, real score, fake score, penalty, gradient norm.
void add_critic(TickSums& sums, Tensors metrics, const at::Tensor& gradients) {
  metrics.push_back(gradients.norm());
  sums.critic += torch::stack(metrics);
  ++sums.critic_steps;
}

void add_generator(TickSums& sums, const at::Tensor& loss, const at::Tensor& gradients) {
  sums.generator += torch::stack({loss, gradients.norm()});
  ++sums.generator_steps;
}

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
              "lower the learning rates (--critic-lr, --generator-lr) or change the seed; the last "
              "checkpoint is good");
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
  return o.critic_bursts && (step < 25 || step % 500 == 0) ? kBurst : o.n_critic;
}

// The two steps of an iteration, each from random numbers to updated parameters.
class Steps {
 public:
  Steps(Players& players, const Dataset& dataset, const TrainOptions& o, Profile* profile)
      : players_(players),
        dataset_(dataset),
        o_(o),
        profile_(profile),
        device_(players.critic.parameters.device()),
        loader_(dataset, {.batch = o.batch,
                          .seed = static_cast<uint64_t>(o.seed),
                          .threads = o.loader_threads,
                          .mirror = o.mirror,
                          .range = pixel_range(players.generator.network),
                          .start = players.critic_steps}),
        critic_([this](const Tensors& inputs) { return critic_work(inputs); }, records()),
        generator_([this](const Tensors& inputs) { return generator_work(inputs); }, records()) {}

  // Lines 3 to 8 of Algorithm 1: one step of the critic on fresh real and fake samples.
  void train_critic(double decay) {
    at::Tensor real, labels;
    {
      const Timed timed(profile_, Phase::kData);
      const Batch batch = loader_.next();
      real = batch.rows.to(device_, /*non_blocking=*/true);
      if (o_.conditional) labels = batch.labels.to(device_);
    }
    const at::Tensor z = with_labels(draw_z(Stream::kCriticLatent, players_.critic_steps), labels);
    at::Tensor epsilon = torch::empty({o_.batch});
    fill_uniform({static_cast<uint64_t>(o_.seed), Stream::kEpsilon,
                  static_cast<uint64_t>(players_.critic_steps), 0},
                 {epsilon.data_ptr<float>(), static_cast<size_t>(o_.batch)});
    Tensors metrics = critic_.run({z, real, epsilon.to(device_), labels});
    last_fake_ = metrics.back();
    metrics.pop_back();
    last_real_ = real;
    const Timed timed(profile_, Phase::kCriticUpdate);
    optimizer_step(players_.critic_optimizer, o_.critic_lr * decay, players_.critic.parameters,
                   players_.critic.gradients);
    if (o_.objective == Objective::kWgan) clip_parameters(players_.critic, o_.clip);
    ++players_.critic_steps;
    add_critic(players_.sums, metrics, players_.critic.gradients);
  }

  // Lines 9 to 11: one step of the generator, and its average.
  void train_generator(double decay) {
    const at::Tensor labels = draw_classes();
    const at::Tensor z = with_labels(draw_z(Stream::kGeneratorLatent, players_.step), labels);
    const at::Tensor loss = generator_.run({z, labels})[0];
    const Timed timed(profile_, Phase::kGeneratorUpdate);
    optimizer_step(players_.generator_optimizer, o_.generator_lr * decay,
                   players_.generator.parameters, players_.generator.gradients);
    update_average(players_.average, players_.generator, o_.average, players_.step);
    ++players_.step;
    add_generator(players_.sums, loss, players_.generator.gradients);
  }

  double waited_seconds() const { return loader_.waited_seconds(); }

  // Looks at the last batch and the critic, for the tick.
  void examine(Tick& tick) const {
    const torch::NoGradGuard no_grad;
    if (o_.batch >= kFewestSamples) {
      const int64_t count = std::min(o_.batch, kMostSamples);
      const auto spread = [&](const at::Tensor& rows) {
        return torch::pdist(rows.narrow(0, 0, count).flatten(1)).mean().item<double>();
      };
      tick.diversity = spread(last_fake_) / std::max(spread(last_real_), 1e-12);
    }
    if (o_.objective == Objective::kWgan) {
      const at::Tensor bound = players_.critic.parameters.abs() >= o_.clip * (1 - 1e-6);
      tick.saturated_share = bound.sum().item<double>() /
                             static_cast<double>(parameter_count(players_.critic.network));
    }
  }

  // Why a step is not replayed as a CUDA graph though it should be; empty where all is well.
  const std::string& obstacle() const {
    return critic_.obstacle().empty() ? generator_.obstacle() : critic_.obstacle();
  }

 private:
  // On a GPU, where the steps are sweeps and nobody wants the times of their parts.
  bool records() const {
    return device_.is_cuda() && profile_ == nullptr &&
           takes_sweeps(players_.critic.network, o_.objective, o_.critic_step);
  }

  Tensors critic_work(const Tensors& inputs) {
    at::Tensor fake;
    {
      const Timed timed(profile_, Phase::kFakes);
      fake = generate(players_.generator, inputs[0], o_.precision);
    }
    const Timed timed(profile_, Phase::kCriticStep);
    const CriticMetrics m = critic_gradients(
        players_.critic, inputs[1], fake, inputs[2],
        {o_.objective, o_.penalty, o_.lambda, o_.critic_step, o_.precision}, inputs[3], profile_);
    return {m.loss, m.real_score, m.fake_score, m.penalty, m.gradient_norm, fake};
  }

  Tensors generator_work(const Tensors& inputs) {
    const Timed timed(profile_, Phase::kGeneratorStep);
    return {generator_gradients(players_.generator, players_.critic, inputs[0],
                                {o_.objective, o_.critic_step, o_.precision}, inputs[1])};
  }

  at::Tensor draw_z(Stream stream, int64_t step) const {
    return latents(static_cast<uint64_t>(o_.seed), stream, static_cast<uint64_t>(step), o_.batch,
                   o_.latent, o_.latent_dist)
        .to(device_);
  }

  // Classes that the generator step is asked for, drawn as the data has them: [B] int64; undefined
  // where the networks know no classes.
  at::Tensor draw_classes() const {
    if (!o_.conditional) return {};
    Draws draws({static_cast<uint64_t>(o_.seed), Stream::kClasses,
                 static_cast<uint64_t>(players_.step), 0});
    const auto rows = static_cast<uint32_t>(
        std::min<int64_t>(dataset_.size, std::numeric_limits<uint32_t>::max()));
    at::Tensor labels = torch::empty({o_.batch}, torch::kInt64);
    for (int64_t i = 0; i < o_.batch; ++i) labels[i] = int64_t{dataset_.label(draws.below(rows))};
    return labels.to(device_);
  }

  // The generator's input: z, with the classes behind it where there are any.
  at::Tensor with_labels(const at::Tensor& z, const at::Tensor& labels) const {
    if (!labels.defined()) return z;
    return with_classes(z, labels, class_count(players_.generator.network, o_));
  }

  Players& players_;
  const Dataset& dataset_;
  const TrainOptions& o_;
  Profile* const profile_;
  const at::Device device_;
  Loader loader_;
  at::Tensor last_real_, last_fake_;
  CapturedStep critic_;     // (z, real, epsilon, labels) to the metrics of the critic step, fakes
  CapturedStep generator_;  // (z, labels) to the generator's loss
};

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
    if (options_.steps > 0 && players.step >= options_.steps) return TrainEnd::kSteps;
    if (options_.time.seconds > 0 && seconds() >= options_.time.seconds) {
      return TrainEnd::kTime;
    }
    if (hooks.should_stop()) return TrainEnd::kStopped;
    return std::nullopt;
  }

  Tick tick(Players& players, double waited_seconds) {
    Tick tick{.step = players.step, .images = players.critic_steps * options_.batch};
    tick.epoch = static_cast<double>(tick.images) / epoch_size_;
    move_to_tick(players.sums, tick);
    tick.seconds = players.seconds = seconds();
    tick.images_per_second =
        static_cast<double>((players.critic_steps - last_critic_steps_) * options_.batch) /
        (tick.seconds - last_tick_);
    tick.waited_seconds = waited_seconds;
    tick.eta_seconds = eta_seconds(players.step, tick.seconds);
    last_critic_steps_ = players.critic_steps;
    last_tick_ = tick.seconds;
    return tick;
  }

  // With --lr-decay, 1 at the start and 0 at the end, by steps where their number is given.
  double learning_rate_factor(const Players& players) const {
    if (!options_.lr_decay) return 1;
    if (options_.steps > 0) {
      return 1 - static_cast<double>(players.step) / static_cast<double>(options_.steps);
    }
    if (options_.time.seconds <= 0) return 1;
    return std::max(0.0, 1 - seconds() / options_.time.seconds);
  }

  bool checkpoint_due() {
    const double now = clock_.seconds();
    if (options_.checkpoint_every.seconds <= 0 ||
        now - last_checkpoint_ < options_.checkpoint_every.seconds) {
      return false;
    }
    last_checkpoint_ = now;
    return true;
  }

 private:
  double eta_seconds(int64_t step, double seconds) const {
    double eta = -1;
    if (options_.steps > 0) {
      eta = (seconds - first_second_) / static_cast<double>(step - first_step_) *
            static_cast<double>(options_.steps - step);
    }
    if (options_.time.seconds > 0) {
      const double left = std::max(0.0, options_.time.seconds - seconds);
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
  initialise(players.generator, options.init, seed, 0);
  initialise(players.critic, options.init, seed, 1);
  update_average(players.average, players.generator, 0, 0);
  players.generator_optimizer = make_optimizer(options, players.generator.parameters);
  players.critic_optimizer = make_optimizer(options, players.critic.parameters);
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
  allow_tf32(o.precision == Precision::kTf32);
  Steps steps(players, dataset, o, hooks.profile);
  RunProgress progress(players, dataset, o);

  if (players.step == 0) hooks.on_samples(players);
  std::optional<TrainEnd> end;
  while (!(end = progress.end(players, hooks))) {
    const double decay = progress.learning_rate_factor(players);
    const int64_t critic_steps = critic_steps_before(players.step, o);
    for (int64_t k = 0; k < critic_steps; ++k) {
      steps.train_critic(decay);
    }
    steps.train_generator(decay);

    const Timed timed(hooks.profile, Phase::kHooks);
    if (players.step % o.tick_every == 0 || players.step == o.steps) {
      if (!steps.obstacle().empty()) hooks.on_obstacle(steps.obstacle());
      Tick tick = progress.tick(players, steps.waited_seconds());
      check_finite(tick, players);
      steps.examine(tick);
      hooks.on_tick(tick);
    }
    if (samples_due(players.step, o.samples_every)) hooks.on_samples(players);
    if (progress.checkpoint_due() || hooks.should_save()) {
      check_finite(players);
      players.seconds = progress.seconds();
      hooks.on_checkpoint(players);
    }
    if (o.evaluate_every > 0 && players.step % o.evaluate_every == 0) {
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
  if (!samples_due(players.step, o.samples_every)) hooks.on_samples(players);
  hooks.on_checkpoint(players);
  return *end;
}

}  // namespace wgan
