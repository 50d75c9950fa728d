// The stabilisers of GAN training side by side on one that collapses.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "wgan/core/counted.h"
#include "wgan/lab/collapse.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr int64_t kLooks = 12;        // of a training
constexpr int64_t kSamples = 10'000;  // that modes are counted from
constexpr int64_t kDrawn = 600;       // of these
constexpr double kCollapsed = 15;     // modes covered, or fewer

struct Remedy {
  const char* name;
  Objective objective;
  void (*apply)(TrainOptions& o);
};
void nothing(TrainOptions&) {}
constexpr Objective kPlain = Objective::kNonSaturating;
constexpr std::array<Remedy, 10> kRemedies = {
    {{"none", kPlain, nothing},
     {"feature matching", kPlain,
      [](TrainOptions& o) { o.stabilisers.feature_matching = FeatureMatching::kMean; }},
     {"minibatch discrimination", kPlain,
      [](TrainOptions& o) { o.players.minibatch_kernels = 16, o.players.minibatch_dims = 4; }},
     {"historical averaging", kPlain,
      [](TrainOptions& o) { o.stabilisers.historical_averaging = 1; }},
     {"one-sided label smoothing", kPlain, [](TrainOptions& o) { o.stabilisers.real_label = 0.9; }},
     {"batch norm in G", kPlain, [](TrainOptions& o) { o.players.generator_norm = Norm::kBatch; }},
     {"virtual batch norm in G", kPlain,
      [](TrainOptions& o) {
        o.players.generator_norm = Norm::kVirtual, o.players.reference_batch = 128;
      }},
     {"instance noise", kPlain, [](TrainOptions& o) { o.stabilisers.instance_noise = 1; }},
     {"WGAN", Objective::kWgan, nothing},
     {"WGAN-GP", Objective::kWganGp, nothing}}};
// Places in it.
constexpr size_t kNone = 0, kFeatureMatching = 1, kMinibatch = 2, kHistory = 3, kClipped = 8,
                 kPenalised = 9;

// What came of a training.
struct Result {
  Spread spread;            // at the end
  at::Tensor points;        // [kDrawn, 2]
  double restlessness = 0;  // mean change of the mode histogram from look to look, second half
};

Result train_with(const Remedy& remedy, uint64_t seed, bool quick) {
  const Dataset data = make_synthetic("gaussians25", Split::kTrain, seed);
  TrainOptions o = collapse_options(data, remedy.objective, seed);
  if (!quick) o.length.steps *= 3;
  remedy.apply(o);
  const GaussianModes modes = gaussian_modes(data.name);
  Result result;
  train_players(data, o, o.length.steps / kLooks, [&](const Players& players, int64_t step) {
    const at::Tensor points = samples_of(players, o, kSamples);
    const Spread now = spread_over(points, modes);
    if (2 * step > o.length.steps) result.restlessness += moved(result.spread, now) / (kLooks / 2);
    result.spread = now;
    result.points = points.narrow(0, 0, kDrawn).clone();
  });
  return result;
}

using Results = std::vector<std::vector<Result>>;  // [remedy][seed]

// Over the seeds.
std::vector<double> values_of(const std::vector<Result>& results, double (*of)(const Result&)) {
  std::vector<double> values;
  for (const Result& r : results) values.push_back(of(r));
  return values;
}
double mean_of(const std::vector<Result>& results, double (*of)(const Result&)) {
  const std::vector<double> values = values_of(results, of);
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}
double covered(const Result& r) { return static_cast<double>(r.spread.covered); }
double close(const Result& r) { return r.spread.close; }
double restlessness(const Result& r) { return r.restlessness; }

Table table(const Results& results) {
  Table table{
      .name = "remedies-table",
      .caption =
          fmt::format("Modes covered of 25 over {}; means of the share of the samples within 3 "
                      "sigma of a mode, and of the restlessness: change of the mode histogram from "
                      "look to look, {} looks, over the second half of training.",
                      counted(results[0].size(), "seed"), kLooks),
      .columns = {"remedy", "modes, mean", "least", "most", "share within 3 sigma", "restlessness"},
      .labels = {},
      .values = {}};
  for (size_t i = 0; i < results.size(); ++i) {
    const std::vector<double> modes = values_of(results[i], covered);
    table.labels.emplace_back(kRemedies[i].name);
    table.values.push_back({mean_of(results[i], covered), std::ranges::min(modes),
                            std::ranges::max(modes), mean_of(results[i], close),
                            mean_of(results[i], restlessness)});
  }
  return table;
}

Figure samples_figure(const Results& results) {
  Figure figure{.name = "remedies",
                .caption =
                    "Samples at the end of training, of the first seed. Without a remedy they sit "
                    "on a few points, which may lie outside the frame; the title counts the modes "
                    "covered.",
                .alternative = "Ten clouds of points, from single clumps to grids of 25 clusters.",
                .columns = 5,
                .panel_width = 300,
                .panel_height = 310};
  for (size_t i = 0; i < results.size(); ++i) {
    const Result& first = results[i].front();
    figure.panels.push_back(framed(fmt::format("{}: {}", kRemedies[i].name, first.spread.covered),
                                   {cloud("", first.points, static_cast<int>(i))}));
  }
  return figure;
}

std::vector<Check> checks(const Results& results) {
  const auto modes = [&](size_t i) { return mean_of(results[i], covered); };
  return {
      {"without a remedy: modes covered of 25, mean over the seeds", modes(kNone), 0, kCollapsed},
      {"minibatch discrimination: the same", modes(kMinibatch), kCollapsed + 1},
      {"feature matching: the same", modes(kFeatureMatching), kCollapsed + 1},
      {"WGAN: the same", modes(kClipped), 25, 25},
      {"WGAN-GP: the same", modes(kPenalised), 25, 25},
      {"without a remedy the modes alternate: mean change of the mode histogram from look to look",
       mean_of(results[kNone], restlessness), 0.5, 1},
      {"historical averaging stops that: the same", mean_of(results[kHistory], restlessness), 0,
       0.1}};
}

// What did not help, by the numbers of this run.
std::string remark(const Results& results) {
  std::string list;
  for (size_t i = kNone + 1; i < results.size(); ++i) {
    if (mean_of(results[i], covered) <= kCollapsed) {
      list += (list.empty() ? "" : ", ") + std::string(kRemedies[i].name);
    }
  }
  const std::string one_setting =
      "This is one GAN with one strength of each remedy on points of the plane, not a verdict on "
      "pictures, for which they were made.";
  return list.empty() ? one_setting
                      : fmt::format("No help against this collapse ({} modes or fewer): {}. {}",
                                    kCollapsed, list, one_setting);
}

Outcome run_remedies(const ExperimentOptions& options) {
  const auto seeds = static_cast<uint64_t>(options.quick ? 1 : setting<int64_t>(options, "seeds"));
  Results results;
  for (const Remedy& remedy : kRemedies) {
    results.emplace_back();
    for (uint64_t s = 0; s < seeds; ++s) {
      options.on_progress(fmt::format("{}, seed {} of {}", remedy.name, s + 1, seeds));
      results.back().push_back(train_with(remedy, options.seed + 1000 * s, options.quick));
    }
  }
  return {.figures = {samples_figure(results)},
          .tables = {table(results)},
          .checks = checks(results),
          .remark = remark(results)};
}

}  // namespace

Experiment remedies_experiment() {
  return {
      .name = "remedies",
      .title = "Remedies for a GAN that collapses, side by side",
      .claim =
          "Feature matching, minibatch discrimination, historical averaging, one-sided label "
          "smoothing and virtual batch normalisation (Salimans et al. 2016, section 3), noise "
          "on what the discriminator sees (Arjovsky and Bottou 2017, section 3) and another "
          "distance between the distributions (Arjovsky et al. 2017) make GANs train more "
          "stably.",
      .text =
          "All trainings start from one GAN, of small MLPs on 25 Gaussians, whose discriminator is "
          "a step behind its generator: the generator puts its whole mass on the place that the "
          "discriminator likes best, the discriminator learns to dislike it, and the mass moves "
          "on. Each remedy is added alone, nothing else is changed, and the modes are counted: a "
          "mode is covered where at least a tenth of its fair share of the samples is nearest to "
          "it and one of them lies within 3 sigma.\n\n"
          "Two of the remedies change what the generator is trained for. Feature matching "
          "minimises $|E h(x) - E h(G(z))|^2$ for features $h$ that the discriminator has learnt: "
          "a single point cannot have the mean features of 25 clusters. Minibatch discrimination "
          "shows the discriminator how near the samples of a batch are to one another, $o(x_i) = "
          "sum_j exp(-|M_i - M_j|)$, so that a batch of equal samples is recognised as fake at "
          "once. Both address this failure.\n\n"
          "The others slow the game down or blunt it. Historical averaging adds $|theta - "
          "theta_mean|^2$, with the mean of the parameters so far, to both losses and so stops the "
          "chase; it holds the generator where it is, not where the data are. Label smoothing "
          "keeps the discriminator from being too sure, noise keeps the supports overlapping; "
          "neither gives a generator whose discriminator lags behind a reason to spread out. Batch "
          "normalisation makes the samples of a batch differ from one another in every layer, "
          "virtual batch normalisation does so against a fixed batch.\n\n"
          "WGAN and WGAN-GP minimise another distance, with five critic steps per generator step, "
          "as their papers have it: their trainings cost more than the others, and a part of what "
          "they gain is the critic's lead.",
      .settings = {{"seeds", "5", "trainings of each, when not quick"}},
      .in_all = true,
      .trained = true,
      .run = run_remedies};
}

}  // namespace wgan
