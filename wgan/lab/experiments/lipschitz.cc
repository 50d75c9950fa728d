// Critics held to slope K estimate K W.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>

#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/plane.h"
#include "wgan/lab/shifted_pair.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

struct Held {
  double bound = 1, shift = 1;  // K and W
  double estimate = 0;
  double slope = 0;                            // mean |grad f| over real points
  std::vector<double> along = {}, value = {};  // f on the line through both means
};

// A critic f of slope K at x is g(K x) with g of slope 1, so g is trained on points K times as far
// apart, under the penalty of slopes above 1. What steeper slopes gain is K times as much too,
// hence lambda times K.
Held held(double bound, double shift, TrainOptions o, int64_t steps,
          const ExperimentOptions& options) {
  const ShiftedPair pair{.shift = shift, .scale = bound, .seed = static_cast<uint64_t>(o.seed)};
  o.penalty.lambda *= bound;
  const auto fit =
      fit_critic(mlp_critic({2}, {.width = 64, .depth = 2}), pair.real(), pair.fake(), o, steps,
                 [&](int64_t step, const Model&, const CriticMetrics&) {
                   if (step % 200 == 0)
                     options.on_progress(fmt::format("critics held to K = {:g}", bound));
                 });
  Held h{.bound = bound, .shift = shift, .estimate = pair.estimate(fit.critic)};
  const at::Tensor real = pair.rows(2000, 0, 2) * bound;
  h.slope = bound * slopes_at(fit.critic, real).norm(2, {1}).mean().item<double>();
  const at::Tensor t = torch::linspace(-2, shift + 2, 101);
  const at::Tensor f = scores_at(fit.critic, torch::stack({0.6 * t, 0.8 * t}, 1) * bound);
  h.along = numbers_of(t);
  h.value = numbers_of(f - f[50]);
  return h;
}

Figure figure(const std::vector<Held>& all, const std::vector<double>& bounds) {
  Figure figure{
      .name = "lipschitz",
      .caption =
          "Left: critics held to slopes of K estimate K times the distance; the dashed "
          "lines are K W. Right: the critics of the largest distance along the line "
          "through both means, from two deviations before the one to two behind the other: "
          "straight, with slope -K.",
      .alternative =
          "Left, points lie on three lines of slope 1, 2 and 4 through the origin. "
          "Right, three falling lines, each twice as steep as the one before.",
      .columns = 2};
  Panel estimates{.title = "What the critic estimates",
                  .x = {.label = "W", .low = 0.0},
                  .y = {.label = "E f(x) - E f(G(z))", .low = 0.0}};
  Panel values{.title = "The critic along the shift",
               .x = {.label = "place along the shift"},
               .y = {.label = "f"}};
  for (size_t b = 0; b < bounds.size(); ++b) {
    const auto colour = static_cast<int>(b);
    const std::string title = fmt::format("K = {:g}", bounds[b]);
    Series points{.title = title, .mark = Mark::kPoints, .colour = colour};
    Series line{.mark = Mark::kDashed, .x = {0}, .y = {0}, .colour = colour};
    Series along{.title = title, .colour = colour};
    for (const Held& h : all) {
      if (h.bound != bounds[b]) continue;
      points.x.push_back(h.shift), points.y.push_back(h.estimate);
      line.x.push_back(h.shift), line.y.push_back(h.bound * h.shift);
      along.x = h.along, along.y = h.value;  // of the last, the largest shift
    }
    estimates.series.push_back(points), estimates.series.push_back(line);
    values.series.push_back(along);
  }
  figure.panels = {estimates, values};
  return figure;
}

std::vector<Check> checks(const std::vector<Held>& all, const std::vector<double>& bounds) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  std::vector<Check> list;
  for (const double bound : bounds) {
    double least = kInfinity, most = 0, steepest = 0;
    for (const Held& h : all) {
      if (h.bound != bound) continue;
      const double estimate = h.estimate / (bound * h.shift), slope = h.slope / bound;
      least = std::min(least, estimate), most = std::max(most, estimate);
      steepest = std::max(steepest, slope);
    }
    const std::string critic = fmt::format("held to K = {:g}", bound);
    list.push_back({critic + ": least estimate / (K W)", least, 0.9});
    list.push_back({critic + ": largest estimate / (K W)", most, 0, 1.1});

    list.push_back({critic + ": largest mean slope / K", steepest, 0, 1.1});
  }
  return list;
}

Outcome run_lipschitz(const ExperimentOptions& options) {
  TrainOptions o;
  o.objective.kind = Objective::kWganGp;
  o.penalty.kind = Penalty::kOneSided;
  o.penalty.lambda = setting<double>(options, "lambda");
  o.optimizer.critic_lr = 5e-3;
  o.optimizer.lr_decay = true;
  o.batches.size = 256;
  o.seed = static_cast<int64_t>(options.seed);
  const std::vector<double> bounds = number_list(options, "bounds");
  const std::vector<double> shifts = number_list(options, "shifts");
  std::vector<Held> all;
  for (const double bound : bounds) {
    for (const double shift : shifts) {
      all.push_back(held(bound, shift, o, options.quick ? 800 : 5000, options));
    }
  }
  return {.figures = {figure(all, bounds)}, .checks = checks(all, bounds)};
}

}  // namespace

Experiment lipschitz_experiment() {
  return {
      .name = "lipschitz",
      .title = "A critic of slope K estimates K W",
      .claim =
          "Over critics with a Lipschitz constant of $K$, the largest $E f(x) - E f(G(z))$ is $K "
          "W$ (Arjovsky et al. 2017, section 3).",
      .text =
          "By the duality of Kantorovich and Rubinstein, $W$ is the supremum of $E f(x) - E "
          "f(G(z))$ over all $f$ with $|f(x) - f(y)| <= |x - y|$. A function has slope $K$ at most "
          "exactly when $f / K$ has slope 1 at most, so over critics of slope $K$ the supremum is "
          "$K W$. This is why clipping is enough, though it bounds $K$ without telling its value: "
          "the generator's gradient is that of a multiple of $W$.\n\n"
          "Here $K$ is chosen. A critic of slope $K$ at $x$ is $g(K x)$ with $g$ of slope 1, so "
          "$g$ is trained on all points multiplied by $K$, under a penalty $lambda K E max(0, "
          "|grad g| - 1)^2$. The two distributions are $N(0, I)$ and the same distribution shifted "
          "by $W$, which is exactly their distance. The penalty is soft: a slope of $s$ gains $s "
          "W$ and costs $lambda (s - 1)^2$, so it settles at $s = 1 + W / (2 lambda)$, a little "
          "above 1.",
      .settings = {{"bounds", "1,2,4", "the slopes K that critics are held to"},
                   {"shifts", "0.5,1,2,4", "distances W between the two distributions, rising"},
                   {"lambda", "50", "weight of the penalty where K is 1"}},
      .in_all = true,
      .trained = true,
      .run = run_lipschitz};
}

}  // namespace wgan
