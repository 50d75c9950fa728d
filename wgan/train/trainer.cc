// The loop itself.
#include "wgan/train/trainer.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <optional>

#include "wgan/net/known.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"
#include "wgan/train/precision.h"
#include "wgan/train/progress.h"
#include "wgan/train/steps.h"

namespace wgan {
namespace {

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
  Steps steps(players, dataset, hooks.held_out, o, hooks.profile);
  RunProgress progress(players, dataset, o);

  if (players.step == 0) hooks.on_samples(players);
  const auto on_part = [&] { hooks.on_extension(players); };
  std::optional<TrainEnd> end;
  while (!(end = progress.end(players, hooks.should_stop, on_part))) {
    const Schedule schedule = progress.schedule(players);
    const int64_t critic_steps = critic_steps_before(players.step, o);
    for (int64_t k = 0; k < critic_steps; ++k) {
      steps.train_critic(schedule);
    }
    steps.train_generator(schedule);

    const Timed timed(hooks.profile, Phase::kHooks);
    if (players.step % o.cadence.tick_every == 0 || progress.at_last_step(players)) {
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
