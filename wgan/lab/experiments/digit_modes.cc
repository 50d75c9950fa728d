// Trainings on stacked digits, and what a classifier reads in their samples.
#include "wgan/lab/experiments/digit_modes.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <array>
#include <cmath>
#include <memory>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/judge/classifier.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/stacked_digits.h"
#include "wgan/lab/fit.h"
#include "wgan/metrics/modes.h"
#include "wgan/net/presets.h"
#include "wgan/run/picture.h"
#include "wgan/train/pixels.h"

namespace wgan {
namespace {

constexpr int64_t kDigits = 10, kPool = 20'000, kTiles = 64, kLooks = 10;
constexpr int64_t kSamplesAMode = 26;    // of stacked digits (Srivastava et al. 2017)
constexpr int64_t kLeastSamples = 2600;  // and at every look

struct DigitMethod {
  const char* name;
  Objective objective;
};
constexpr std::array<DigitMethod, 3> kDigitMethods = {{{"GAN", Objective::kNonSaturating},
                                                       {"WGAN", Objective::kWgan},
                                                       {"WGAN-GP", Objective::kWganGp}}};

struct DigitCourse {
  std::vector<double> step, found;
  ModeCoverage last;
  at::Tensor tiles;
};

// The same learning rates for all.
TrainOptions options_for(const DigitMethod& method, const Dataset& data, uint64_t seed,
                         int64_t steps) {
  TrainOptions o = recipe_options(Recipe::kFast, method.objective, data);
  o.objective.n_critic = has_probability(method.objective) ? 1 : 5;
  o.optimizer.kind =
      method.objective == Objective::kWgan ? OptimizerKind::kRmsprop : OptimizerKind::kAdam;
  o.players.init = Init::kScaledUniformHe;  // keeps what passes through an MLP of ReLU at its size
  o.optimizer.generator_lr = 1e-4, o.optimizer.critic_lr = 3e-4;
  o.optimizer.beta1 = 0.5, o.optimizer.beta2 = 0.9;
  o.penalty.clip = 0.01;
  o.batches.size = 64;
  o.players.latent = 64;
  o.optimizer.average = 0;
  o.seed = static_cast<int64_t>(seed);
  o.length.steps = steps;
  return o;
}

DigitCourse train_one(const DigitMethod& method, const Dataset& data, const Classifier& classifier,
                      const ExperimentOptions& options, int64_t steps) {
  const TrainOptions o = options_for(method, data, options.seed, steps);
  const Shape sample = sample_shape(data.shape);
  DcganOptions dcgan;
  dcgan.width = 32;
  dcgan.critic_batch_norm = false;
  dcgan.bias = dcgan.output_bias = true;
  Players players =
      make_players({mlp_generator(sample, o.players.latent, {.width = 512, .depth = 4}),
                    dcgan_critic(sample, dcgan)},
                   o, "cpu");
  const auto modes = static_cast<int64_t>(std::llround(std::pow(kDigits, sample[0])));
  const std::vector<double> equal(static_cast<size_t>(modes), 1.0);
  DigitCourse course;
  const auto look = [&](const Players& now) {
    const at::Tensor found = modes_of(classifier, samples_of(now, o, kLeastSamples));
    course.step.push_back(static_cast<double>(now.step));
    course.found.push_back(static_cast<double>(mode_coverage(found, equal).found));
    return false;
  };
  TrainOptions running = o;
  running.cadence.checkpoint_every.seconds = 0;
  running.cadence.evaluate_every = steps / kLooks;
  TrainHooks hooks;
  hooks.on_tick = [&](const Tick&) {
    options.on_progress(fmt::format("{} on {}", method.name, data.name));
  };
  hooks.on_evaluation = look;
  train(players, data, running, hooks);
  const at::Tensor samples = samples_of(players, o, std::max(kLeastSamples, kSamplesAMode * modes));
  course.last = mode_coverage(modes_of(classifier, samples), equal);
  course.tiles = to_pictures(samples.narrow(0, 0, kTiles), PixelRange::kSigned);
  return course;
}

Figure over_time(const std::string& name, const std::vector<DigitCourse>& courses) {
  const auto modes = static_cast<double>(courses[0].last.modes);
  Panel panel{.title = "modes that a classifier finds in the samples",
              .x = {.label = "generator step"},
              .y = {.label = fmt::format("of {:.0f}", modes), .low = 0.0, .high = 1.05 * modes}};
  for (size_t i = 0; i < courses.size(); ++i) {
    panel.series.push_back(curve(kDigitMethods[i].name, courses[i].step, courses[i].found));
  }
  return {.name = name + "-over-time",
          .caption = fmt::format("Modes among {} samples over training.", kLeastSamples),
          .alternative = "Three curves over the generator steps.",
          .panels = {panel}};
}

void report(const std::string& name, const std::string& what,
            const std::vector<DigitCourse>& courses, Outcome& outcome) {
  Table table{
      .name = name + "-table",
      .caption =
          "Modes found at the end, and KL(samples | data) over them in nats; by chance: KL "
          "of as many samples of the data's own distribution.",
      .columns = {what, fmt::format("modes of {}", courses[0].last.modes), "KL", "KL by chance"},
      .labels = {},
      .values = {}};
  for (size_t i = 0; i < courses.size(); ++i) {
    const ModeCoverage& last = courses[i].last;
    table.labels.emplace_back(kDigitMethods[i].name);
    table.values.push_back({static_cast<double>(last.found), last.kl, last.kl_by_chance});
    outcome.figures.push_back(
        {.name = fmt::format("{}-{}", name, i),
         .caption = fmt::format("{}, {}: {} of {}, KL {:.2f}.", kDigitMethods[i].name, what,
                                last.found, counted(last.modes, "mode"), last.kl),
         .alternative = "A grid of 64 small pictures of digits.",
         .picture = image_grid(courses[i].tiles, 8)});
  }
  outcome.figures.push_back(over_time(name, courses));
  outcome.tables.push_back(table);
  const double gan = courses[0].last.kl, penalised = courses[2].last.kl;
  outcome.checks.push_back(
      {fmt::format("{}: WGAN-GP covers the modes more evenly, its KL over the GAN's", what),
       penalised / gan, 0, 0.5});
}

}  // namespace

void add_digit_modes(const ExperimentOptions& options, int64_t steps, Outcome& outcome) {
  const std::string source = options.data.empty() ? "strokes" : options.data;
  const Dataset digits = open_dataset({.data = source}, options.seed);
  const Classifier classifier = fit_classifier(
      digits, {}, [&](int64_t, int64_t) { options.on_progress("a classifier of " + digits.name); });
  for (const int64_t channels : {1, 3}) {
    const Dataset data = stacked_digits(
        digits, {.channels = channels, .pool = kPool, .stacks = 0, .seed = options.seed});
    std::vector<DigitCourse> courses;
    for (const DigitMethod& method : kDigitMethods) {
      courses.push_back(train_one(method, data, classifier, options, steps));
    }
    const std::string what = channels == 1 ? digits.name : digits.name + ", stacked";
    report(channels == 1 ? "mode-collapse-digits" : "mode-collapse-stacked", what, courses,
           outcome);
  }
}

}  // namespace wgan
