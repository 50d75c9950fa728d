// Lines and surfaces in space hardly meet, so that a perfect discriminator exists, and it is flat.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/random.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr int64_t kLinePairs = 100'000;
constexpr int64_t kManifoldsFresh = 20'000;  // points of each set that D is tried on
constexpr double kManifoldsNear = 0.1;       // distance of the surfaces below which D may err
constexpr uint64_t kManifoldsFreshStep = uint64_t{1} << 40;  // beyond every training step
constexpr uint64_t kPairsIndex = 2;  // of the random lines; 0 and 1 are the two sets

// Distances of pairs of lines through N(0, I) points in N(0, I) directions, smallest first.
std::vector<double> line_distances(uint64_t seed) {
  const at::Tensor normal = torch::empty({kLinePairs, 4, 3});
  fill_normal({seed, Stream::kStudy, 0, kPairsIndex},
              {normal.data_ptr<float>(), static_cast<size_t>(normal.numel())});
  const std::vector<at::Tensor> parts = normal.to(torch::kFloat64).unbind(1);
  const at::Tensor across = torch::cross(parts[2], parts[3], 1);
  const at::Tensor distances = ((parts[0] - parts[1]) * across).sum(1).abs() / across.norm(2, {1});
  return numbers_of(std::get<0>(distances.sort()));
}

// |b . n| for a unit vector n that does not depend on b, here from N(0, 2 I): |N(0, 2)|.
double share_nearer(double distance) { return std::erf(distance / 2); }

// Two sets in space, each the image of the square of u and v from -1 to 1.
struct Sets {
  const char* name;
  at::Tensor (*place)(bool fake, const at::Tensor& u, const at::Tensor& v);  // [N] to [N, 3]
  at::Tensor (*apart)(const at::Tensor& u, const at::Tensor& v);  // how far the other set is there
};

at::Tensor on_line(bool fake, const at::Tensor& u, const at::Tensor&) {
  return fake ? torch::stack({0.5 * u, 0.2 - 0.8 * u, 0.2 + 0.3 * u}, 1)
              : torch::stack({0.9 * u, 0.3 * u, -0.3 * u}, 1);
}
at::Tensor lines_apart(const at::Tensor& u, const at::Tensor&) { return torch::ones_like(u); }

// Along z; 0 where the surfaces cross, at u = 1/4 - v^2 / 2.
at::Tensor crossing(const at::Tensor& u, const at::Tensor& v) { return u + v * v / 2 - 0.25; }
at::Tensor on_surface(bool fake, const at::Tensor& u, const at::Tensor& v) {
  return torch::stack({u, v, 0.3 * (2 * v).sin() + (fake ? -0.5 : 0.5) * crossing(u, v)}, 1);
}
at::Tensor surfaces_apart(const at::Tensor& u, const at::Tensor& v) { return crossing(u, v).abs(); }

constexpr Sets kLines{"two lines", on_line, lines_apart};
constexpr Sets kSurfaces{"two surfaces", on_surface, surfaces_apart};

struct Points {
  at::Tensor rows;   // [N, 3]
  at::Tensor apart;  // [N]
};

Points points_of(const Sets& sets, bool fake, uint64_t seed, int64_t count, uint64_t step) {
  const at::Tensor square = torch::empty({2, count});
  fill_uniform({seed, Stream::kStudy, step, fake ? uint64_t{1} : uint64_t{0}},
               {square.data_ptr<float>(), static_cast<size_t>(2 * count)});
  const at::Tensor u = 2 * square[0] - 1, v = 2 * square[1] - 1;
  return {.rows = sets.place(fake, u, v), .apart = sets.apart(u, v)};
}

// A discriminator over its training, on fresh points of both sets.
struct History {
  std::vector<double> step, gradient;  // median |grad D|
  std::vector<double> wrong;           // share of the points on the wrong side of 1/2
  double wrong_far = 0;  // at last, among those further than kManifoldsNear from the other set
};

double share(const at::Tensor& is) { return is.to(torch::kFloat64).mean().item<double>(); }

History trained(const Sets& sets, const ExperimentOptions& options, int64_t steps) {
  TrainOptions o;
  o.objective.kind = Objective::kMinimax;
  o.batches.size = 256;
  o.optimizer.critic_lr = 2e-3;
  o.seed = static_cast<int64_t>(options.seed);
  const Points real = points_of(sets, false, options.seed, kManifoldsFresh, kManifoldsFreshStep);
  const Points fake = points_of(sets, true, options.seed, kManifoldsFresh, kManifoldsFreshStep);
  const at::Tensor all = torch::cat({real.rows, fake.rows});
  const at::Tensor far = torch::cat({real.apart, fake.apart}) > kManifoldsNear;
  History history;
  const auto look = [&](int64_t step, const Model& critic, const CriticMetrics&) {
    if (step > 1 && !samples_due(step, steps)) return;
    const at::Tensor d = scores_at(critic, all).sigmoid();
    const at::Tensor norms = slopes_at(critic, all).norm(2, {1}) * d * (1 - d);
    const at::Tensor right =
        torch::cat({d.slice(0, 0, kManifoldsFresh), 1 - d.slice(0, kManifoldsFresh)}) > 0.5;
    history.step.push_back(static_cast<double>(step));
    history.gradient.push_back(norms.median().item<double>());
    history.wrong.push_back(1 - share(right));
    history.wrong_far = 1 - share(right.masked_select(far));
  };
  const auto sampler = [&](bool is_fake) -> Sampler {
    return [&, is_fake](int64_t count, uint64_t step) {
      return points_of(sets, is_fake, options.seed, count, step).rows;
    };
  };
  fit_critic(mlp_critic({3}, {.width = 64, .depth = 3}), sampler(false), sampler(true), o, steps,
             look);
  return history;
}

Series in_space(const std::string& title, const at::Tensor& points, int colour) {
  return {.title = title,
          .x = numbers_of(points.select(1, 0)),
          .y = numbers_of(points.select(1, 1)),
          .z = numbers_of(points.select(1, 2)),
          .colour = colour};
}

// A net of lines over the set; NaN ends a line.
Series net(const Sets& sets, bool fake) {
  const at::Tensor fixed = torch::linspace(-1, 1, 13), end = torch::full({13, 1}, std::nan(""));
  const at::Tensor moving =
      torch::cat({torch::linspace(-1, 1, 41).repeat({13, 1}), end}, 1).flatten();
  const at::Tensor still = fixed.repeat_interleave(42);
  return in_space(fake ? "fake" : "real",
                  sets.place(fake, torch::cat({still, moving}), torch::cat({moving, still})),
                  fake ? 1 : 0);
}

Figure sets_figure() {
  const at::Tensor v = torch::linspace(-1, 1, 81);
  const Series crossed = in_space("crossing", on_surface(false, 0.25 - v * v / 2, v), 3);
  return {.name = "manifolds",
          .caption =
              "Left: two lines in space pass one another. Right: two surfaces in space cross in a "
              "curve, which has no area, so that hardly a sample lies near it.",
          .alternative =
              "In three dimensions: two skew lines, and two curved sheets that cross in a curve.",
          .panels = {{.title = kLines.name, .series = {net(kLines, false), net(kLines, true)}},
                     {.title = kSurfaces.name,
                      .series = {net(kSurfaces, false), net(kSurfaces, true), crossed}}},
          .columns = 2,
          .panel_width = 560,
          .panel_height = 480};
}

Figure training_figure(const History& lines, const History& surfaces,
                       const std::vector<double>& distances) {
  std::vector<double> shares;
  const auto power_of_10 = [](double x) { return std::pow(10, x); };
  const std::vector<double> nearer = values_at(evenly(-4, 0.5, 46), power_of_10);
  for (const double at : nearer) {
    const auto count = std::ranges::lower_bound(distances, at) - distances.begin();
    shares.push_back(static_cast<double>(count) / static_cast<double>(distances.size()));
  }
  const auto both = [&](const std::string& title, std::vector<double> History::*what, Axis y) {
    return Panel{.title = title,
                 .x = {.label = "step", .log = true},
                 .y = std::move(y),
                 .series = {curve(kLines.name, lines.step, lines.*what),
                            curve(kSurfaces.name, surfaces.step, surfaces.*what)}};
  };
  return {
      .name = "manifolds-discriminator",
      .caption =
          "Left: how many random pairs of lines in space come nearer than a distance: the share "
          "falls in proportion to it, to 0 for 0. Middle: the discriminator soon tells all points "
          "of two lines apart, and all but those beside the crossing of two surfaces. Right: the "
          "better it is, the smaller its gradient at the samples.",
      .alternative =
          "Three plots: points on a straight line of slope 1 on logarithmic axes; shares of errors "
          "that fall to 0 or nearly; gradients that rise and then fall by orders of magnitude.",
      .panels = {{.title = "random pairs of lines",
                  .x = {.label = "distance", .log = true},
                  .y = {.label = "share nearer", .log = true},
                  .series = {curve("seen", nearer, shares, Mark::kPoints),
                             curve("erf(distance / 2)", nearer, values_at(nearer, share_nearer))}},
                 both("share on the wrong side", &History::wrong, {.low = 0}),
                 both("median |grad D| at samples", &History::gradient, {.log = true})},
      .columns = 3,
      .panel_width = 440};
}

double fall(const History& history) {
  return history.gradient.back() / *std::ranges::max_element(history.gradient);
}

Outcome run_manifolds(const ExperimentOptions& options) {
  const int64_t steps = options.quick ? 1000 : 10'000;
  const std::vector<double> distances = line_distances(options.seed);
  const auto count = static_cast<double>(distances.size());
  double off = 0;  // Kolmogorov and Smirnov's distance
  for (size_t i = 0; i < distances.size(); ++i) {
    const double excess = share_nearer(distances[i]) - static_cast<double>(i) / count;
    off = std::max({off, std::abs(excess), std::abs(excess - 1 / count)});
  }
  options.on_progress("two lines");
  const History lines = trained(kLines, options, steps);
  options.on_progress("two surfaces");
  const History surfaces = trained(kSurfaces, options, steps);
  return {
      .figures = {sets_figure(), training_figure(lines, surfaces, distances)},
      .checks = {
          {"no two of 100,000 random pairs of lines meet: least distance", distances[0], 1e-12},
          {"their distances are distributed as $|N(0, 2)|$: largest difference of the distribution "
           "functions (chance exceeds the bound once in 10,000)",
           off, 0, 2.23 / std::sqrt(count)},
          {"two lines: share of fresh points on the wrong side", lines.wrong.back(), 0, 0},
          {"two surfaces: the same", surfaces.wrong.back(), 0, 0.02},
          {"two surfaces: the same further than 0.1 from the other surface", surfaces.wrong_far, 0,
           0},
          {"two lines: last median $|grad D|$ at the points, over the largest in training",
           fall(lines), 0, 0.01},
          {"two surfaces: the same", fall(surfaces), 0, 0.1}}};
}

}  // namespace

Experiment manifolds_experiment() {
  return {
      .name = "manifolds",
      .title =
          "Low-dimensional supports hardly meet, and a perfect discriminator between them is flat",
      .claim =
          "Where $p_r$ and $p_g$ lie on low-dimensional manifolds, they are almost surely disjoint "
          "or cross in a set of measure 0; then a discriminator of accuracy 1 exists, with "
          "gradient 0 almost everywhere on both (Arjovsky and Bottou 2017, Lemma 3, Theorems 2.1 "
          "and 2.2).",
      .text =
          "Two lines drawn at random in space have the distance $|b * n|$, where $b$ joins them "
          "and $n$ is the unit vector across both. With $b$ and the directions from Gaussians this "
          "is $|N(0, 2)|$: the share of pairs nearer than $e$ is $erf(e/2)$, about $0.56 e$, and "
          "of pairs that meet it is 0. Two surfaces do meet, in a curve; but that has no area, and "
          "the share of the points within $e$ of it is again proportional to $e$.\n\n"
          "So there is a discriminator that is right with probability 1. Between disjoint supports "
          "it can be 1 around the one and 0 around the other, hence with gradient 0 on both "
          "(Theorem 2.1); where the supports cross it cannot be continuous, but elsewhere the same "
          "holds (Theorem 2.2). A generator learns nothing through such a $D$.\n\n"
          "A trained network comes near it: $D = sigmoid(f)$ and $|grad D| = D (1 - D) |grad f|$, "
          "where $D (1 - D)$ falls exponentially in the growing logits $f$. The median over fresh "
          "points is taken, since beside the crossing the gradient stays large, as it must.",
      .settings = {},
      .in_all = true,
      .trained = true,
      .run = run_manifolds};
}

}  // namespace wgan
