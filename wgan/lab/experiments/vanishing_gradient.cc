// The gradient that a fixed generator gets through a discriminator, or a critic, trained from
// scratch against it.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/data/synthetic.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/opponents.h"
#include "wgan/run/picture.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr OpponentScale kQuick{
    .width = 8, .epoch_rows = 1024, .discriminator_steps = 500, .critic_steps = 100, .batches = 4},
    kFull{.width = 16,
          .epoch_rows = 12'800,
          .discriminator_steps = 5000,
          .critic_steps = 4000,
          .batches = 16};

Panel panel(const std::vector<Age>& ages, size_t loss, std::vector<double> History::*what,
            const std::string& y) {
  Panel panel{.title = kLosses[loss].name,
              .x = {.label = "step of the opponent", .log = true},
              .y = {.label = y, .log = true}};
  for (const Age& age : ages) {
    const History& history = age.histories[loss];
    panel.series.push_back(curve(counted(age.epochs, "epoch"), history.step, history.*what));
  }
  return panel;
}

std::vector<Figure> figures(const std::vector<Age>& ages) {
  std::vector<at::Tensor> tiles;
  for (const Age& age : ages) tiles.push_back(age.tiles);
  return {
      {.name = "vanishing-gradient",
       .caption =
           "Norm of the generator's gradient while its opponent is trained from scratch, for "
           "generators of three ages. Left: through the discriminator it falls by orders of "
           "magnitude once that tells the samples apart, which takes longer for older "
           "generators. Middle and right: through critics of WGAN it stays.",
       .alternative =
           "Three plots on logarithmic axes with three curves each, which first rise: then falling "
           "ones on the left, level ones in the middle and on the right.",
       .panels = {panel(ages, kSaturating, &History::norm, "|gradient|"),
                  panel(ages, kWithPenalty, &History::norm, "|gradient|"),
                  panel(ages, kWithClipping, &History::norm, "|gradient|")},
       .columns = 3,
       .panel_width = 440},
      {.name = "vanishing-gradient-alternative",
       .caption = "The same discriminators, and the loss -log D in place of log(1 - D). Left: the "
                  "gradient's norm grows. Right: so does its deviation from batch to batch.",
       .alternative = "Two plots on logarithmic axes with three rising curves each.",
       .panels = {panel(ages, kAlternative, &History::norm, "|gradient|"),
                  panel(ages, kAlternative, &History::spread, "deviation of the gradient")},
       .columns = 2},
      {.name = "vanishing-gradient-samples",
       .caption = "Samples of the three generators, the youngest above.",
       .alternative = "Three rows of pictures of digits.",
       .picture = image_grid(torch::cat(tiles), kTilesOfAge)}};
}

Table table(const std::vector<Age>& ages) {
  Table table{.name = "vanishing-gradient-norms",
              .caption =
                  "Norm of the generator's gradient: at the opponent's first step, the largest, at "
                  "its last; deviation from batch to batch at the first and the last.",
              .columns = {"loss and age", "first", "largest", "last", "deviation, first",
                          "deviation, last"}};
  for (size_t i = 0; i < kLosses.size(); ++i) {
    for (const Age& age : ages) {
      const History& h = age.histories[i];
      table.labels.push_back(fmt::format("{}, {}", kLosses[i].name, counted(age.epochs, "epoch")));
      table.values.push_back({h.norm.front(), *std::ranges::max_element(h.norm), h.norm.back(),
                              h.spread.front(), h.spread.back()});
    }
  }
  return table;
}

// The least and the largest over the ages of the last value over another one of the same history.
struct Range {
  double least = std::numeric_limits<double>::infinity(), most = 0;
};
Range range_of(const std::vector<Age>& ages, size_t loss, double (*of)(const History&)) {
  Range range;
  for (const Age& age : ages) {
    const double value = of(age.histories[loss]);
    range.least = std::min(range.least, value), range.most = std::max(range.most, value);
  }
  return range;
}

double kept(const History& h) { return h.norm.back() / *std::ranges::max_element(h.norm); }
double growth(const History& h) { return h.norm.back() / h.norm.front(); }
double growth_of_spread(const History& h) { return h.spread.back() / h.spread.front(); }

std::vector<Check> checks(const std::vector<Age>& ages) {
  constexpr double kOrder = 0.1;  // of magnitude
  double passed = 0;
  for (const Age& age : ages) {
    passed = std::max(
        passed, age.histories[kSaturating].norm.back() / age.histories[kAlternative].norm.back());
  }
  return {{"log(1 - D): the gradient vanishes, last norm over the largest, most of all ages",
           range_of(ages, kSaturating, kept).most, 0, kOrder},
          {"what it keeps of the gradient that -log D has in the end, most of all ages", passed, 0,
           kOrder},
          {"critic with a gradient penalty: last norm over the largest, least of all ages",
           range_of(ages, kWithPenalty, kept).least, kOrder},
          {"critic with clipping: the same", range_of(ages, kWithClipping, kept).least, kOrder},
          {"-log D: the norm grows, last over first, least of all ages",
           range_of(ages, kAlternative, growth).least, 2},
          {"-log D: so does the deviation from batch to batch, the same",
           range_of(ages, kAlternative, growth_of_spread).least, 2}};
}

std::string remark(const std::vector<Age>& ages) {
  std::string text = "Last norm over the largest of log(1 - D):";
  for (const Age& age : ages) {
    text += fmt::format(" {:.2g} after {};", kept(age.histories[kSaturating]),
                        counted(age.epochs, "epoch"));
  }
  text.back() = '.';
  return text;
}

Outcome run_vanishing_gradient(const ExperimentOptions& options) {
  const OpponentScale& scale = options.quick ? kQuick : kFull;
  const Dataset data = options.data.empty() ? make_synthetic("strokes", Split::kTrain, options.seed)
                                            : open_dataset({.data = options.data}, options.seed);
  TrainOptions o = recipe_options(Recipe::kPaper, Objective::kNonSaturating, data);
  o.players.width = scale.width;
  o.optimizer.critic_lr = o.optimizer.generator_lr = setting<double>(options, "lr");
  o.seed = static_cast<int64_t>(options.seed);
  std::vector<Age> ages = aged_generators(
      data, o, scale, [&] { options.on_progress(fmt::format("a DCGAN on {}", data.name)); });
  o.optimizer.critic_lr = setting<double>(options, "opponent-lr");
  for (Age& age : ages) {
    train_opponents(age, data, o, scale, [&] {
      options.on_progress("opponents of the generator of " + counted(age.epochs, "epoch"));
    });
  }
  return {.figures = figures(ages),
          .tables = {table(ages)},
          .checks = checks(ages),
          .remark = remark(ages)};
}

}  // namespace

Experiment vanishing_gradient_experiment() {
  return {.name = "vanishing-gradient",
          .title = "A better discriminator teaches its generator less; a better critic does not",
          .claim =
              "When a generator is frozen and a discriminator is trained from scratch against it, "
              "the gradient of $log(1 - D)$ vanishes by orders of magnitude, whatever the "
              "generator's age; that of the alternative $-log D$ grows, and with it its variance "
              "(Arjovsky and Bottou 2017, Figs. 2 and 3). The critic of a WGAN can be trained to "
              "optimality, and its gradient does not vanish (Arjovsky et al. 2017, section 3).",
          .text =
              "Let $t$ be what the discriminator computes before its sigmoid, so that $D = "
              "sigmoid(t)$. The derivative of $log(1 - D)$ in the generator's parameters is $-D$ "
              "times that of $t$. Samples and data lie on sets that hardly meet, and so a "
              "discriminator can tell them apart perfectly: $t$ falls without end at the samples, "
              "roughly in proportion to the steps, and $D$ falls like $exp(t)$. The better the "
              "discriminator, the less of its gradient is left.\n\n"
              "The usual alternative, $-log D$, has the derivative $-(1 - D)$ times that of $t$. "
              "Its factor tends to 1, so nothing vanishes; but what remains is the slope of $t$, "
              "which grows with $t$ and which nothing bounds: it differs from batch to batch. For "
              "the optimal discriminator plus noise, the distribution of this gradient has neither "
              "mean nor variance (Arjovsky and Bottou 2017, Theorem 2.6).\n\n"
              "A critic has no sigmoid: the derivative of $-f$ is minus that of $f$, with a factor "
              "of 1 however well it is trained, and the slopes of $f$ are held by the penalty or "
              "by the window of its weights.\n\n"
              "Here a DCGAN is trained, with copies of its generator kept after 1, 10 and 25 "
              "epochs (short ones in the quick form). Against each of them three networks are "
              "trained from new weights: a discriminator as DCGAN has it, and two critics without "
              "its batch normalisation, which would not go with a penalty, one with a gradient "
              "penalty and one that is clipped. Every now and then the gradient of the generator's "
              "loss is taken for several batches of latents: its norm, and the root of the mean "
              "squared distance of the batches' gradients from their mean. The pictures are drawn "
              "strokes of digits, or with --data those of a data set.",
          .settings = {{"lr", "1e-3", "learning rate of the DCGAN"},
                       {"opponent-lr", "2e-3", "learning rate of the opponents"}},
          .in_all = true,
          .trained = true,
          .run = run_vanishing_gradient};
}

}  // namespace wgan
