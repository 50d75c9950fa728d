// The training cycle of Algorithm 1 in the plane: samples, critic and its estimate, step by step.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "wgan/core/counted.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/transport.h"

namespace wgan {
namespace {

constexpr int64_t kAlgorithmRows = 400;  // that are drawn, and that W1 is taken of
constexpr double kNear = 38;             // sigma: half of the way from a mode to the next

// The players after so many generator steps.
struct Moment {
  int64_t step = 0, critic_steps = 0;
  at::Tensor samples = {};
  Surface critic = {};

  double estimate = 0;  // E f(x) - E f(G(z)) on fresh rows
  double w1 = 0;        // exact, of the same rows
  double largest_weight = 0;
};

Moment look(const Players& players, const TrainOptions& o, const at::Tensor& real, int64_t side) {
  Moment m{.step = players.step, .critic_steps = players.critic_steps};
  m.samples = samples_of(players, o, kAlgorithmRows);
  m.critic = surface_of(players.critic, kFrame, side, /*levels=*/8);
  m.estimate =
      (scores_at(players.critic, real).mean() - scores_at(players.critic, m.samples).mean())
          .item<double>();
  m.w1 = wasserstein(real, m.samples, 1);
  m.largest_weight = players.critic.parameters.abs().max().item<double>();
  return m;
}

Panel plane(const Moment& m, const at::Tensor& real, const std::string& title) {
  Panel panel = framed(title, {cloud("real", real, 6), cloud("generated", m.samples, 1)});
  panel.surface = m.critic;
  return panel;
}

std::string after(const Moment& m) {
  return fmt::format("after {}, {}", counted(m.step, "generator step"),
                     counted(m.critic_steps, "critic step"));
}

// The curves up to moment `now`, on axes that stay.
std::vector<Panel> curves(const std::vector<Moment>& moments, size_t now) {
  Series estimate{.title = "", .colour = 0}, w1{.title = "", .colour = 2};
  double most_estimate = 0, most_w1 = 0;
  for (size_t i = 0; i < moments.size(); ++i) {
    most_estimate = std::max(most_estimate, moments[i].estimate);
    most_w1 = std::max(most_w1, moments[i].w1);
    if (i > now) continue;
    estimate.x.push_back(static_cast<double>(moments[i].step));
    estimate.y.push_back(moments[i].estimate);
    w1.x.push_back(static_cast<double>(moments[i].step));
    w1.y.push_back(moments[i].w1);
  }
  const Axis steps{
      .label = "generator step", .low = 0.0, .high = static_cast<double>(moments.back().step)};
  const Axis value{.label = "E f(x) - E f(G(z))", .high = 1.05 * most_estimate};
  const Axis distance{.label = fmt::format("W1 between {} rows", kAlgorithmRows),
                      .low = 0.0,
                      .high = 1.05 * most_w1};
  return {{.title = "The critic's estimate", .x = steps, .y = value, .series = {estimate}},
          {.title = "The exact distance", .x = steps, .y = distance, .series = {w1}}};
}

Animation animation(const std::vector<Moment>& moments, const at::Tensor& real) {
  Animation a{.name = "algorithm-training",
              .caption =
                  "Colours and level lines are the critic: high where it expects real "
                  "samples. Between two frames the critic takes its steps, uphill in "
                  "$E f(x) - E f(G(z))$, and the generator one step for every few of them, "
                  "which moves its samples up the critic's slopes. Both curves fall as the "
                  "samples reach the eight modes.",
              .alternative =
                  "Generated points spread from the middle of a ring of eight clusters "
                  "to the clusters, while two curves beside them fall."};
  for (size_t i = 0; i < moments.size(); ++i) {
    Figure frame{.name = fmt::format("frame-{}", i),
                 .caption = "",
                 .alternative = "",
                 .columns = 3,
                 .panel_width = 360,
                 .panel_height = 340};
    frame.panels = {plane(moments[i], real, after(moments[i]))};
    for (Panel& panel : curves(moments, i)) frame.panels.push_back(std::move(panel));
    a.frames.push_back(std::move(frame));
  }
  return a;
}

// Six moments, the early ones nearer to one another.
Figure still(const std::vector<Moment>& moments, const at::Tensor& real) {
  Figure figure{.name = "algorithm",
                .caption =
                    "Six moments of training: the critic's value as colours and level "
                    "lines, real samples grey, generated ones red. The samples climb the "
                    "critic, which is flattened where they have arrived.",
                .alternative =
                    "Six maps of the plane. The generated points begin as one clump "
                    "and end on the eight clusters of the ring.",
                .columns = 3,
                .panel_width = 380,
                .panel_height = 360};
  const double last = static_cast<double>(moments.size() - 1);
  for (const double share : {0.0, 0.05, 0.12, 0.25, 0.5, 1.0}) {
    const Moment& m = moments[static_cast<size_t>(std::lround(share * last))];
    figure.panels.push_back(plane(m, real, after(m)));
  }
  return figure;
}

Figure estimates(const std::vector<Moment>& moments) {
  Figure figure{.name = "algorithm-estimate",
                .caption =
                    "What the critic reports while it is trained, and the exact distance of "
                    "the same rows. The critic's number is K times a distance with a K "
                    "that clipping does not tell, so only its course can be compared.",
                .alternative = "Two curves over the generator steps, both falling.",
                .columns = 2};
  figure.panels = curves(moments, moments.size() - 1);
  return figure;
}

std::vector<Check> checks(const std::vector<Moment>& moments, const TrainOptions& o) {
  const Moment& last = moments.back();
  const ModeReach modes = reach_modes(last.samples, gaussian_modes("gaussians8"), kNear);
  std::vector<Check> list{
      {"critic steps per generator step",
       static_cast<double>(last.critic_steps) / static_cast<double>(last.step),
       static_cast<double>(o.objective.n_critic), static_cast<double>(o.objective.n_critic)},
      {"W1 at the end over W1 at the start", last.w1 / moments.front().w1, 0, 0.25},
      {"modes reached of 8: a quarter of its share of the samples is nearer to it than half the "
       "way to the next",
       static_cast<double>(modes.found), 8, 8}};
  if (o.objective.kind == Objective::kWgan) {
    double largest = 0;
    for (size_t i = 1; i < moments.size(); ++i)
      largest = std::max(largest, moments[i].largest_weight);
    list.push_back({"largest weight of the critic, of all moments after the first", largest, 0,
                    static_cast<double>(static_cast<float>(o.penalty.clip))});
  }
  return list;
}

std::string remark(const Moment& last) {
  const ModeReach strictly = reach_modes(last.samples, gaussian_modes("gaussians8"), 3);
  return fmt::format(
      "After so few steps the samples surround the modes and do not all sit on them: {:.0f} % lie "
      "within 3 sigma of a centre, and {} of 8 modes have a quarter of their share so near.",
      100 * strictly.close, strictly.found);
}

Outcome run_algorithm(const ExperimentOptions& options) {
  const Dataset data = make_synthetic("gaussians8", Split::kTrain, options.seed);
  const Dataset fresh = make_synthetic("gaussians8", Split::kTest, options.seed);
  TrainOptions o = recipe_options(Recipe::kFast, setting<Objective>(options, "objective"), data);
  o.players.width = setting<int64_t>(options, "width");
  o.penalty.clip = setting<double>(options, "clip");
  o.objective.n_critic = setting<int64_t>(options, "n-critic");
  o.optimizer.critic_lr = setting<double>(options, "lr");
  o.optimizer.generator_lr = o.optimizer.critic_lr;
  o.batches.size = options.quick ? 128 : 256;
  o.optimizer.average = 0;  // the generator as it is, not its average
  o.seed = static_cast<int64_t>(options.seed);
  o.length.steps = options.quick ? setting<int64_t>(options, "quick-steps") : 4000;
  const int64_t frames = options.quick ? 20 : 60;
  const at::Tensor real = rows_of(fresh)(kAlgorithmRows, 0);
  std::vector<Moment> moments;
  train_players(data, o, std::max<int64_t>(1, o.length.steps / frames),
                [&](const Players& p, int64_t step) {
                  options.on_progress(fmt::format("step {} of {}", step, o.length.steps));
                  moments.push_back(look(p, o, real, options.quick ? 41 : 81));
                });
  return {.figures = {still(moments, real), estimates(moments)},
          .animations = {animation(moments, real)},
          .checks = checks(moments, o),
          .remark = remark(moments.back())};
}

}  // namespace

Experiment algorithm_experiment() {
  return {.name = "algorithm",
          .title = "Algorithm 1: the critic keeps up, the generator climbs it",
          .claim =
              "A WGAN is trained in cycles: n_critic steps of the critic, each followed by "
              "clipping, then one step of the generator. So trained, the critic stays ahead of "
              "the generator and leads its samples to the data (Arjovsky et al. 2017, Algorithm "
              "1).",
          .text =
              "One cycle: n_critic times, take a batch of real rows and a batch of samples, take "
              "an RMSProp step up the gradient of $E f(x) - E f(G(z))$ in the critic's parameters, "
              "and clip them to $[-c, c]$. Then take a batch of latents and a step down the "
              "gradient of $-E f(G(z))$ in the generator's parameters. With --objective wgan-gp "
              "the critic is not clipped but has a gradient penalty (Gulrajani et al. 2017, "
              "Algorithm 1), and both players are trained with Adam.\n\n"
              "The generator never sees a real row. All that reaches it is the slope of $f$ at its "
              "own samples, and each sample moves uphill across the level lines of the figure. So "
              "the critic has to be right where the samples are, and before they move on; this is "
              "why it takes more steps than the generator. Where samples have gathered it lowers "
              "$f$, and the next ones are sent elsewhere.\n\n"
              "What the critic reports is a multiple of the distance at best, by an unknown factor "
              "that depends on the clipping, and at first not even that, as the critic has yet to "
              "learn. The exact distance beside it comes from solving the transport problem "
              "between as many real rows and samples.",
          .settings = {{"objective", "wgan", "wgan (clipping) or wgan-gp (penalty)"},
                       {"clip", "0.05", "bound of the critic's weights (wgan)"},
                       {"n-critic", "5", "critic steps per generator step"},
                       {"width", "128", "units of a hidden layer of both networks"},
                       {"lr", "1e-3", "learning rate of both"},
                       {"quick-steps", "1500", "generator steps of the quick form"}},
          .in_all = true,
          .trained = true,
          .run = run_algorithm};
}

}  // namespace wgan
