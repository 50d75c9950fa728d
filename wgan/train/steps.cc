// Draws what a step is made from, takes it, and updates the parameters.
#include "wgan/train/steps.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <limits>

#include "wgan/core/random.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"

namespace wgan {
namespace {

// Samples that their diversity is told from.
constexpr int64_t kFewestSamples = 8, kMostSamples = 64;

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

at::Tensor sum(const at::Tensor& x, const at::Tensor& noise) {
  return noise.defined() ? x + noise : x;
}

}  // namespace

at::Tensor dequantized(const at::Tensor& real, const at::Tensor& gaps, PixelRange range) {
  const bool unit = range == PixelRange::kUnit;
  const double low = unit ? 0 : -1, step = unit ? 1.0 / 256 : 1.0 / 128;
  return (real - low) * (255.0 / 256) + low + gaps * step;
}

Steps::Steps(Players& players, const Dataset& dataset, const TrainOptions& options,
             Profile* profile)
    : players_(players),
      dataset_(dataset),
      o_(options),
      profile_(profile),
      device_(players.critic.parameters.device()),
      loader_(dataset, {.batch = o_.batch,
                        .seed = static_cast<uint64_t>(o_.seed),
                        .threads = o_.loader_threads,
                        .mirror = o_.mirror,
                        .range = pixel_range(players.generator.network),
                        .start = players.critic_steps}),
      critic_([this](const Tensors& inputs) { return critic_work(inputs); }, records()),
      generator_([this](const Tensors& inputs) { return generator_work(inputs); }, records()) {}

void Steps::train_critic(const Schedule& schedule) {
  at::Tensor real, labels;
  {
    const Timed timed(profile_, Phase::kData);
    const Batch batch = loader_.next();
    real = prepared(batch.rows.to(device_, /*non_blocking=*/true));
    if (o_.conditional) labels = batch.labels.to(device_);
  }
  const int64_t step = players_.critic_steps;
  const auto noise_for = [&](uint64_t player) {
    return noise(Stream::kInstanceNoise, static_cast<uint64_t>(step), player, o_.batch,
                 schedule.instance_noise);
  };
  real = sum(real, noise_for(0));
  const at::Tensor z = with_labels(draw_z(Stream::kCriticLatent, step, o_.batch), labels);
  Tensors metrics = critic_.run({z, real, epsilon(), labels, noise_for(1)});
  last_fake_ = metrics.back();
  metrics.pop_back();
  last_real_ = real;
  const Timed timed(profile_, Phase::kCriticUpdate);
  optimizer_step(players_.critic_optimizer, o_.critic_lr * schedule.learning_rate,
                 players_.critic.parameters, players_.critic.gradients);
  if (o_.objective == Objective::kWgan && o_.clip > 0) clip_parameters(players_.critic, o_.clip);
  ++players_.critic_steps;
  add_critic(players_.sums, metrics, players_.critic.gradients);
}

void Steps::train_generator(const Schedule& schedule) {
  const int64_t rows = o_.generator_batch > 0 ? o_.generator_batch : o_.batch;
  const at::Tensor labels = draw_classes(rows);
  const at::Tensor z = with_labels(draw_z(Stream::kGeneratorLatent, players_.step, rows), labels);
  const at::Tensor seen_noise = noise(Stream::kGeneratorNoise, static_cast<uint64_t>(players_.step),
                                      0, rows, schedule.instance_noise);
  const bool wants_real =
      o_.feature_matching != FeatureMatching::kNone || o_.objective == Objective::kCTransform;
  const at::Tensor loss =
      generator_.run({z, labels, seen_noise, wants_real ? last_real_ : at::Tensor()})[0];
  const Timed timed(profile_, Phase::kGeneratorUpdate);
  optimizer_step(players_.generator_optimizer, o_.generator_lr * schedule.learning_rate,
                 players_.generator.parameters, players_.generator.gradients);
  update_average(players_.average, players_.generator, o_.average, players_.step);
  ++players_.step;
  add_generator(players_.sums, loss, players_.generator.gradients);
}

void Steps::examine(Tick& tick) const {
  const torch::NoGradGuard no_grad;
  if (o_.batch >= kFewestSamples) {
    const int64_t count = std::min(o_.batch, kMostSamples);
    const auto spread = [&](const at::Tensor& rows) {
      return torch::pdist(rows.narrow(0, 0, count).flatten(1)).mean().item<double>();
    };
    tick.diversity = spread(last_fake_) / std::max(spread(last_real_), 1e-12);
  }
  if (o_.objective == Objective::kWgan && o_.clip > 0) {
    const at::Tensor bound = players_.critic.parameters.abs() >= o_.clip * (1 - 1e-6);
    tick.saturated_share =
        bound.sum().item<double>() / static_cast<double>(parameter_count(players_.critic.network));
  }
}

const std::string& Steps::obstacle() const {
  return critic_.obstacle().empty() ? generator_.obstacle() : critic_.obstacle();
}

GeneratorObjective Steps::generator_objective() const {
  return {.objective = o_.objective,
          .route = o_.critic_step,
          .precision = o_.precision,
          .feature_matching = o_.feature_matching,
          .feature_layers = o_.feature_layers};
}

// On a GPU, where the steps are sweeps and nobody wants the times of their parts.
bool Steps::records() const {
  const Network& critic = players_.critic.network;
  return device_.is_cuda() && profile_ == nullptr &&
         takes_sweeps(critic, o_.objective, o_.critic_step) &&
         takes_sweeps(players_.generator.network, critic, generator_objective());
}

Tensors Steps::critic_work(const Tensors& inputs) {
  at::Tensor fake;
  {
    const Timed timed(profile_, Phase::kFakes);
    fake = sum(generate(players_.generator, inputs[0], o_.precision), inputs[4]);
  }
  const Timed timed(profile_, Phase::kCriticStep);
  const CriticMetrics m = critic_gradients(players_.critic, inputs[1], fake, inputs[2],
                                           {.objective = o_.objective,
                                            .penalty = o_.penalty,
                                            .lambda = o_.lambda,
                                            .route = o_.critic_step,
                                            .precision = o_.precision,
                                            .targets = {o_.real_label, o_.fake_label}},
                                           inputs[3], profile_);
  return {m.loss, m.real_score, m.fake_score, m.penalty, m.gradient_norm, fake};
}

Tensors Steps::generator_work(const Tensors& inputs) {
  const Timed timed(profile_, Phase::kGeneratorStep);
  return {generator_gradients(
      players_.generator, players_.critic,
      {.z = inputs[0], .labels = inputs[1], .noise = inputs[2], .real = inputs[3]},
      generator_objective())};
}

// U[0, 1) in the order of [B, C, H, W].
at::Tensor Steps::uniform(Stream stream, uint64_t step, const Shape& shape) const {
  const at::Tensor values = torch::empty(shape);
  fill_uniform({static_cast<uint64_t>(o_.seed), stream, step, 0},
               {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return values.to(device_);
}

// Instance noise for so many samples; undefined where there is none.
at::Tensor Steps::noise(Stream stream, uint64_t step, uint64_t index, int64_t rows,
                        double factor) const {
  if (o_.instance_noise <= 0) return {};
  Shape shape = players_.critic.network.input;
  shape.insert(shape.begin(), rows);
  const at::Tensor values = torch::empty(shape);
  fill_normal({static_cast<uint64_t>(o_.seed), stream, step, index},
              {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  values.mul_(o_.instance_noise * factor);
  return values.to(device_);
}

// The batch as the critic is to see it, but for the noise.
at::Tensor Steps::prepared(const at::Tensor& real) const {
  if (!o_.dequantize) return real;
  const at::Tensor gaps = uniform(Stream::kDequantize, static_cast<uint64_t>(players_.critic_steps),
                                  real.sizes().vec());
  return dequantized(real, gaps, pixel_range(players_.generator.network));
}

// Where the penalty looks: between fake (0) and real (1).
at::Tensor Steps::epsilon() const {
  if (o_.penalty_at == PenaltyAt::kReal) return torch::ones({o_.batch}, device_);
  if (o_.penalty_at == PenaltyAt::kFake) return torch::zeros({o_.batch}, device_);
  return uniform(Stream::kEpsilon, static_cast<uint64_t>(players_.critic_steps), {o_.batch});
}

at::Tensor Steps::draw_z(Stream stream, int64_t step, int64_t rows) const {
  return latents(static_cast<uint64_t>(o_.seed), stream, static_cast<uint64_t>(step), rows,
                 o_.latent, o_.latent_dist)
      .to(device_);
}

// Classes that the generator step is asked for, drawn as the data has them: [B] int64; undefined
// where the networks know no classes.
at::Tensor Steps::draw_classes(int64_t count) const {
  if (!o_.conditional) return {};
  Draws draws(
      {static_cast<uint64_t>(o_.seed), Stream::kClasses, static_cast<uint64_t>(players_.step), 0});
  const auto rows =
      static_cast<uint32_t>(std::min<int64_t>(dataset_.size, std::numeric_limits<uint32_t>::max()));
  at::Tensor labels = torch::empty({count}, torch::kInt64);
  for (int64_t i = 0; i < count; ++i) labels[i] = int64_t{dataset_.label(draws.below(rows))};
  return labels.to(device_);
}

// The generator's input: z, with the classes behind it where there are any.
at::Tensor Steps::with_labels(const at::Tensor& z, const at::Tensor& labels) const {
  if (!labels.defined()) return z;
  return with_classes(z, labels, class_count(players_.generator.network, o_));
}

}  // namespace wgan
