// A discriminator trained between two Gaussians, against the best there is.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/core/random.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/density_divergence.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr double kCentral = 0.02;      // the least (p_r + p_g) / 2 where D is held against D*
constexpr double kIntegration = 1e-5;  // error of the integrals over the line
constexpr double kFarthest = 4;

// p_r = N(0, 1), p_g = N(mean, deviation^2).
struct Pair {
  double mean = 0, deviation = 1;
  uint64_t seed = 0;

  double log_real(double x) const { return -x * x / 2 - std::log(2 * std::numbers::pi) / 2; }
  double log_fake(double x) const { return log_real((x - mean) / deviation) - std::log(deviation); }
  double best(double x) const { return 1 / (1 + std::exp(log_fake(x) - log_real(x))); }  // D*

  // 2 JS - 2 log 2, what L(G, D*) is claimed to be.
  double best_value() const {
    const DensityDivergences found = density_divergences(
        [this](double x) { return log_real(x); }, [this](double x) { return log_fake(x); },
        {.points = {-1, 0, 1, mean - deviation, mean, mean + deviation}});
    return 2 * found.js.value - 2 * std::numbers::ln2;
  }

  Sampler sampler(bool fake) const {
    return [*this, fake](int64_t count, uint64_t step) {
      at::Tensor rows = torch::empty({count, 1});
      fill_normal({seed, Stream::kStudy, step, fake ? uint64_t{1} : uint64_t{0}},
                  {rows.data_ptr<float>(), static_cast<size_t>(count)});
      return fake ? rows.mul_(deviation).add_(mean) : rows;
    };
  }

  // Evenly over both bells.
  std::vector<double> line() const {
    const double reach = 7 * std::max(1.0, deviation);
    return evenly(std::min(0.0, mean) - reach, std::max(0.0, mean) + reach, 4001);
  }
};

// L(G, D) = integral of p_r log D + p_g log(1 - D), from the logits f at the points of the line.
double value_of(const Pair& pair, const std::vector<double>& logits) {
  const std::vector<double> x = pair.line();
  const auto softplus = [](double t) {
    return std::max(t, 0.0) + std::log1p(std::exp(-std::abs(t)));
  };
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    sum -= std::exp(pair.log_real(x[i])) * softplus(-logits[i]) +
           std::exp(pair.log_fake(x[i])) * softplus(logits[i]);
  }
  return sum * (x[1] - x[0]);
}

struct TrainedDiscriminator {
  Pair pair;
  std::vector<double> d;     // at the points of the line
  std::vector<double> loss;  // a step: what the discriminator minimises, -L of the batch
  double value = 0;          // L(G, D)
  double best_value = 0;     // 2 JS - 2 log 2

  // The largest |D - D*| where either has samples.
  double error() const {
    const std::vector<double> x = pair.line();
    double largest = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double density = (std::exp(pair.log_real(x[i])) + std::exp(pair.log_fake(x[i]))) / 2;
      if (density >= kCentral) largest = std::max(largest, std::abs(d[i] - pair.best(x[i])));
    }
    return largest;
  }
};

TrainedDiscriminator trained(const Pair& pair, int64_t steps) {
  TrainOptions o;
  o.objective.kind = Objective::kMinimax;
  o.batches.size = 512;
  o.optimizer.critic_lr = 2e-3;
  o.optimizer.lr_decay = true;
  o.seed = static_cast<int64_t>(pair.seed);
  std::vector<at::Tensor> losses;
  const auto fit = fit_critic(
      mlp_critic({1}, {.width = 64, .depth = 2}), pair.sampler(false), pair.sampler(true), o, steps,
      [&](int64_t, const Model&, const CriticMetrics& metrics) { losses.push_back(metrics.loss); });
  const at::Tensor line = torch::tensor(pair.line(), torch::kFloat32).unsqueeze(1);
  const at::Tensor logits = scores_at(fit.critic, line);
  return {.pair = pair,
          .d = numbers_of(logits.sigmoid()),
          .loss = numbers_of(torch::stack(losses)),
          .value = value_of(pair, numbers_of(logits)),
          .best_value = pair.best_value()};
}

Panel densities_panel(const std::string& title, const TrainedDiscriminator& t) {
  const std::vector<double> x = t.pair.line();
  const auto of = [&](auto&& f) { return values_at(x, f); };
  return {
      .title = title,
      .x = {.label = "x",
            .low = std::min(-3.5, t.pair.mean - 3.5 * t.pair.deviation),
            .high = std::max(3.5, t.pair.mean + 3.5 * t.pair.deviation)},
      .y = {.low = 0, .high = 1.05},
      .series = {curve("p_r", x, of([&](double at) { return std::exp(t.pair.log_real(at)); }),
                       Mark::kLine, 0),
                 curve("p_g", x, of([&](double at) { return std::exp(t.pair.log_fake(at)); }),
                       Mark::kLine, 1),
                 curve("D trained", x, t.d, Mark::kLine, 2),
                 curve("D*", x, of([&](double at) { return t.pair.best(at); }), Mark::kDashed, 3)}};
}

Figure discriminators(const TrainedDiscriminator& given, const TrainedDiscriminator& same) {
  const std::vector<double> steps =
      evenly(1, static_cast<double>(given.loss.size()), given.loss.size());
  return {.name = "optimal-discriminator",
          .caption =
              "Left: the trained D and $D* = p_r / (p_r + p_g)$ differ only where hardly a sample "
              "is. Middle: where p_g = p_r, D is 1/2. Right: the loss that the discriminator "
              "minimises, -L of each batch, goes down to $2 log 2 - 2 JS$ and no further.",
          .alternative =
              "Three plots: two bells with a U-shaped trained curve on a dashed one; one bell with "
              "a level curve at 1/2; a noisy loss that falls to a dashed level.",
          .panels = {densities_panel("two distributions", given),
                     densities_panel("p_g = p_r", same),
                     {.title = "loss in training",
                      .x = {.label = "step"},
                      .y = {.label = "-L, nats"},
                      .series = {curve("of the batch", steps, given.loss),
                                 level("2 log 2 - 2 JS", steps, -given.best_value),
                                 level("2 log 2", steps, 2 * std::numbers::ln2)}}},
          .columns = 3,
          .panel_width = 440};
}

Figure values_figure(const std::vector<double>& means,
                     const std::vector<TrainedDiscriminator>& fits) {
  std::vector<double> values;
  for (const TrainedDiscriminator& fit : fits) values.push_back(fit.value);
  const std::vector<double> x = evenly(0, kFarthest, 101);
  const auto best = [](double mean) { return Pair{.mean = mean}.best_value(); };
  return {.name = "optimal-discriminator-values",
          .caption =
              "L(G, D) of discriminators trained between N(0, 1) and N(mean, 1), on the curve 2 JS "
              "- 2 log 2: from -2 log 2 where the two are the same towards 0 where they no longer "
              "overlap.",
          .alternative = "Points on a curve that rises from -1.39 and levels off below 0.",
          .panels = {{.x = {.label = "mean of p_g"},
                      .y = {.label = "L, nats", .low = -1.5, .high = 0.1},
                      .series = {curve("2 JS - 2 log 2", x, values_at(x, best)),
                                 curve("trained", means, values, Mark::kPoints),
                                 level("-2 log 2", x, -2 * std::numbers::ln2)}}},
          .panel_width = 560};
}

std::vector<Check> checks(const TrainedDiscriminator& given, const TrainedDiscriminator& same,
                          const std::vector<TrainedDiscriminator>& fits) {
  std::vector<double> short_of;
  for (const TrainedDiscriminator& fit : fits) short_of.push_back(fit.best_value - fit.value);
  const at::Tensor shortfall = torch::tensor(short_of, torch::kFloat64);
  std::vector<double> best_logits;
  for (const double x : given.pair.line()) {
    best_logits.push_back(given.pair.log_real(x) - given.pair.log_fake(x));
  }
  return {
      {"$L(G, D*)$ is $2 JS - 2 log 2$: difference of the two integrals",
       std::abs(value_of(given.pair, best_logits) - given.best_value), 0, kIntegration},
      {fmt::format("D is $D*$ wherever $(p_r + p_g) / 2 >= {:g}$: largest difference", kCentral),
       given.error(), 0, 0.05},
      {fmt::format("$L(G, D)$ is $2 JS - 2 log 2 = {:.4f}$ or a little less", given.best_value),
       given.value, given.best_value - 0.01, given.best_value + kIntegration},
      {"where p_g = p_r, D is 1/2: largest difference", same.error(), 0, 0.05},
      {fmt::format("and $L(G, D)$ is $-2 log 2 = {:.4f}$ or a little less", -2 * std::numbers::ln2),
       same.value, -2 * std::numbers::ln2 - 0.01, -2 * std::numbers::ln2 + kIntegration},
      {"over all means L falls short of $2 JS - 2 log 2$ by little: at most",
       shortfall.max().item<double>(), 0, 0.02},
      {"and never exceeds it: least shortfall", shortfall.min().item<double>(), -kIntegration}};
}

Outcome run_optimal_discriminator(const ExperimentOptions& options) {
  const Pair given{.mean = setting<double>(options, "mean"),
                   .deviation = setting<double>(options, "deviation"),
                   .seed = options.seed};
  if (!(std::abs(given.mean) <= 4 && given.deviation >= 0.25 && given.deviation <= 4)) {
    throw Error(ErrorKind::kUsage, "wanted --mean from -4 to 4 and --deviation from 0.25 to 4");
  }
  const int64_t steps = options.quick ? 1000 : 10'000;
  options.on_progress("two distributions");
  const TrainedDiscriminator apart = trained(given, steps);
  std::vector<TrainedDiscriminator> fits;
  const std::vector<double> means = evenly(0, kFarthest, options.quick ? 5 : 9);
  for (const double mean : means) {
    options.on_progress(fmt::format("mean {:g}", mean));
    fits.push_back(trained({.mean = mean, .seed = options.seed}, steps));
  }
  return {.figures = {discriminators(apart, fits[0]), values_figure(means, fits)},
          .checks = checks(apart, fits[0], fits)};
}

}  // namespace

Experiment optimal_discriminator_experiment() {
  return {.name = "optimal-discriminator",
          .title = "The best discriminator is p_r / (p_r + p_g), and its value is 2 JS - 2 log 2",
          .claim =
              "$D*(x) = p_r(x) / (p_r(x) + p_g(x))$ maximises $L(G, D)$; $L(G, D*) = 2 JS(p_r, "
              "p_g) - 2 log 2$, which is least, $-2 log 2$, where $p_g = p_r$ (Goodfellow et al. "
              "2014, Proposition 1 and Theorem 1).",
          .text =
              "The discriminator maximises $L(G, D) = E_r[log D(x)] + E_g[log(1 - D(x))]$, the "
              "integral of $p_r log D + p_g log(1 - D)$. At each $x$ this is $A log D + B log(1 - "
              "D)$, greatest where $A/D = B/(1 - D)$: $D* = A/(A + B) = p_r/(p_r + p_g)$. Another "
              "base of the logarithm would only multiply $L$ by a constant; all logarithms here "
              "are natural.\n\n"
              "Inserting $D*$ gives $L(G, D*) = E_r[log(p_r/(p_r + p_g))] + E_g[log(p_g/(p_r + "
              "p_g))]$, and since each fraction is half of $p/m$ with $m = (p_r + p_g)/2$, $L(G, "
              "D*) = KL(p_r|m) + KL(p_g|m) - 2 log 2 = 2 JS - 2 log 2$. $L$ is never above 0. It "
              "is $-2 log 2 = -1.386$ where $D = 1/2$ everywhere and comes near 0 where $D$ is "
              "right and sure. What the trainer prints as the discriminator's loss is $-L$, which "
              "it minimises, from about $2 log 2$ down to $2 log 2 - 2 JS$.\n\n"
              "A discriminator network is trained with the trainer's own steps, on fresh samples "
              "of two Gaussians in every step, and compared with the formulas; $L$ is computed by "
              "integration, not from samples. By its definition no $D$ gives more than $D*$, so "
              "that training can only fall short: half of $L + 2 log 2$ is a lower bound of JS.",
          .settings = {{"mean", "1.5", "mean of p_g; p_r is N(0, 1)"},
                       {"deviation", "0.7", "deviation of p_g"}},
          .in_all = true,
          .trained = true,
          .run = run_optimal_discriminator};
}

}  // namespace wgan
