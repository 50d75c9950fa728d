// A discriminator and two critics trained to optimality between two Gaussians on the line.
#include <fmt/format.h>
#include <torch/types.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "wgan/core/random.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr double kContestLambda = 10;
constexpr double kLinear = 0.95;  // correlation with x that counts as nearly linear
constexpr int64_t kPoints = 241;

// Real samples are N(-distance / 2, sigma^2), fakes N(distance / 2, sigma^2).
struct Bells {
  double distance, sigma;
  uint64_t seed;

  double reach() const { return 1.5 * distance; }  // the line is looked at from -reach to reach

  Sampler sampler(bool fake) const {
    return [*this, fake](int64_t count, uint64_t step) {
      at::Tensor rows = torch::empty({count, 1});
      fill_normal({seed, Stream::kStudy, step, fake ? uint64_t{1} : uint64_t{0}},
                  {rows.data_ptr<float>(), static_cast<size_t>(count)});
      return rows.mul_(sigma).add_((fake ? 1 : -1) * distance / 2);
    };
  }

  static double density(double x, double mean, double variance) {
    const double z = x - mean;
    return std::exp(-z * z / (2 * variance)) / std::sqrt(2 * std::numbers::pi * variance);
  }
  double real(double x) const { return density(x, -distance / 2, sigma * sigma); }
  double fake(double x) const { return density(x, distance / 2, sigma * sigma); }

  // |d/dx log(1 - D*(x))| = D*(x) |d/dx log(p/q)| with D* = p / (p + q).
  double best_minimax_gradient(double x) const {
    const double slope = distance / (sigma * sigma);
    return slope / (1 + std::exp(slope * x));
  }

  // |f'| of the critic that is best under the two-sided penalty. E f(x) - E f(G(z)) is the integral
  // of |f'| h, h the difference of the distribution functions, and the penalty that of
  // lambda rho (|f'| - 1)^2, rho the density of the interpolates: |f'| = 1 + h / (2 lambda rho).
  double best_slope(double x) const {
    const auto below = [&](double mean) {
      return std::erfc((mean - x) / sigma / std::numbers::sqrt2) / 2;
    };
    constexpr int kParts = 400;  // of the interpolation's weight, by midpoints
    double rho = 0;
    for (int i = 0; i < kParts; ++i) {
      const double e = (i + .5) / kParts;
      rho += density(x, (.5 - e) * distance, sigma * sigma * (e * e + (1 - e) * (1 - e))) / kParts;
    }
    return 1 + (below(-distance / 2) - below(distance / 2)) / (2 * kContestLambda * rho);
  }
};

// A trained network on the line, and at samples of the fakes.
struct ContestLook {
  at::Tensor x, value, slope;         // [kPoints]
  at::Tensor fakes;                   // [N], the samples
  at::Tensor fake_value, fake_slope;  // [N]
};

ContestLook trained(const Bells& bells, TrainOptions options, Objective objective, int64_t steps,
                    const std::function<void()>& on_progress) {
  options.objective.kind = objective;
  if (objective == Objective::kWgan) options.optimizer.kind = OptimizerKind::kRmsprop;
  const auto fit = fit_critic(mlp_critic({1}, {.width = 64, .depth = 2}), bells.sampler(false),
                              bells.sampler(true), options, steps,
                              [&](int64_t step, const Model&, const CriticMetrics&) {
                                if (step % 200 == 0) on_progress();
                              });
  const at::Tensor line = torch::linspace(-bells.reach(), bells.reach(), kPoints).unsqueeze(1);
  const at::Tensor fakes = bells.sampler(true)(2000, static_cast<uint64_t>(steps));
  return {.x = line.flatten().to(torch::kFloat64),
          .value = scores_at(fit.critic, line),
          .slope = slopes_at(fit.critic, line).flatten(),
          .fakes = fakes.flatten(),
          .fake_value = scores_at(fit.critic, fakes),
          .fake_slope = slopes_at(fit.critic, fakes).flatten()};
}

// |d/dx log(1 - D)|, D = sigmoid of the value: what a minimax generator learns from.
at::Tensor minimax_gradient(const at::Tensor& value, const at::Tensor& slope) {
  return (value.sigmoid() * slope).abs();
}

// Of f(x) with x over a part of the line.
double correlation(const ContestLook& f, const at::Tensor& part) {
  return torch::corrcoef(torch::stack({f.x.masked_select(part), f.value.masked_select(part)}))[0][1]
      .item<double>();
}

double share_falling(const ContestLook& f, const at::Tensor& part) {
  return (f.slope.masked_select(part) < 0).to(torch::kFloat64).mean().item<double>();
}

// In units of its mean slope at the fakes, 0 halfway.
at::Tensor normalised(const ContestLook& critic) {
  return (critic.value - critic.value[kPoints / 2]) / critic.fake_slope.abs().mean();
}

Figure figure(const Bells& bells, const ContestLook& d, const ContestLook& clipped,
              const ContestLook& penalised) {
  const std::vector<double> x = numbers_of(d.x);
  const auto line = [&](const char* title, const at::Tensor& y, int colour) {
    return Series{.title = title, .x = x, .y = numbers_of(y), .colour = colour};
  };
  const auto closed_form = [&](const char* title, Mark mark, int colour,
                               const std::function<double(double)>& of) {
    return Series{.title = title, .mark = mark, .x = x, .y = values_at(x, of), .colour = colour};
  };
  Figure f{
      .name = "critic-vs-discriminator",
      .caption = fmt::format(
          "Left: the densities of real samples and fakes, {:g} apart, and D, "
          "trained to optimality: a step, flat where either has samples. Middle: "
          "both critics fall from the real samples to the fakes in nearly a "
          "straight line, the clipped one beyond the samples too. Right: what a fake at x learns "
          "from. The gradient of log(1 - D) falls to nothing where the fakes are, "
          "and so does that of the optimal D in closed form; the critics' stays.",
          bells.distance),
      .alternative =
          "Three plots over x. The discriminator is a falling step between two bells. The "
          "critics are nearly straight falling lines. On a logarithmic axis the minimax "
          "gradient falls by many orders of magnitude at the fakes, the critics' slopes are "
          "nearly constant.",
      .columns = 3,
      .panel_width = 420};
  f.panels = {
      {.title = "Densities and the discriminator",
       .x = {.label = "x"},
       .series = {closed_form("real", Mark::kLine, 0, [&](double t) { return bells.real(t); }),
                  closed_form("fake", Mark::kLine, 1, [&](double t) { return bells.fake(t); }),
                  line("D(x)", d.value.sigmoid(), 6)}},
      {.title = "Critics, in units of their slope at the fakes",
       .x = {.label = "x"},
       .series = {line("clipped", normalised(clipped), 2),
                  line("penalty", normalised(penalised), 3),
                  closed_form("-x", Mark::kDashed, 6, [](double t) { return -t; })}},
      {.title = "Gradients",
       .x = {.label = "x"},
       .y = {.log = true, .low = 1e-12, .high = 1e2},
       .series = {line("D", minimax_gradient(d.value, d.slope), 6),
                  closed_form("D*", Mark::kDashed, 4,
                              [&](double t) { return bells.best_minimax_gradient(t); }),
                  line("clipped", clipped.slope.abs(), 2),
                  line("penalty", penalised.slope.abs(), 3),
                  closed_form("closed form", Mark::kDashed, 5,
                              [&](double t) { return bells.best_slope(t); })}}};
  return f;
}

std::vector<Check> checks(const Bells& bells, const ContestLook& d, const ContestLook& clipped,
                          const ContestLook& penalised) {
  const double of_d = minimax_gradient(d.fake_value, d.fake_slope).mean().item<double>();
  const double of_f = penalised.fake_slope.abs().mean().item<double>();
  double best = 0;
  for (const double at : numbers_of(penalised.fakes)) best += bells.best_slope(at);
  best /= static_cast<double>(penalised.fakes.numel());
  const at::Tensor everywhere = torch::ones({kPoints}, torch::kBool);
  // Three deviations around the means and all between.
  const at::Tensor sampled = penalised.x.abs() <= bells.distance / 2 + 3 * bells.sigma;
  return {{"the minimax gradient vanishes at the fakes: mean $|d/dx log(1 - D)|$", of_d, 0, 0.01},
          {"the critic's does not: mean $|f'|$ at the fakes over the mean of $|d/dx log(1 - D)|$",
           of_f / of_d, 100},
          {fmt::format("mean $|f'|$ under the penalty is the closed form's, {:.3f}", best), of_f,
           best - 0.1, best + 0.1},
          {"the clipped critic is nearly linear on the whole line: correlation with x",
           correlation(clipped, everywhere), -1, -kLinear},
          {"the penalised one is where there are samples: correlation with x",
           correlation(penalised, sampled), -1, -kLinear},
          {"share of the line where the clipped critic leads to the real samples",
           share_falling(clipped, everywhere), 1},
          {"the same of the penalised one, where there are samples",
           share_falling(penalised, sampled), 1}};
}

Outcome run_critic_vs_discriminator(const ExperimentOptions& options) {
  const Bells bells{.distance = setting<double>(options, "distance"),
                    .sigma = setting<double>(options, "sigma"),
                    .seed = options.seed};
  TrainOptions o;
  o.penalty.lambda = kContestLambda;
  o.penalty.clip = setting<double>(options, "clip");
  o.optimizer.critic_lr = 2e-3;
  o.optimizer.lr_decay = true;
  o.batches.size = 256;
  o.seed = static_cast<int64_t>(options.seed);
  const auto of = [&](const char* name, Objective objective) {
    return trained(bells, o, objective, options.quick ? 1500 : 10'000,
                   [&] { options.on_progress(name); });
  };
  const ContestLook d = of("discriminator", Objective::kMinimax);
  const ContestLook clipped = of("critic, clipped", Objective::kWgan);
  const ContestLook penalised = of("critic, penalty", Objective::kWganGp);
  return {.figures = {figure(bells, d, clipped, penalised)},
          .checks = checks(bells, d, clipped, penalised),
          .remark =
              "Beyond the real samples there is nothing to move, and the two-sided penalty does "
              "not mind the sign of a slope: the penalised critic may turn there."};
}

}  // namespace

Experiment critic_vs_discriminator_experiment() {
  return {
      .name = "critic-vs-discriminator",
      .title = "An optimal discriminator saturates, an optimal critic does not",
      .claim =
          "Between two Gaussians the optimal discriminator of a minimax GAN saturates, and its "
          "gradient vanishes where the fakes are; the critic of a WGAN trained to optimality gives "
          "useful gradients everywhere on the line (Arjovsky et al. 2017, Fig. 2).",
      .text =
          "The best discriminator is $D* = p / (p + q)$, $p$ the density of real samples and $q$ "
          "that of fakes. Between two bells of one deviation $s$ whose means are $d$ apart, "
          "$log(p(x)/q(x))$ is the straight line $-d x / s^2$ and $D*$ its sigmoid, a step. The "
          "minimax generator descends $log(1 - D)$, whose derivative has the size $D* d / s^2$: at "
          "the fakes' mean $(d / s^2) / (1 + exp(d^2 / (2 s^2)))$, which with $d = 4$ and $s = "
          "0.5$ is at most 2e-13. The better the discriminator, the less the generator learns.\n\n"
          "A critic's slopes are bounded, not its values. Of all functions of slope 1 at most, the "
          "one with the largest $E f(x) - E f(G(z))$ falls by 1 a unit wherever mass has to move, "
          "here all the way from the real samples to the fakes. Under the gradient penalty the "
          "optimal critic can be written down. $E f(x) - E f(G(z))$ is the integral of $|f'| h$, "
          "$h$ the difference of the two distribution functions; the penalty is the integral of "
          "$lambda rho (|f'| - 1)^2$, $rho$ the density of the points between real samples and "
          "fakes. So $|f'| = 1 + h / (2 lambda rho)$ at every point. A clipped critic's slope is "
          "bounded by an unknown $K$, so both critics are drawn in units of their slope at the "
          "fakes.\n\n"
          "What saturates is the loss. The discriminator's logit is a straight line as well, and "
          "the non-saturating loss $-log D$ keeps a gradient of $(1 - D) d / s^2$ at the fakes; "
          "but its size tells how narrow the bells are, not how far they are apart.",
      .settings = {{"distance", "4", "between the means of real samples and fakes"},
                   {"sigma", "0.5", "deviation of both"},
                   {"clip", "0.1", "bound of the weights of the clipped critic"}},
      .in_all = true,
      .trained = true,
      .run = run_critic_vs_discriminator};
}

}  // namespace wgan
