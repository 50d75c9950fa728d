// Critics between two distributions a known distance apart, with and without a constraint.
#include <fmt/format.h>

#include <cmath>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/shifted_pair.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr double kDistance = 2;  // W
constexpr int64_t kUnboundedWidth = 64, kHidden = 2;
constexpr int64_t kUnboundedLayers = kHidden + 1;  // with weights
constexpr double kClip = 0.05;
constexpr double kLinearDecay = 4;

struct Constraint {
  const char* name;
  Mark mark = Mark::kLine;
  Objective objective = Objective::kWgan;
  double clip = 0, weight_decay = 0;
  bool spectral_norm = false, linear = false;
};

constexpr Constraint kConstraints[] = {
    {.name = "none"},
    {.name = "weights clipped", .clip = kClip},
    {.name = "gradient penalty", .objective = Objective::kWganGp},
    {.name = "spectral normalisation", .spectral_norm = true},
    {.name = "weak weight decay", .mark = Mark::kDashed, .weight_decay = 0.01},
    {.name = "strong weight decay", .mark = Mark::kDashed, .weight_decay = 10},
    {.name = "linear critic, weight decay", .weight_decay = kLinearDecay, .linear = true}};
enum ConstrainedCritic {
  kFreeCritic,
  kClippedCritic,
  kPenaltyCritic,
  kSpectralCritic,
  kWeakCritic,
  kStrongCritic,
  kLinearCritic
};

struct Growth {
  const Constraint* constraint;
  std::vector<double> step = {}, estimate = {};  // at powers of 2
  // Estimate over W in the end.
  double last() const { return estimate.back() / kDistance; }
  // p of estimate ~ step^p over the last half of the steps.
  double power() const { return std::log2(estimate.back() / estimate[estimate.size() - 2]); }
};

Growth grown(const Constraint& constraint, const ExperimentOptions& options, int64_t steps) {
  const ShiftedPair pair{.shift = kDistance, .seed = options.seed};
  TrainOptions o;
  o.objective.kind = constraint.objective;
  o.penalty.clip = constraint.clip;
  o.stabilisers.weight_decay = constraint.weight_decay;
  o.optimizer.critic_lr = 1e-3;
  o.batches.size = 256;
  o.seed = static_cast<int64_t>(options.seed);
  Network network = constraint.linear
                        ? Network{.input = {2}, .layers = {Linear{.in = 2, .out = 1}}}
                        : mlp_critic({2}, {.width = kUnboundedWidth, .depth = kHidden});
  network.spectral_norm = constraint.spectral_norm;
  Growth growth{.constraint = &constraint};
  int64_t next = 1;
  fit_critic(network, pair.real(), pair.fake(), o, steps,
             [&](int64_t step, const Model& critic, const auto&) {
               if (step % 200 == 0)
                 options.on_progress(fmt::format("growth, constraint: {}", constraint.name));
               if (step != next) return;
               growth.step.push_back(static_cast<double>(step));
               growth.estimate.push_back(pair.estimate(critic));
               next *= 2;
             });
  return growth;
}

// The product of the largest spectral norms that matrices with entries in [-c, c] have.
double steepest_clipped() {
  const auto norm = [](double in, double out) { return kClip * std::sqrt(in * out); };
  return norm(2, kUnboundedWidth) * std::pow(norm(kUnboundedWidth, kUnboundedWidth), kHidden - 1) *
         norm(kUnboundedWidth, 1);
}

Figure figure(const std::vector<Growth>& all) {
  Figure figure{
      .name = "unbounded-loss",
      .caption = fmt::format(
          "What critics between two distributions {:g} apart estimate while they are trained, on "
          "logarithmic axes. Without a constraint the estimate, which is the loss with its sign "
          "changed, grows like step^{}; the power is the number of layers. Clipping, penalty and "
          "spectral normalisation hold it. Weight decay holds a linear critic; a deeper one "
          "escapes weak decay and dies of strong.",
          kDistance, kUnboundedLayers),
      .alternative =
          "On log-log axes the lines of the unconstrained critic and of the one with "
          "weak decay rise to ten thousand times the distance; those of the constraints "
          "level off, and the one with strong decay falls out of the picture.",
      .panel_width = 720,
      .panel_height = 480};
  Panel panel{.x = {.label = "critic step", .log = true},
              .y = {.label = "E f(x) - E f(G(z))", .log = true, .low = 1e-4}};
  for (size_t i = 0; i < all.size(); ++i) {
    Series s{.title = all[i].constraint->name,
             .mark = all[i].constraint->mark,
             .x = all[i].step,
             .y = positive(all[i].estimate),
             .colour = static_cast<int>(i)};
    panel.series.push_back(s);
  }
  figure.panels = {panel};
  return figure;
}

std::vector<Check> checks(const std::vector<Growth>& all) {
  std::vector<Check> list = {
      {"without constraint the estimate has grown beyond 100 W: estimate / W",
       all[kFreeCritic].last(), 100},
      {fmt::format("and grows like $step^p$, p about the {} layers", kUnboundedLayers),
       all[kFreeCritic].power(), kUnboundedLayers - 1, kUnboundedLayers + 1},
      {fmt::format("clipped: estimate / W is at most the product of the layers' largest norms, "
                   "{:.3g}",
                   steepest_clipped()),
       all[kClippedCritic].last(), 0, steepest_clipped()}};
  for (const ConstrainedCritic held :
       {kClippedCritic, kPenaltyCritic, kSpectralCritic, kLinearCritic}) {
    list.push_back({fmt::format("{}: grows no more, p", all[held].constraint->name),
                    all[held].power(), -0.1, 0.1});
  }
  list.push_back({"gradient penalty: estimate / W is $1 + W / (2 lambda) = 1.1$",
                  all[kPenaltyCritic].last(), 1, 1.2});
  list.push_back(
      {"spectral normalisation: estimate / W is at most 1, and 5 % for the power iteration",
       all[kSpectralCritic].last(), 0, 1.05});
  list.push_back(
      {fmt::format("a linear critic under weight decay w = {:g} stops at $W^2 / w$", kLinearDecay),
       all[kLinearCritic].last() * kLinearDecay / kDistance, 0.9, 1.1});
  list.push_back({"a deep critic under weak decay does not stop: p", all[kWeakCritic].power(), 1});
  list.push_back(
      {"under strong decay it dies: estimate / W", all[kStrongCritic].last(), -0.01, 0.01});
  return list;
}

Outcome run_unbounded_loss(const ExperimentOptions& options) {
  std::vector<Growth> all;
  for (const Constraint& constraint : kConstraints) {
    all.push_back(grown(constraint, options, options.quick ? 2048 : 16'384));
  }
  return {.figures = {figure(all)},
          .checks = checks(all),
          .remark =
              "Weight decay, which texts liken to clipping, is no constraint for a critic of "
              "three layers: it either dies of the decay or outgrows it."};
}

}  // namespace

Experiment unbounded_loss_experiment() {
  return {
      .name = "unbounded-loss",
      .title = "Without a constraint the critic's loss has no bound",
      .claim =
          "Without a Lipschitz constraint a critic's loss grows without bound; with clipping, "
          "gradient penalty or spectral normalisation it does not (Arjovsky et al. 2017, section "
          "3; Gulrajani et al. 2017; Miyato et al. 2018).",
      .text =
          "A critic of $L$ layers with ReLU, its weights multiplied by $r$ and its biases "
          "accordingly, gives $r^L$ times its values. If it is any good, then $E f(x) - E f(G(z))$ "
          "is positive and grows with $r$ without end. Adam moves each weight by about one "
          "learning rate a step, so that weights grow like the number of steps, and the loss like "
          "its $L$-th power.\n\n"
          "Clipping to $[-c, c]$ bounds the slope by the product over the layers of $c sqrt(n m)$, "
          "with $n$ inputs and $m$ outputs each; spectral normalisation bounds it by 1. Weight "
          "decay adds $w |theta|^2 / 2$ to the loss. Along $r$ that is $w r^2 |theta|^2 / 2 - A "
          "r^L$: with $L = 1$ it has a minimum, and a linear critic stops at $W^2 / w$; with $L = "
          "3$ it has a hill and no floor. From the near side of the hill the critic shrinks to 0, "
          "from the far side it grows for ever.",
      .settings = {},
      .in_all = true,
      .trained = true,
      .run = run_unbounded_loss};
}

}  // namespace wgan
