// Opponents trained from scratch against a generator that is held.
#include "wgan/lab/opponents.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/lab/fit.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/latent.h"
#include "wgan/train/pixels.h"

namespace wgan {
namespace {

constexpr std::array<int64_t, 3> kEpochs = {1, 10, 25};  // after which a generator is kept
constexpr double kLooksADecade = 5;

enum class Opponent { kDiscriminator, kPenalised, kClipped };

Opponent opponent_of(Objective objective) {
  if (objective == Objective::kWganGp) return Opponent::kPenalised;
  return objective == Objective::kWgan ? Opponent::kClipped : Opponent::kDiscriminator;
}

Model copy_of(const Model& model) {
  Model copy = make_model(model.network, model.parameters.options(), Training::kYes);
  update_average(copy, model, /*decay=*/0, /*step=*/0);
  return copy;
}

void look(Model& generator, const Model& opponent, Objective objective, const TrainOptions& o,
          int64_t batches, int64_t step, History& history) {
  std::vector<at::Tensor> gradients;
  for (int64_t b = 0; b < batches; ++b) {
    const at::Tensor z =
        latents(static_cast<uint64_t>(o.seed), Stream::kStudy, static_cast<uint64_t>(b),
                o.batches.size, o.players.latent, o.players.latent_dist);
    generator_gradients(generator, opponent, {.z = z}, {.objective = objective});
    gradients.push_back(generator.gradients.to(torch::kFloat64));
  }
  const at::Tensor all = torch::stack(gradients);
  history.step.push_back(static_cast<double>(step));
  history.norm.push_back(all.norm(2, {1}).mean().item<double>());
  history.spread.push_back(all.var({0}).sum().sqrt().item<double>());
}

// At steps even on a logarithmic axis.
bool look_due(int64_t step, int64_t last) {
  const auto place = [](int64_t s) {
    return std::floor(kLooksADecade * std::log10(static_cast<double>(s)) + 1e-9);
  };
  return step == 1 || step == last || place(step) > place(step - 1);
}

void train_opponent(Age& age, Opponent opponent, const Dataset& data, TrainOptions o,
                    const OpponentScale& scale, const std::function<void()>& on_progress) {
  Network critic = build_networks(o, sample_shape(data.shape)).critic;
  if (opponent != Opponent::kDiscriminator) {  // BatchNorm would not go with the penalty
    critic = with_norm(critic, Norm::kNone, 0);
    o.objective.kind = opponent == Opponent::kPenalised ? Objective::kWganGp : Objective::kWgan;
  }
  if (opponent == Opponent::kClipped) o.optimizer.kind = OptimizerKind::kRmsprop;
  const Sampler fake = [&](int64_t count, uint64_t step) {
    return generate(age.generator, latents(static_cast<uint64_t>(o.seed), Stream::kCriticLatent,
                                           step, count, o.players.latent, o.players.latent_dist));
  };
  const int64_t steps =
      opponent == Opponent::kDiscriminator ? scale.discriminator_steps : scale.critic_steps;
  fit_critic(critic, rows_of(data), fake, o, steps,
             [&](int64_t step, const Model& trained, const CriticMetrics&) {
               if (step % 20 == 0) on_progress();
               if (!look_due(step, steps)) return;
               for (size_t i = 0; i < kLosses.size(); ++i) {
                 if (opponent_of(kLosses[i].objective) != opponent) continue;
                 look(age.generator, trained, kLosses[i].objective, o, scale.batches, step,
                      age.histories[i]);
               }
             });
}

}  // namespace

std::vector<Age> aged_generators(const Dataset& data, TrainOptions o, const OpponentScale& scale,
                                 const std::function<void()>& on_progress) {
  const int64_t epoch = scale.epoch_rows / o.batches.size;
  o.length.steps = kEpochs.back() * epoch;
  std::vector<Age> ages;
  train_players(
      data, o, epoch,
      [&](const Players& players, int64_t step) {
        if (std::ranges::find(kEpochs, step / epoch) == kEpochs.end()) return;
        ages.push_back(
            {.epochs = step / epoch,
             .generator = copy_of(players.generator),
             .tiles = to_pictures(samples_of(players, o, kTilesOfAge), PixelRange::kSigned)});
      },
      [&](const Tick&) { on_progress(); });
  return ages;
}

void train_opponents(Age& age, const Dataset& data, const TrainOptions& options,
                     const OpponentScale& scale, const std::function<void()>& on_progress) {
  for (const auto opponent : {Opponent::kDiscriminator, Opponent::kPenalised, Opponent::kClipped}) {
    train_opponent(age, opponent, data, options, scale, on_progress);
  }
}

}  // namespace wgan
