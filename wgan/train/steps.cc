// Draws what a step is made from, takes it, and updates the parameters.
#include "wgan/train/steps.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "wgan/core/random.h"
#include "wgan/net/known.h"
#include "wgan/nn/weight_norm.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"
#include "wgan/train/semi_supervised.h"

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

// x on a device; to a GPU through pinned memory, which does not hold up the caller.
at::Tensor moved(const at::Tensor& x, at::Device device) {
  if (!x.defined() || x.device() == device) return x;
  return x.pin_memory().to(device, /*non_blocking=*/true);
}

at::Tensor sum(const at::Tensor& x, const at::Tensor& noise) {
  return noise.defined() ? x + noise : x;
}

// What the steps work on, by place.
enum StepInput : size_t {
  kZ,
  kReal,  // as the critic sees the data, but for the augmentation
  kLabels,
  kNoise,
  kConditions,
  kRealDraws,
  kFakeDraws,
  kGeneratorInputs,
  kEpsilon = kGeneratorInputs,
  kBetweenDraws,
  kGammaFactor,
  kLabelledRows,
  kTheirLabels,
  kCriticInputs
};

// The rows of a step that augmentation draws for. The values are part of the random addresses: do
// not renumber.
enum DrawnRows : uint64_t {
  kRealRows = 5,
  kFakeRows = 6,
  kBetweenRows = 8,
  kLabelledSeenRows = 13,
  kHeldOutRows = 14
};

// Of the generator's moving average, in a step of so many samples (Karras et al. 2018, appendix C).
double average_decay(const TrainOptions& o, const Schedule& schedule, int64_t rows) {
  if (o.optimizer.average_images == Ramp(0)) return o.optimizer.average;
  const double half_life = o.optimizer.average_images.at(schedule.gone_once);
  return half_life > 0 ? std::pow(0.5, static_cast<double>(rows) / half_life) : 0;
}

}  // namespace

at::Tensor dequantized(const at::Tensor& real, const at::Tensor& gaps, PixelRange range) {
  const bool unit = range == PixelRange::kUnit;
  const double low = unit ? 0 : -1, step = unit ? 1.0 / 256 : 1.0 / 128;
  return (real - low) * (255.0 / 256) + low + gaps * step;
}

Steps::Steps(Players& players, const Dataset& dataset, const Dataset* held_out,
             const TrainOptions& options, Profile* profile)
    : players_(players),
      dataset_(dataset),
      o_(options),
      profile_(profile),
      device_(players.critic.parameters.device()),
      loader_(dataset, loader_options(o_.compute.loader_threads)),
      objective_(critic_objective(o_, condition_count())),
      critic_([this](const Tensors& inputs) { return critic_work(inputs, true); }, records()),
      plain_critic_([this](const Tensors& inputs) { return critic_work(inputs, false); },
                    records()),
      generator_([this](const Tensors& inputs) { return generator_work(inputs); }, records()) {
  if (players.critic.network.weight_norm && players.critic_steps == 0) {
    const Batch first = known_batch(loader_.batch(0));
    fit_weight_norm(players.critic, with_conditions(prepared(first.rows), first.conditions));
  }
  if (o_.augment.target > 0) {
    if (held_out == nullptr) {
      throw Error(ErrorKind::kUsage,
                  "--augment-target steers by rows that are held out, and there are none",
                  "add --holdout 0.1, or leave out --augment-target");
    }
    held_out_.emplace(*held_out, loader_options(0));
  }
  if (o_.objective.kind != Objective::kSemiSupervised) return;
  labelled_ = labelled_rows(dataset, o_.objective.labels_per_class, static_cast<uint64_t>(o_.seed));
  labelled_loader_.emplace(*labelled_, loader_options(o_.compute.loader_threads));
}

LoaderOptions Steps::loader_options(int64_t threads) const {
  return {.batch = o_.batches.size,
          .seed = static_cast<uint64_t>(o_.seed),
          .threads = threads,
          .mirror = o_.batches.mirror,
          .range = pixel_range(players_.generator.network),
          .start = players_.critic_steps};
}

void Steps::train_critic(const Schedule& schedule) {
  Batch batch, labelled;
  {
    const Timed timed(profile_, Phase::kData);
    batch = known_batch(loader_.next());
    labelled = labelled_batch();
  }
  const int64_t step = players_.critic_steps;
  strength_ = augment_strength(schedule);
  const auto noise_for = [&](uint64_t player) {
    return noise(Stream::kInstanceNoise, static_cast<uint64_t>(step), player, o_.batches.size,
                 schedule.instance_noise);
  };
  const auto draws = [&](uint64_t set) {
    return augment_draws_of(Stream::kAugment, step, set, o_.batches.size);
  };
  const at::Tensor real =
      with_conditions(sum(prepared(batch.rows), noise_for(0)), batch.conditions);
  if (labelled.rows.defined()) {
    labelled.rows =
        augmented(objective_.augment, sum(labelled.rows, noise_for(2)), draws(kLabelledSeenRows));
  }
  Tensors inputs(kCriticInputs);
  inputs[kZ] = generator_input(draw_z(Stream::kCriticLatent, step, o_.batches.size), batch);
  inputs[kReal] = real;
  if (has_penalty(objective_.objective, objective_.penalty) &&
      objective_.penalty.at == PenaltyAt::kInterpolates) {
    inputs[kEpsilon] = epsilon();
    inputs[kBetweenDraws] = draws(kBetweenRows);
  }
  inputs[kLabels] = batch.labels;
  inputs[kNoise] = noise_for(1);
  inputs[kConditions] = batch.conditions;
  inputs[kRealDraws] = draws(kRealRows);
  inputs[kFakeDraws] = draws(kFakeRows);
  inputs[kGammaFactor] = gamma_factor(schedule);
  inputs[kLabelledRows] = labelled.rows;
  inputs[kTheirLabels] = labelled.labels;
  const bool with_penalty = step % o_.penalty.every == 0;
  Tensors metrics = (with_penalty ? critic_ : plain_critic_).run(inputs);
  last_fake_ = metrics.back();
  metrics.pop_back();
  last_real_ = real;
  last_known_ = {.rows = {}, .labels = batch.labels, .conditions = batch.conditions};
  if (held_out_ && step % kSteerEvery == 0) steer_augmentation(metrics, schedule);
  const Timed timed(profile_, Phase::kCriticUpdate);
  players_.critic_optimizer.beta2 = o_.optimizer.beta2.at(schedule.gone_once);
  optimizer_step(players_.critic_optimizer,
                 o_.optimizer.critic_lr.at(schedule.gone) * schedule.learning_rate,
                 players_.critic.parameters, players_.critic.gradients);
  if (o_.objective.kind == Objective::kWgan && o_.penalty.clip > 0)
    clip_parameters(players_.critic, o_.penalty.clip);
  ++players_.critic_steps;
  add_critic(players_.sums, metrics, players_.critic.gradients);
  if (with_penalty) ++players_.sums.penalty_steps;
}

void Steps::train_generator(const Schedule& schedule) {
  const int64_t rows = o_.batches.generator_size > 0 ? o_.batches.generator_size : o_.batches.size;
  const bool paired = is_paired(o_.objective.kind);
  const Batch known = paired ? last_known_ : draw_known(rows);
  const bool wants_real = paired || o_.stabilisers.feature_matching != FeatureMatching::kNone ||
                          o_.objective.kind == Objective::kCTransform;
  const auto draws = [&](uint64_t set, int64_t count) {
    return augment_draws_of(Stream::kGeneratorAugment, players_.step, set, count);
  };
  Tensors inputs(kGeneratorInputs);
  inputs[kZ] = generator_input(draw_z(Stream::kGeneratorLatent, players_.step, rows), known);
  inputs[kReal] = wants_real ? last_real_ : at::Tensor();
  inputs[kLabels] = known.labels;
  inputs[kNoise] = noise(Stream::kGeneratorNoise, static_cast<uint64_t>(players_.step), 0, rows,
                         schedule.instance_noise);
  inputs[kConditions] = known.conditions;
  if (wants_real) inputs[kRealDraws] = draws(kRealRows, last_real_.size(0));
  inputs[kFakeDraws] = draws(kFakeRows, rows);
  const at::Tensor loss = generator_.run(inputs)[0];
  const Timed timed(profile_, Phase::kGeneratorUpdate);
  players_.generator_optimizer.beta2 = o_.optimizer.beta2.at(schedule.gone_once);
  optimizer_step(players_.generator_optimizer,
                 o_.optimizer.generator_lr.at(schedule.gone) * schedule.learning_rate,
                 players_.generator.parameters, players_.generator.gradients);
  update_average(players_.average, players_.generator, average_decay(o_, schedule, rows),
                 players_.step);
  ++players_.step;
  add_generator(players_.sums, loss, players_.generator.gradients);
}

void Steps::examine(Tick& tick) const {
  const torch::NoGradGuard no_grad;
  if (objective_.augment.any()) tick.augment_strength = strength_;
  tick.overfitting = players_.steering.overfitting();
  if (o_.batches.size >= kFewestSamples) {
    const int64_t count = std::min(o_.batches.size, kMostSamples);
    const auto spread = [&](const at::Tensor& rows) {
      return torch::pdist(rows.narrow(0, 0, count).flatten(1)).mean().item<double>();
    };
    tick.diversity = spread(last_fake_) / std::max(spread(last_real_), 1e-12);
  }
  if (o_.objective.kind == Objective::kWgan && o_.penalty.clip > 0) {
    const at::Tensor bound = players_.critic.parameters.abs() >= o_.penalty.clip * (1 - 1e-6);
    tick.saturated_share =
        bound.sum().item<double>() / static_cast<double>(parameter_count(players_.critic.network));
  }
}

const std::string& Steps::obstacle() const {
  if (!critic_.obstacle().empty()) return critic_.obstacle();
  return plain_critic_.obstacle().empty() ? generator_.obstacle() : plain_critic_.obstacle();
}

GeneratorObjective Steps::generator_objective() const {
  return {.objective = o_.objective.kind,
          .route = o_.compute.critic_step,
          .precision = o_.compute.precision,
          .feature_matching = o_.stabilisers.feature_matching,
          .augment = objective_.augment,
          .feature_layers = o_.stabilisers.feature_layers};
}

// On a GPU, where the steps are sweeps and nobody wants the times of their parts.
bool Steps::records() const {
  const Network& critic = players_.critic.network;
  return device_.is_cuda() && profile_ == nullptr && !has_layer<GaussianNoise>(critic) &&
         takes_sweeps(critic, objective_) &&
         takes_sweeps(players_.generator.network, critic, generator_objective());
}

Tensors Steps::critic_work(const Tensors& inputs, bool with_penalty) {
  at::Tensor fake;
  {
    const Timed timed(profile_, Phase::kFakes);
    const at::Tensor made = generate(players_.generator, inputs[kZ], o_.compute.precision);
    fake = with_conditions(sum(made, inputs[kNoise]), inputs[kConditions]);
  }
  const Timed timed(profile_, Phase::kCriticStep);
  CriticObjective objective = objective_;
  objective.penalty.factor = inputs[kGammaFactor];
  if (!with_penalty) objective.penalty.scale = 0;
  CriticMetrics m = critic_gradients(players_.critic,
                                     {.real = inputs[kReal],
                                      .fake = fake,
                                      .epsilon = inputs[kEpsilon],
                                      .labels = inputs[kLabels],
                                      .real_draws = inputs[kRealDraws],
                                      .fake_draws = inputs[kFakeDraws],
                                      .between_draws = inputs[kBetweenDraws]},
                                     objective, profile_);
  if (inputs[kLabelledRows].defined()) {
    m.loss = m.loss + add_classification_gradients(players_.critic, inputs[kLabelledRows],
                                                   inputs[kTheirLabels], o_.compute.critic_step);
  }
  return {m.loss, m.real_score, m.fake_score, m.penalty, m.gradient_norm, fake};
}

Tensors Steps::generator_work(const Tensors& inputs) {
  const Timed timed(profile_, Phase::kGeneratorStep);
  return {generator_gradients(players_.generator, players_.critic,
                              {.z = inputs[kZ],
                               .labels = inputs[kLabels],
                               .noise = inputs[kNoise],
                               .conditions = inputs[kConditions],
                               .real = inputs[kReal],
                               .fake_draws = inputs[kFakeDraws],
                               .real_draws = inputs[kRealDraws]},
                              generator_objective())};
}

double Steps::augment_strength(const Schedule& schedule) const {
  return o_.augment.target > 0 ? players_.steering.strength
                               : o_.augment.strength.at(schedule.gone_once);
}

// set: which rows of the step they are for. Undefined where nothing is augmented.
at::Tensor Steps::augment_draws_of(Stream stream, int64_t step, uint64_t set, int64_t rows) const {
  if (!objective_.augment.any()) return {};
  return moved(
      augment_draws(
          objective_.augment, strength_, sample_shape(dataset_.shape), loader_.range(),
          {static_cast<uint64_t>(o_.seed), stream, static_cast<uint64_t>(step), set << 32}, rows),
      device_);
}

// gamma, where it changes over the run.
at::Tensor Steps::gamma_factor(const Schedule& schedule) const {
  if (!o_.penalty.gamma.changes()) return {};
  return moved(torch::full({}, o_.penalty.gamma.at(schedule.gone_once), torch::kFloat32), device_);
}

// metrics: of the step whose parameters the critic still has.
void Steps::steer_augmentation(const Tensors& metrics, const Schedule& schedule) {
  const torch::NoGradGuard no_grad;
  const int64_t step = players_.critic_steps;
  const Batch batch = known_batch(held_out_->batch(step / kSteerEvery));
  const at::Tensor noise_on = noise(Stream::kInstanceNoise, static_cast<uint64_t>(step), 3,
                                    o_.batches.size, schedule.instance_noise);
  const at::Tensor rows = augmented(
      objective_.augment, with_conditions(sum(prepared(batch.rows), noise_on), batch.conditions),
      augment_draws_of(Stream::kAugment, step, kHeldOutRows, o_.batches.size));
  const double held_out = critic_scores(players_.critic, rows, batch.labels).mean().item<double>();
  const double most = std::min(kMostSteered, o_.augment.strength.start);
  steer(
      players_.steering,
      {.train = metrics[1].item<double>(), .held_out = held_out, .fake = metrics[2].item<double>()},
      o_.augment.target, most, steering_move(o_.batches.size, dataset_.size));
}

// U[0, 1) in the order of [B, C, H, W].
at::Tensor Steps::uniform(Stream stream, uint64_t step, const Shape& shape) const {
  const at::Tensor values = torch::empty(shape);
  fill_uniform({static_cast<uint64_t>(o_.seed), stream, step, 0},
               {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  return moved(values, device_);
}

// Instance noise for so many samples; undefined where there is none.
at::Tensor Steps::noise(Stream stream, uint64_t step, uint64_t index, int64_t rows,
                        double factor) const {
  if (o_.stabilisers.instance_noise <= 0) return {};
  Shape shape = sample_shape(dataset_.shape);
  shape.insert(shape.begin(), rows);
  const at::Tensor values = torch::empty(shape);
  fill_normal({static_cast<uint64_t>(o_.seed), stream, step, index},
              {values.data_ptr<float>(), static_cast<size_t>(values.numel())});
  values.mul_(o_.stabilisers.instance_noise * factor);
  return moved(values, device_);
}

// The batch as the critic is to see it, but for the noise.
at::Tensor Steps::prepared(const at::Tensor& real) const {
  if (!o_.batches.dequantize) return real;
  const at::Tensor gaps = uniform(Stream::kDequantize, static_cast<uint64_t>(players_.critic_steps),
                                  real.sizes().vec());
  return dequantized(real, gaps, pixel_range(players_.generator.network));
}

// Of the interpolates: between fake (0) and real (1).
at::Tensor Steps::epsilon() const {
  return uniform(Stream::kEpsilon, static_cast<uint64_t>(players_.critic_steps), {o_.batches.size});
}

at::Tensor Steps::draw_z(Stream stream, int64_t step, int64_t rows) const {
  return moved(latents(static_cast<uint64_t>(o_.seed), stream, static_cast<uint64_t>(step), rows,
                       o_.players.latent, o_.players.latent_dist),
               device_);
}

int64_t Steps::condition_count() const { return known_of(o_, dataset_).conditions; }

// The batch on the device, with what the networks are to know of it.
Batch Steps::known_batch(Batch batch) const {
  batch.rows = moved(batch.rows, device_);
  batch.labels = o_.players.conditional ? moved(batch.labels, device_) : at::Tensor();
  batch.conditions = o_.players.conditional ? moved(batch.conditions, device_) : at::Tensor();
  return batch;
}

// Classes and conditions that the generator step is asked for, those of rows drawn from the data.
// Without rows.
Batch Steps::draw_known(int64_t count) const {
  if (!o_.players.conditional) return {};
  Draws draws(
      {static_cast<uint64_t>(o_.seed), Stream::kClasses, static_cast<uint64_t>(players_.step), 0});
  const auto rows =
      static_cast<uint32_t>(std::min<int64_t>(dataset_.size, std::numeric_limits<uint32_t>::max()));
  std::vector<int64_t> drawn(static_cast<size_t>(count));
  for (int64_t& row : drawn) row = int64_t{draws.below(rows)};
  Batch known = gather_known(dataset_, drawn);
  known.labels = moved(known.labels, device_);
  known.conditions = moved(known.conditions, device_);
  return known;
}

// z, with the classes and the conditions behind it where there are any.
at::Tensor Steps::generator_input(const at::Tensor& z, const Batch& known) const {
  at::Tensor input = z;
  if (known.labels.defined()) {
    input = with_classes(input, known.labels, known_of(o_, dataset_).classes);
  }
  return with_conditions(input, known.conditions);
}

// Rows whose labels the discriminator learns from; empty where it learns none.
Batch Steps::labelled_batch() {
  if (!labelled_loader_) return {};
  Batch batch = labelled_loader_->next();
  batch.rows = prepared(moved(batch.rows, device_));
  batch.labels = moved(batch.labels, device_);
  return batch;
}

}  // namespace wgan
