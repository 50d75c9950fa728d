// Critics between two given distributions, by the same steps as training, and looks at what became
// of them.
#include "wgan/lab/fit.h"

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/init.h"
#include "wgan/train/latent.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr uint64_t kCriticPlayer = 1;  // as in nn/init.h

// Of the interpolates: between fake (0) and real (1).
at::Tensor epsilon_of(const TrainOptions& o, int64_t step) {
  const at::Tensor values = torch::empty({o.batches.size});
  fill_uniform({static_cast<uint64_t>(o.seed), Stream::kEpsilon, static_cast<uint64_t>(step), 0},
               {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return values;
}

at::Tensor on_cpu(const at::Tensor& tensor) {
  return tensor.detach().to(torch::kCPU, torch::kFloat64);
}

at::Tensor as_input(const Model& critic, const at::Tensor& points) {
  return points.detach().to(critic.parameters.options());
}

}  // namespace

Sampler rows_of(const Dataset& dataset) {
  const auto kept = std::make_shared<const Dataset>(dataset);
  return [kept](int64_t count, uint64_t step) {
    const Loader loader(*kept, {.batch = count, .threads = 0});
    return loader.batch(static_cast<int64_t>(step)).rows;
  };
}

Model new_critic(const Network& network, const TrainOptions& o) {
  Model critic = make_model(network, torch::kFloat32, Training::kYes);
  initialise(critic, o.players.init, static_cast<uint64_t>(o.seed), kCriticPlayer);
  return critic;
}

CriticFit fit_critic(const Network& network, const Sampler& real, const Sampler& fake,
                     const TrainOptions& o, int64_t steps, const OnFit& on_step) {
  return fit_critic(new_critic(network, o), real, fake, o, steps, on_step);
}

CriticFit fit_critic(Model first, const Sampler& real, const Sampler& fake, const TrainOptions& o,
                     int64_t steps, const OnFit& on_step) {
  CriticFit fit{.critic = std::move(first), .last = {}};
  Model& critic = fit.critic;
  Optimizer optimizer = make_optimizer(o, critic.parameters, kCriticPlayer);
  const CriticObjective objective = critic_objective(o, /*conditions=*/0);
  for (int64_t step = 0; step < steps; ++step) {
    const auto number = static_cast<uint64_t>(step);
    fit.last = critic_gradients(critic,
                                {.real = real(o.batches.size, number),
                                 .fake = fake(o.batches.size, number),
                                 .epsilon = epsilon_of(o, step)},
                                objective);
    const double left = 1 - static_cast<double>(step) / static_cast<double>(steps);
    optimizer_step(optimizer,
                   o.optimizer.critic_lr.at(1 - left) * (o.optimizer.lr_decay ? left : 1),
                   critic.parameters, critic.gradients);
    if (o.objective.kind == Objective::kWgan && o.penalty.clip > 0)
      clip_parameters(critic, o.penalty.clip);
    if (on_step) on_step(step + 1, critic, fit.last);
  }
  return fit;
}

at::Tensor scores_at(const Model& critic, const at::Tensor& points) {
  const torch::NoGradGuard no_grad;
  return on_cpu(chosen_scores(forward(critic, as_input(critic, points), {}), {}));
}

at::Tensor slopes_at(const Model& critic, const at::Tensor& points) {
  const torch::AutoGradMode with_gradients(true);
  const at::Tensor input = as_input(critic, points).clone().requires_grad_(true);
  const at::Tensor scores = chosen_scores(forward(critic, input, {}), {});
  return on_cpu(torch::autograd::grad({scores.sum()}, {input})[0]);
}

Players train_players(const Dataset& dataset, const TrainOptions& options, int64_t every,
                      const std::function<void(const Players&, int64_t step)>& look,
                      const std::function<void(const Tick&)>& on_tick) {
  if (options.length.steps <= 0 && options.length.time.seconds <= 0) {
    throw Error(ErrorKind::kInternal, "players are to be trained without end");
  }
  Players players = make_players(build_networks(options, dataset), options, "cpu");
  TrainOptions o = options;
  o.cadence.checkpoint_every.seconds = 0;
  o.cadence.evaluate_every = std::max<int64_t>(0, every);
  int64_t looked = 0;
  look(players, 0);
  TrainHooks hooks;
  if (on_tick) hooks.on_tick = on_tick;
  hooks.on_evaluation = [&](const Players& now) {
    looked = now.step;
    look(now, now.step);
    return false;
  };
  train(players, dataset, o, hooks);
  if (looked != players.step) look(players, players.step);
  return players;
}

at::Tensor samples_of(const Players& players, const TrainOptions& options, int64_t count) {
  const torch::NoGradGuard no_grad;
  constexpr int64_t kChunk = 256;
  const int64_t classes = players.generator.network.input[0] - options.players.latent;
  std::vector<uint64_t> seeds(static_cast<size_t>(count));
  std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  at::Tensor z = latents_of_seeds(seeds, options.players.latent, options.players.latent_dist);
  if (classes > 0) z = with_classes(z, torch::arange(count) % classes, classes);
  std::vector<at::Tensor> chunks;
  for (const at::Tensor& chunk : z.split(kChunk)) {
    const at::Tensor input = chunk.to(players.average.parameters.device());
    chunks.push_back(forward(players.average, input, {}).to(torch::kCPU));
  }
  return torch::cat(chunks);
}

}  // namespace wgan
