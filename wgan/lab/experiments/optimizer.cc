// RMSProp against Adam with momentum in a clipped WGAN, over several seeds.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "wgan/core/counted.h"
#include "wgan/data/synthetic.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/metrics/transport.h"

namespace wgan {
namespace {

constexpr int64_t kOptimizerRows = 256;  // that W1 is taken of

struct OptimizerContender {
  const char* name;
  OptimizerKind kind;
  double beta1;
};
constexpr OptimizerContender kOptimizerContenders[] = {
    {"RMSProp", OptimizerKind::kRmsprop, 0},
    {"Adam, beta1 0", OptimizerKind::kAdam, 0},
    {"Adam, beta1 0.5", OptimizerKind::kAdam, 0.5},
    {"Adam, beta1 0.9", OptimizerKind::kAdam, 0.9}};
constexpr size_t kRmsprop = 0, kMomentum = 3;  // the two that the claim is of

// One training.
struct Trial {
  std::vector<double> step, w1, cosine;  // at each look
  std::vector<double> loss;              // the critic's, at each tick

  // Over the second half of the looks.
  double typical_w1() const {
    return std::accumulate(w1.begin() + half(), w1.end(), 0.0) /
           static_cast<double>(w1.end() - w1.begin() - half());
  }
  double worst_w1() const { return *std::max_element(w1.begin() + half(), w1.end()); }
  // Standard deviation of the loss over its second half: how far it swings.
  double swing() const {
    const auto from = loss.begin() + static_cast<std::ptrdiff_t>(loss.size() / 2);
    const auto count = static_cast<double>(loss.end() - from);
    const double mean = std::accumulate(from, loss.end(), 0.0) / count;
    double sum = 0;
    for (auto it = from; it != loss.end(); ++it) sum += (*it - mean) * (*it - mean);
    return std::sqrt(sum / count);
  }
  double against_gradient() const {
    return static_cast<double>(std::ranges::count_if(cosine, [](double c) { return c < 0; })) /
           static_cast<double>(cosine.size());
  }

 private:
  std::ptrdiff_t half() const { return static_cast<std::ptrdiff_t>(w1.size() / 2); }
};

// Between the critic's last step and minus its last gradient: Arjovsky et al. saw it turn negative.
double cosine_of_step(const Players& players) {
  const Optimizer& optimizer = players.critic_optimizer;
  if (optimizer.steps == 0) return 1;
  const at::Tensor gradient = players.critic.gradients;
  const at::Tensor mean = optimizer.kind == OptimizerKind::kAdam ? optimizer.mean : gradient;
  const at::Tensor direction = mean / (optimizer.mean_square.sqrt() + 1e-12);
  return (direction.dot(gradient) / (direction.norm() * gradient.norm() + 1e-30)).item<double>();
}

Trial trial(const OptimizerContender& contender, TrainOptions o, uint64_t seed,
            const std::function<void()>& on_progress) {
  const Dataset data = make_synthetic("gaussians8", Split::kTrain, seed);
  const Dataset fresh = make_synthetic("gaussians8", Split::kTest, seed);
  o.optimizer.kind = contender.kind;
  o.optimizer.beta1 = contender.beta1;
  o.seed = static_cast<int64_t>(seed);
  const at::Tensor real = rows_of(fresh)(kOptimizerRows, 0);
  Trial t;
  train_players(
      data, o, std::max<int64_t>(1, o.length.steps / 30),
      [&](const Players& p, int64_t step) {
        on_progress();
        if (step == 0) return;
        t.step.push_back(static_cast<double>(step));
        t.w1.push_back(wasserstein(real, samples_of(p, o, kOptimizerRows), 1));
        t.cosine.push_back(cosine_of_step(p));
      },
      [&](const Tick& tick) { t.loss.push_back(tick.critic_loss); });
  return t;
}

using Trials = std::vector<std::vector<Trial>>;  // [contender][seed]

double mean_of(const std::vector<Trial>& trials, double (*of)(const Trial&)) {
  double sum = 0;
  for (const Trial& t : trials) sum += of(t);
  return sum / static_cast<double>(trials.size());
}

double typical(const Trial& t) { return t.typical_w1(); }
double worst(const Trial& t) { return t.worst_w1(); }
double swing(const Trial& t) { return t.swing(); }
double against(const Trial& t) { return t.against_gradient(); }

Table table(const Trials& trials) {
  Table table{.name = "optimizer-table",
              .caption =
                  "Means over the seeds. Swing: standard deviation of the critic's loss over "
                  "the second half. Against the gradient: share of looks at which the "
                  "critic's step and minus its gradient make a negative cosine.",
              .columns = {"optimizer", "W1, second half", "worst W1, second half",
                          "swing of the loss", "against the gradient"},
              .labels = {},
              .values = {}};
  for (size_t c = 0; c < trials.size(); ++c) {
    table.labels.emplace_back(kOptimizerContenders[c].name);
    table.values.emplace_back();
    for (const auto& of : {typical, worst, swing, against}) {
      table.values.back().push_back(mean_of(trials[c], of));
    }
  }
  return table;
}

Figure figure(const Trials& trials, const std::string& setting_text) {
  Figure figure{
      .name = "optimizer",
      .caption = "A clipped WGAN on eight Gaussians, " + setting_text +
                 ". Above: exact W1 of the samples to fresh data; the line is the mean over "
                 "the seeds, the band their range. Below: cosine between the critic's step and "
                 "minus its gradient. Without momentum it cannot be negative.",
      .alternative =
          "Curves of W1 over the generator steps with bands: those of RMSProp and of "
          "Adam with beta1 0 fall, that of beta1 0.9 does not. Curves of a cosine, of "
          "which that of beta1 0.9 wavers most.",
      .panel_width = 720,
      .panel_height = 340};
  Panel distance{.title = "Distance of the samples to the data",
                 .x = {.label = "generator step"},
                 .y = {.label = "W1", .log = true}};
  Panel cosine{.title = "The critic's step against its gradient",
               .x = {.label = "generator step"},
               .y = {.label = "cosine", .low = -1.0, .high = 1.0}};
  const auto add = [&](Panel& panel, size_t c, std::vector<double> Trial::*values) {
    Series s{.title = kOptimizerContenders[c].name,
             .x = trials[c][0].step,
             .colour = static_cast<int>(c)};
    for (size_t i = 0; i < s.x.size(); ++i) {
      double low = 1e300, high = -1e300, sum = 0;
      for (const Trial& t : trials[c]) {
        const double v = (t.*values)[i];
        low = std::min(low, v), high = std::max(high, v), sum += v;
      }
      s.y.push_back(sum / static_cast<double>(trials[c].size()));
      s.low.push_back(low), s.high.push_back(high);
    }
    panel.series.push_back(s);
  };
  for (size_t c = 0; c < trials.size(); ++c) {
    add(distance, c, &Trial::w1);
    add(cosine, c, &Trial::cosine);
  }
  figure.panels = {distance, cosine};
  return figure;
}

std::vector<Check> checks(const Trials& trials) {
  const auto& rmsprop = trials[kRmsprop];
  const auto& momentum = trials[kMomentum];
  return {{"samples are worse with momentum: mean W1 of the second half, Adam with beta1 0.9 over "
           "RMSProp",
           mean_of(momentum, typical) / mean_of(rmsprop, typical), 1.1},
          {"and less steadily good: worst W1 of the second half, the same ratio",
           mean_of(momentum, worst) / mean_of(rmsprop, worst), 1.1},
          {"the critic's loss swings more, the same ratio",
           mean_of(momentum, swing) / mean_of(rmsprop, swing), 1.1},
          {"without momentum the critic's step never turns against its gradient: share of looks",
           mean_of(rmsprop, against), 0, 0}};
}

std::string remark(const Trials& trials) {
  return fmt::format(
      "Arjovsky et al. saw the cosine between the critic's step and minus its gradient turn "
      "negative where training was unstable. With beta1 0.9 it was negative at {:.1f} % of the "
      "looks here.",
      100 * mean_of(trials[kMomentum], against));
}

Outcome run_optimizer(const ExperimentOptions& options) {
  const Dataset data = make_synthetic("gaussians8", Split::kTrain, options.seed);
  TrainOptions o = recipe_options(Recipe::kFast, Objective::kWgan, data);
  o.players.width = 64;
  o.batches.size = options.quick ? 128 : 256;
  o.penalty.clip = setting<double>(options, "clip");
  o.optimizer.critic_lr = o.optimizer.generator_lr = setting<double>(options, "lr");
  o.optimizer.lr_decay = false;
  o.optimizer.average = 0;
  o.optimizer.beta2 = setting<double>(options, "beta2");
  o.length.steps = options.quick ? 600 : 4000;
  o.cadence.tick_every = 10;
  const uint64_t seeds = options.quick ? 2 : 8;
  Trials trials;
  for (const OptimizerContender& contender : kOptimizerContenders) {
    trials.emplace_back();
    for (uint64_t s = 0; s < seeds; ++s) {
      trials.back().push_back(trial(contender, o, 1000 * options.seed + s, [&] {
        options.on_progress(fmt::format("{}, seed {} of {}", contender.name, s + 1, seeds));
      }));
    }
  }
  return {.figures = {figure(trials, fmt::format("{}, learning rate {:g}", counted(seeds, "seed"),
                                                 o.optimizer.critic_lr.start))},
          .tables = {table(trials)},
          .checks = checks(trials),
          .remark = remark(trials)};
}

}  // namespace

Experiment optimizer_experiment() {
  return {
      .name = "optimizer",
      .title = "RMSProp or Adam for a clipped critic",
      .claim =
          "Training of a clipped WGAN becomes unstable with an optimizer with momentum, such as "
          "Adam with $beta1 > 0$, on the critic; RMSProp does better (Arjovsky et al. 2017, "
          "section 4).",
      .text =
          "Momentum replaces the gradient by a mean over about $1 / (1 - beta1)$ steps. That helps "
          "where the gradients of these steps are noisy estimates of one direction. A critic's "
          "target changes: once the samples have moved, old gradients point to where they were. "
          "The same is known from the game $min_x max_y x y$, whose simultaneous steps circle "
          "outwards the faster the more momentum they have (Gidel et al. 2019).\n\n"
          "Arjovsky et al. noticed that the cosine between Adam's step and the gradient turned "
          "negative when training failed. RMSProp and Adam with $beta1 = 0$ divide each coordinate "
          "of the gradient by a positive number, so with them the cosine cannot be negative.\n\n"
          "All contenders have the same learning rate, clipping and networks. Unlike in the paper, "
          "both players have momentum, as in the usual implementations. Adam with $beta1 = 0$ is "
          "included to separate the effect of momentum from the rest of Adam.",
      .settings = {{"clip", "0.05", "bound of the critic's weights"},
                   {"lr", "5e-4", "learning rate of both players"},
                   {"beta2", "0.999", "decay of Adam's moving average of the squared gradient"}},
      .in_all = true,
      .trained = true,
      .run = run_optimizer};
}

}  // namespace wgan
