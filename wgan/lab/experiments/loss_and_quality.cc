// Whether the number that training minimises says how good the samples are.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/data/synthetic.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/transport.h"
#include "wgan/train/objective.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr int64_t kQualityLooks =
    24;  // of a training, at equal ratios of steps: the early fall counts
constexpr int64_t kNeighbours = 3;  // as much as the late plateau; each the mean of so many steps,
constexpr int64_t kFirst = 20;      // from this one on, when the critic has got its lead
// Rank correlations with W1: of what goes with it at least, and of what does not at most.
constexpr double kGoesWith = 0.7, kDoesNot = 0.5;
constexpr double kQualityNear = 4;  // samples so many times as far from real rows as real rows are
constexpr double kSlower = 1.25;    // so many times WGAN-GP's is WGAN's W1 after the same steps

struct QualityMethod {
  const char* name;
  Objective objective;
  int64_t n_critic;
  double generator_lr;  // as published, but for kQualityAsFast
};
constexpr QualityMethod kQualityMethods[] = {
    {"GAN", Objective::kNonSaturating, 1, 2e-4},
    {"GAN, D of 5 steps", Objective::kNonSaturating, 5, 2e-4},
    {"WGAN", Objective::kWgan, 5, 5e-5},
    {"WGAN, G's rate 1e-4", Objective::kWgan, 5, 1e-4},
    {"WGAN-GP", Objective::kWganGp, 5, 1e-4}};
enum {
  kQualityGan,
  kQualityPatientGan,
  kQualityClipped,
  kQualityAsFast,
  kQualityPenalised
};  // places in it

// A training as its numbers show it, [kQualityLooks] each.
struct Numbers {
  at::Tensor step, estimate, generator, distance;
};
struct Trainings {
  std::string data;
  double floor = 0;  // W1 between two sets of real rows
  std::vector<Numbers> of = {};
};

// Spearman's.
double rank_correlation(const at::Tensor& x, const at::Tensor& y) {
  const auto ranks = [](const at::Tensor& values) {
    const at::Tensor places = values.argsort().argsort().to(torch::kFloat64);
    return places - places.mean();
  };
  const at::Tensor u = ranks(x), v = ranks(y);
  return (u.dot(v) / (u.norm() * v.norm())).item<double>();
}

double w1(const at::Tensor& x, const at::Tensor& y) {
  return wasserstein(x.flatten(1), y.flatten(1), 1);
}

// Of a GAN the estimate of JS: log 2 - L_D / 2, L_D the discriminator's cross entropy.
double estimate_of(Objective objective, const at::Tensor& real, const at::Tensor& fake) {
  if (!has_probability(objective)) return (real.mean() - fake.mean()).item<double>();
  return std::numbers::ln2 - critic_loss(objective, {real, fake}).item<double>() / 2;
}

// The first look at samples at most so far away; the last look where there is none.
double steps_to(const Numbers& n, double distance) {
  const at::Tensor there = (n.distance <= distance).nonzero();
  return n.step[there.numel() > 0 ? there[0].item<int64_t>() : kQualityLooks - 1].item<double>();
}

TrainOptions train_options(const Dataset& data, const QualityMethod& m,
                           const ExperimentOptions& options) {
  TrainOptions o = recipe_options(Recipe::kFast, Objective::kWganGp, data);
  o.objective.kind = m.objective, o.objective.n_critic = m.n_critic;
  o.objective.critic_bursts = !has_probability(m.objective);  // as in Arjovsky's code
  o.players.conditional = false, o.optimizer.average = 0,
  o.seed = static_cast<int64_t>(options.seed);
  o.optimizer.beta1 = 0.5, o.optimizer.beta2 = 0.9;
  o.optimizer.generator_lr = m.generator_lr, o.optimizer.critic_lr = 5e-4;
  if (m.objective == Objective::kWgan) {
    o.optimizer.kind = OptimizerKind::kRmsprop, o.optimizer.critic_lr = 2e-4, o.penalty.clip = 0.03;
  }
  const bool image = data.is_image();
  o.players.width = image ? 16 : 64, o.batches.size = image ? 64 : 128,
  o.penalty.lambda = image ? 10 : 0.1;
  o.length.steps = image ? setting<int64_t>(options, "steps") : options.quick ? 700 : 3000;
  return o;
}

Numbers train_one(const Dataset& data, const at::Tensor& real, const QualityMethod& method,
                  const ExperimentOptions& options) {
  const TrainOptions o = train_options(data, method, options);
  const double first = std::log10(kFirst), last = std::log10(o.length.steps);
  const at::Tensor steps =
      torch::logspace(first, last, kQualityLooks * kNeighbours, 10, torch::kFloat64).round();
  std::vector<double> all;
  train_players(data, o, 1, [&](const Players& players, int64_t step) {
    const auto times = steps.eq(step).sum().item<int64_t>();  // more than 1 among few steps
    if (times == 0) return;
    options.on_progress(fmt::format("{}: {}, step {}", data.name, method.name, step));
    const at::Tensor samples = samples_of(players, o, real.size(0));
    const at::Tensor of_real = scores_at(players.critic, real),
                     of_fake = scores_at(players.critic, samples);
    const double numbers[] = {
        static_cast<double>(step), estimate_of(o.objective.kind, of_real, of_fake),
        generator_loss(o.objective.kind, {.fake = of_fake}).item<double>(), w1(samples, real)};
    for (int64_t i = 0; i < times; ++i) all.insert(all.end(), numbers, numbers + 4);
  });
  const at::Tensor rows =
      torch::tensor(all, torch::kFloat64).reshape({kQualityLooks, kNeighbours, 4});
  const at::Tensor looks = rows.mean(1).t().contiguous();
  return {looks[0], looks[1], looks[2], looks[3]};
}

Trainings trainings_on(const std::string& name, const ExperimentOptions& options) {
  const Dataset data = make_synthetic(name, Split::kTrain, options.seed);
  const Sampler fresh = rows_of(make_synthetic(name, Split::kTest, options.seed));
  const at::Tensor two = fresh(options.quick ? 512 : 1024, 0), real = two.chunk(2)[0];
  Trainings trainings{.data = name, .floor = w1(two.chunk(2)[1], real)};
  for (const QualityMethod& m : kQualityMethods)
    trainings.of.push_back(train_one(data, real, m, options));
  return trainings;
}

Table table(const Trainings& t) {
  Table table{.name = "loss-and-quality-table-" + t.data,
              .caption = fmt::format(
                  "{}: rank correlations with exact W1 between samples and data over {} looks; W1 "
                  "at the end (between two sets of real rows: {:.3g}); the first look where it is "
                  "at most {:g} times the latter (never: the last look).",
                  t.data, kQualityLooks, t.floor, kQualityNear),
              .columns = {"training", "estimate", "generator's loss", "W1 at the end", "steps"}};
  for (size_t i = 0; i < t.of.size(); ++i) {
    const Numbers& n = t.of[i];
    table.labels.emplace_back(kQualityMethods[i].name);
    table.values.push_back({rank_correlation(n.estimate, n.distance),
                            rank_correlation(n.generator, n.distance),
                            n.distance[-1].item<double>(), steps_to(n, kQualityNear * t.floor)});
  }
  return table;
}

Figure figure(const Trainings& t) {
  Figure f{
      .name = "loss-and-quality-" + t.data,
      .caption =
          "One training a column. Above: what discriminator or critic makes of the distance. "
          "Middle: the generator's loss. Below: exact W1 between samples and data, which no "
          "player sees (dashed: between two sets of real rows). For WGAN and WGAN-GP the "
          "upper curve falls as the lower one does; the plain GAN's go their own ways.",
      .alternative =
          "Five columns of three plots. For WGAN and WGAN-GP the top and bottom ones fall alike.",
      .columns = 5,
      .panel_width = 300,
      .panel_height = 260};
  const auto row = [&](at::Tensor Numbers::*what, const char* gan, const char* wgan, int colour) {
    for (size_t i = 0; i < t.of.size(); ++i) {
      f.panels.push_back(
          {.title = kQualityMethods[i].name,
           .x = {.label = "generator step", .log = true},
           .y = {.label = has_probability(kQualityMethods[i].objective) ? gan : wgan},
           .series = {curve("", numbers_of(t.of[i].step), numbers_of(t.of[i].*what), Mark::kLine,
                            colour)}});
    }
  };
  row(&Numbers::estimate, "estimate of JS", "estimate of K W", 0);
  row(&Numbers::generator, "-E log D(G(z))", "-E f(G(z))", 2);
  row(&Numbers::distance, "exact W1", "exact W1", 1);
  for (size_t i = 2 * t.of.size(); i < f.panels.size(); ++i) {
    f.panels[i].series.push_back(level("", numbers_of(t.of[0].step), t.floor, 6));
  }
  return f;
}

void add_checks(const Trainings& t, std::vector<Check>& checks) {
  const auto add = [&](size_t i, const char* what, auto loss, double low, double high) {
    const Numbers& n = t.of[i];
    checks.push_back({fmt::format("{}: rank correlation with W1, {}", t.data, what),
                      rank_correlation(n.*loss, n.distance), low, high});
  };
  add(kQualityClipped, "WGAN's estimate", &Numbers::estimate, kGoesWith, 1);
  add(kQualityPenalised, "WGAN-GP's estimate", &Numbers::estimate, kGoesWith, 1);
  add(kQualityGan, "GAN's estimate of JS", &Numbers::estimate, -1, kDoesNot);
  add(kQualityGan, "GAN's generator loss", &Numbers::generator, -1, kDoesNot);
}

Outcome run_loss_and_quality(const ExperimentOptions& options) {
  std::vector<Trainings> all = {trainings_on("swissroll", options)};
  if (!options.quick) all.push_back(trainings_on("strokes", options));
  Outcome outcome;
  for (const Trainings& t : all) {
    outcome.figures.push_back(figure(t));
    outcome.tables.push_back(table(t));
    add_checks(t, outcome.checks);
    const Numbers& patient = t.of[kQualityPatientGan];
    outcome.remark += fmt::format(
        "On {}, the estimate of JS of a discriminator that takes five steps a generator step has a "
        "rank correlation of {:.2f} with W1. ",
        t.data, rank_correlation(patient.estimate, patient.distance));
  }
  const auto slower = [&](size_t i) {
    const double near = kQualityNear * all[0].floor;
    return steps_to(all[0].of[i], near) / steps_to(all[0].of[kQualityPenalised], near);
  };
  const auto end = [&](size_t i) { return all[0].of[i].distance[-1].item<double>(); };
  outcome.checks.push_back({"swissroll: WGAN is slow, its W1 at the end over WGAN-GP's",
                            end(kQualityClipped) / end(kQualityPenalised), kSlower});
  outcome.remark += fmt::format(
      "WGAN's steps to {:g} times real rows' W1 (never: all) over WGAN-GP's: {:.2f}, which is not "
      "above 1 for every seed; {:.2f} with WGAN-GP's learning rate of the generator.",
      kQualityNear, slower(kQualityClipped), slower(kQualityAsFast));
  return outcome;
}

}  // namespace

Experiment loss_and_quality_experiment() {
  return {
      .name = "loss-and-quality",
      .title = "A loss that says how good the samples are",
      .claim =
          "A critic's estimate of $W$ follows the quality of the samples; the loss of a GAN does "
          "not (Arjovsky et al. 2017, Figs. 3 and 4). Training with weight clipping converges more "
          "slowly than with a gradient penalty (Gulrajani et al. 2017).",
      .text =
          "$E f(x) - E f(G(z))$ of a well-trained critic is $K W$, where $K$ is the slope that its "
          "constraint allows. Once $K$ has settled it falls as samples get nearer to the data. So "
          "critics get a lead of 100 steps before each of the first 25 generator steps, and five "
          "before each of the others. A discriminator's cross entropy $L_D$ gives an estimate of "
          "JS, $log 2 - L_D / 2$, if it is the best one; with one step a generator step it is far "
          "from that, and its loss only says which player is ahead. Even where it is nearly the "
          "best, JS is $log 2$ as long as supports do not overlap, as with pictures; in the plane "
          "they do, and its estimate may well follow quality.\n\n"
          "Quality is measured from outside: exact $W1$ between samples and rows that no player "
          "has seen. Optimizers and generators' learning rates are the published ones: RMSProp "
          "with 5e-5 for WGAN, Adam with 1e-4 for WGAN-GP and 2e-4 for the GAN (Radford et al. "
          "2016); a second WGAN with 1e-4 shows how much of its slowness is due to the learning "
          "rate. A loss counts as following $W1$ where Spearman's rank correlation with it is at "
          "least 0.7, and as not following it where the correlation is at most 0.5.",
      .settings = {{"steps", "400", "generator steps on strokes, convolutional (not quick)"}},
      .in_all = true,
      .trained = true,
      .run = run_loss_and_quality};
}

}  // namespace wgan
