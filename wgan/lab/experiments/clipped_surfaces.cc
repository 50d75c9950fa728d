// Critics of the plane under clipping and under the gradient penalty, trained to optimality.
#include "wgan/lab/experiments/clipped_surfaces.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "wgan/judge/critic_bound.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/noisy_pair.h"
#include "wgan/lab/plane.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr const char* kData[] = {"gaussians8", "gaussians25", "swissroll"};

struct Critic {
  std::string data;
  Model model;
  at::Tensor real;         // some rows
  CriticBound bound;       // on rows that it was not trained on
  double two_moments = 0;  // share of the estimate that they alone make
  std::vector<double> weights;

  // Share of W that the critic attains, per unit of its steepest slope between pairs.
  double attained() const { return bound.pair_bound / bound.exact_w1; }
};

// E f(y) - E f(G(z)) over E f(x) - E f(G(z)), y normal with the mean and the covariance of the data
// x: 1 for a critic that sees nothing of the data but these.
double share_of_two_moments(const Model& critic, const NoisyPair& pair, uint64_t seed) {
  constexpr int64_t kRows = 4000;
  const at::Tensor real = pair.real(kRows, kLater), fake = pair.fake(kRows, kLater);
  at::Tensor normal = torch::empty({kRows, 2});
  fill_normal({seed, Stream::kStudy, kLater, 1},
              {normal.data_ptr<float>(), static_cast<size_t>(normal.numel())});
  const at::Tensor centred = real - real.mean(0);
  const at::Tensor root = torch::linalg_cholesky(centred.t().mm(centred) / kRows);
  const double level = scores_at(critic, fake).mean().item<double>();
  return (scores_at(critic, normal.mm(root.t()) + real.mean(0)).mean().item<double>() - level) /
         (scores_at(critic, real).mean().item<double>() - level);
}

Critic trained(const std::string& data, const TrainOptions& o, int64_t width, int64_t steps,
               const ExperimentOptions& options) {
  const NoisyPair pair = noisy_pair(data, static_cast<uint64_t>(o.seed));
  auto fit = fit_critic(mlp_critic({2}, {.width = width, .depth = 3}), pair.real, pair.fake, o,
                        steps, [&](int64_t step, const Model&, const CriticMetrics&) {
                          if (step % 200 == 0) options.on_progress("critics of " + data);
                        });
  const at::Tensor real = pair.real(500, kLater), fake = pair.fake(500, kLater);
  Critic c{.data = data, .model = fit.critic, .real = real, .bound = {}, .weights = {}};
  c.bound = bound_by_critic(c.model, {real, {}}, {fake, {}}, 0);
  c.two_moments = share_of_two_moments(c.model, pair, static_cast<uint64_t>(o.seed));

  for (const at::Tensor& view : c.model.frozen) {
    if (view.dim() != 2) continue;  // a bias
    const std::vector<double> values = numbers_of(view);
    c.weights.insert(c.weights.end(), values.begin(), values.end());
  }
  return c;
}

Figure surfaces(const std::vector<Critic>& clipped, const std::vector<Critic>& penalised,
                int64_t side) {
  Figure f{.name = "clipping-surfaces",
           .caption =
               "Critics between data (grey) and the same data with unit noise, as colours "
               "and level lines. Above, clipped: one smooth hill, as if nothing but the "
               "middle and the spread of the data mattered. Below, with the gradient "
               "penalty: ridges follow the modes and the roll.",
           .alternative =
               "Two rows of three maps. The level lines of the upper row are simple "
               "rings or polygons; those of the lower row bend around the data.",
           .columns = 3,
           .panel_width = 380,
           .panel_height = 360};
  for (const auto& [critics, what] : {std::pair{&clipped, "clipped"}, {&penalised, "penalty"}}) {
    for (const Critic& c : *critics) {
      f.panels.push_back({.title = fmt::format("{}, {}", c.data, what),
                          .series = {cloud("", c.real, 6)},
                          .surface = surface_of(c.model, 2, side, /*levels=*/12),
                          .equal_axes = true});
    }
  }
  return f;
}

double largest_size(const std::vector<double>& values) {
  double most = 0;
  for (const double v : values) most = std::max(most, std::abs(v));
  return most;
}

double root_mean_square(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) sum += v * v;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

// Share of the weights within 1 % of the largest there may be.
double share_at(const std::vector<double>& weights, double bound) {
  const auto at =
      std::ranges::count_if(weights, [&](double w) { return std::abs(w) > .99 * bound; });
  return static_cast<double>(at) / static_cast<double>(weights.size());
}

Panel histogram(const std::string& title, const std::vector<double>& weights, int colour) {
  constexpr int kBins = 41;
  const double reach = std::min(largest_size(weights), 4 * root_mean_square(weights));
  std::vector<double> counts(kBins);
  for (const double w : weights) {
    if (std::abs(w) > reach) continue;
    counts[static_cast<size_t>(std::min(kBins - 1.0, std::floor((w / reach + 1) / 2 * kBins)))] +=
        1.0 / static_cast<double>(weights.size());
  }
  const double half = reach / kBins;
  return {.title = title,
          .x = {.label = "weight"},
          .y = {.label = "share of the weights", .low = 0.0},
          .series = {{.mark = Mark::kBars,
                      .x = evenly(-reach + half, reach - half, kBins),
                      .y = counts,
                      .colour = colour}}};
}

}  // namespace

Outcome surfaces_of_clipped_critics(const ExperimentOptions& options) {
  const int64_t width = options.quick ? 128 : 512, steps = options.quick ? 1000 : 5000;
  // Slopes depend on the product of clip and width.
  const double bound = setting<double>(options, "clip") * 128 / static_cast<double>(width);
  const double lambda = setting<double>(options, "lambda");
  std::vector<Critic> clipped, penalised;
  for (const char* data : kData) {
    // Clipped ones are done sooner.
    clipped.push_back(
        trained(data, clipped_options(options.seed, bound), width, steps / 2, options));
    penalised.push_back(
        trained(data, penalised_options(options.seed, lambda), width, steps, options));
  }
  Outcome outcome;
  Table table{.name = "clipping-surfaces-table",
              .caption =
                  "What a critic gives a Gaussian with the mean and the covariance of the "
                  "data, over what it gives the data; and the share of W1 that it attains "
                  "per unit of its steepest slope between samples.",
              .columns = {"data", "two moments, clipped", "two moments, penalty",
                          "attained, clipped", "attained, penalty"},
              .labels = {},
              .values = {}};
  for (size_t i = 0; i < clipped.size(); ++i) {
    const Critic &c = clipped[i], &p = penalised[i];
    table.labels.push_back(c.data);
    table.values.push_back({c.two_moments, p.two_moments, c.attained(), p.attained()});
    outcome.checks.push_back({c.data + ": the clipped critic takes a Gaussian with the data's mean "
                                       "and covariance for the data: share of its estimate",
                              c.two_moments, 0.95});
    outcome.checks.push_back({c.data + ": the penalised critic sees more of the data: its share "
                                       "over the clipped one's",
                              p.two_moments / c.two_moments, 0, 1});
  }
  const std::vector<double>&of_clipped = clipped.back().weights,
        &of_other = penalised.back().weights;
  outcome.checks.push_back(
      {"swissroll: share of the clipped weights at the bounds", share_at(of_clipped, bound), 0.5});
  outcome.checks.push_back({"the same of the penalised critic, at its own largest weight",
                            share_at(of_other, largest_size(of_other)), 0, 0.01});
  outcome.figures = {
      surfaces(clipped, penalised, options.quick ? 61 : 121),
      {.name = "clipping-weights",
       .caption = "The weights of the critics of the Swiss roll. Clipping pushes most of them to "
                  "the two values at the ends; under the penalty they spread around 0.",
       .alternative = "Left, a histogram with nearly all in its first and last bars. Right, a "
                      "hump around 0.",
       .panels = {histogram(fmt::format("clipped to +-{:g}", bound), of_clipped, 1),
                  histogram("gradient penalty", of_other, 0)},
       .columns = 2}};
  outcome.tables = {table};
  return outcome;
}

}  // namespace wgan
