// A generator that gives up modes, and goes from one to the next, where another objective keeps
// them all.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <array>

#include "wgan/lab/collapse.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/digit_modes.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr int64_t kCollapseLooks = 30;        // of a training
constexpr int64_t kCollapseSamples = 10'000;  // of a look
constexpr int64_t kCollapseDrawn = 1000;      // of these

struct Contender {
  const char* name;
  Objective objective;
  bool like_critic = false;
};
constexpr std::array<Contender, 5> kContenders = {
    {{"GAN", Objective::kNonSaturating},
     {"GAN, log(1 - D)", Objective::kMinimax},
     {"GAN, D trained like a critic", Objective::kNonSaturating, true},
     {"WGAN", Objective::kWgan},
     {"WGAN-GP", Objective::kWganGp}}};
enum { kGan, kMinimaxGan, kPatientGan, kClipped, kPenalised };  // places in it

struct CollapseCourse : SpreadCourse {
  std::vector<at::Tensor> points = {};  // [kCollapseDrawn, 2]
};

CollapseCourse train_one(const Contender& contender, const ExperimentOptions& options) {
  const Dataset data = make_synthetic("gaussians25", Split::kTrain, options.seed);
  const GaussianModes modes = gaussian_modes(data.name);
  TrainOptions o = collapse_options(data, contender.objective, options.seed, contender.like_critic);
  if (!options.quick) {
    o.players.width = setting<int64_t>(options, "width");
    o.length.steps = setting<int64_t>(options, "steps");
  }
  CollapseCourse course;
  train_players(
      data, o, o.length.steps / kCollapseLooks, [&](const Players& players, int64_t step) {
        options.on_progress(fmt::format("{}, step {} of {}", contender.name, step, o.length.steps));
        const at::Tensor points = samples_of(players, o, kCollapseSamples);
        course.step.push_back(static_cast<double>(step));
        course.spreads.push_back(spread_over(points, modes));
        course.points.push_back(points.narrow(0, 0, kCollapseDrawn).clone());
      });
  return course;
}

Figure samples_figure(const std::vector<CollapseCourse>& courses, const at::Tensor& real) {
  Figure figure{
      .name = "mode-collapse",
      .caption =
          "Samples at the end of training, and real points. Networks, optimizer and "
          "generator steps are the same. Two GANs make one clump each, wherever that is at "
          "the time; one whose discriminator is trained like a critic spreads out; the "
          "critics' generators reach all 25 modes, blurred as so few steps leave them.",
      .alternative =
          "Six clouds of points. The real one is a grid of 25 clusters; two GANs make "
          "one or a few clumps; WGAN and WGAN-GP make grids with threads in between.",
      .columns = 3,
      .panel_width = 340,
      .panel_height = 340};
  for (size_t i = 0; i < courses.size(); ++i) {
    const Spread& last = courses[i].spreads.back();
    figure.panels.push_back(framed(fmt::format("{}: {} of 25", kContenders[i].name, last.covered),
                                   {cloud("", courses[i].points.back(), static_cast<int>(i))}));
  }
  figure.panels.push_back(framed("real", {cloud("", real, 6)}));
  return figure;
}

Figure modes_figure(const std::vector<CollapseCourse>& courses) {
  Panel covered{.title = "modes covered",
                .x = {.label = "generator step"},
                .y = {.label = "of 25", .low = 0.0, .high = 26.0}};
  Panel moves{.title = "change of the mode histogram since the last look",
              .x = {.label = "generator step"},
              .y = {.label = "total variation", .low = 0.0, .high = 1.05}};
  for (size_t i = 0; i < courses.size(); ++i) {
    const CollapseCourse& c = courses[i];
    const int colour = static_cast<int>(i);
    covered.series.push_back(curve(kContenders[i].name, c.step, c.covered(), Mark::kLine, colour));
    moves.series.push_back(curve(kContenders[i].name, {c.step.begin() + 1, c.step.end()}, c.moves(),
                                 Mark::kLine, colour));
  }
  return {.name = "mode-collapse-over-time",
          .caption =
              "Left: modes covered. Right: how much of the samples has changed its mode since the "
              "look before, 1 for all of them: the GAN does not settle on a mode but goes from one "
              "to the next.",
          .alternative =
              "Two plots over the steps. Left, two critics climb to 25 while two GANs stay near 0. "
              "Right, these GANs stay near 1 while the critics fall towards 0.",
          .panels = {covered, moves},
          .columns = 2,
          .panel_width = 560};
}

// Shares of the modes at every look.
Panel shares_panel(const std::string& title, const CollapseCourse& course) {
  const auto looks = static_cast<int64_t>(course.spreads.size());
  const auto modes = static_cast<int64_t>(course.spreads[0].shares.size());
  Surface surface{.rows = modes,
                  .columns = looks,
                  .left = course.step.front(),
                  .right = course.step.back(),
                  .bottom = 1,
                  .top = static_cast<double>(modes)};
  for (size_t k = 0; k < course.spreads[0].shares.size(); ++k) {
    for (const Spread& spread : course.spreads) surface.values.push_back(spread.shares[k]);
  }
  return {
      .title = title, .x = {.label = "generator step"}, .y = {.label = "mode"}, .surface = surface};
}

Animation animation(const std::vector<CollapseCourse>& courses) {
  Animation a{
      .name = "mode-collapse-moves",
      .caption = "Samples over training: the GAN's mass jumps about, WGAN-GP's spreads out.",
      .alternative =
          "Two clouds in motion: a clump that jumps from place to place, and one that "
          "unfolds to a grid."};
  for (size_t f = 0; f < courses[0].step.size(); ++f) {
    Figure frame{.name = fmt::format("frame-{}", f),
                 .caption = "",
                 .alternative = "",
                 .columns = 2,
                 .panel_width = 360,
                 .panel_height = 360};
    for (const size_t c : {size_t{kGan}, size_t{kPenalised}}) {
      frame.panels.push_back(
          framed(fmt::format("{}, step {:.0f}", kContenders[c].name, courses[c].step[f]),
                 {cloud("", courses[c].points[f], static_cast<int>(c))}));
    }
    a.frames.push_back(frame);
  }
  return a;
}

Table mode_table(const std::vector<CollapseCourse>& courses) {
  Table table{.name = "mode-collapse-table",
              .caption =
                  "At the end of training; restlessness: mean change of the mode histogram "
                  "from look to look over the middle half of training.",
              .columns = {"", "modes covered of 25", "share within 3 sigma", "restlessness"}};
  for (size_t i = 0; i < courses.size(); ++i) {
    const Spread& last = courses[i].spreads.back();
    table.labels.emplace_back(kContenders[i].name);
    table.values.push_back(
        {static_cast<double>(last.covered), last.close, courses[i].restlessness()});
  }
  return table;
}

Outcome run_mode_collapse(const ExperimentOptions& options) {
  std::vector<CollapseCourse> courses;
  for (const Contender& one : kContenders) courses.push_back(train_one(one, options));
  const Dataset fresh = make_synthetic("gaussians25", Split::kTest, options.seed);
  Figure shares{
      .name = "mode-collapse-shares",
      .caption =
          "Share of the samples at each of the 25 modes over training. Left: all of a "
          "column's mass lies in a few cells, and in others in the next column. Right: "
          "it spreads evenly and stays.",
      .alternative = "Two maps of modes by steps: scattered bright cells, and an even grey.",
      .panels = {shares_panel("GAN", courses[kGan]), shares_panel("WGAN-GP", courses[kPenalised])},
      .columns = 2};
  const auto covered = [&](size_t i) { return courses[i].covered().back(); };
  Outcome outcome = {
      .figures = {samples_figure(courses, rows_of(fresh)(kCollapseDrawn, 0)), modes_figure(courses),
                  shares},
      .animations = {animation(courses)},
      .tables = {mode_table(courses)},
      .checks = {{"GAN: modes covered of 25", covered(kGan), 0, 15},
                 {"GAN with log(1 - D): the same", covered(kMinimaxGan), 0, 15},
                 {"WGAN: the same", covered(kClipped), 25, 25},
                 {"WGAN-GP: the same", covered(kPenalised), 25, 25},
                 {"GAN: its modes alternate; mean change of the mode histogram from look to "
                  "look over the middle half",
                  courses[kGan].restlessness(), 0.5, 1},
                 {"WGAN-GP: the same", courses[kPenalised].restlessness(), 0, 0.1}}};
  outcome.remark = fmt::format(
      "Much of it is the schedule: a GAN whose discriminator is trained like a critic covers {} of "
      "25. The learning rate falls to 0, so all come to rest in the end.",
      covered(kPatientGan));
  const auto steps = setting<int64_t>(options, "digit-steps");
  if (options.quick || steps == 0) {
    outcome.remark += " Digits and stacked digits are part of the full form alone.";
    return outcome;
  }
  add_digit_modes(options, steps, outcome);
  return outcome;
}

}  // namespace

Experiment mode_collapse_experiment() {
  return {
      .name = "mode-collapse",
      .title = "A GAN gives up modes and goes from one to the next; a WGAN keeps them",
      .claim =
          "A generator without much structure, trained as a GAN, collapses: its samples show a "
          "few modes of the data, and these alternate. Trained as a WGAN it does not "
          "(Arjovsky et al. 2017, section 4.3 and Fig. 7; Gulrajani et al. 2017).",
      .text =
          "A discriminator's loss tells a generator where samples look real now, so all of them go "
          "there. Then the discriminator learns that this place is full of fakes, and all go on to "
          "the next. With a critic that is trained to optimality, mass that is missing somewhere "
          "is part of the distance, and moving a few samples there makes it smaller.\n\n"
          "On 25 Gaussians the modes can be counted. A mode is covered where at least a tenth of "
          "its fair share of the samples is nearest to it, and at least one lies within 3 sigma. "
          "Between two looks at the samples, half the sum of the changes of the modes' shares "
          "measures how much mass has moved: it is 1 where all samples have left the modes they "
          "were in.\n\n"
          "All have the same networks, optimizer and number of generator steps, and differ in how "
          "the opponent is trained: a discriminator takes one step of a small rate, a critic five "
          "of a larger one, as its authors advise. Since that alone could make the difference, a "
          "GAN whose discriminator is trained as much as a critic is shown too; no claim is made "
          "about it.\n\n"
          "The full form also trains the generator of 4 layers of 512 units of the paper on "
          "pictures of digits, and on three of them stacked as colours, which makes 1000 modes "
          "(Metz et al. 2017). A classifier reads the samples. The digits are drawn strokes, or "
          "those of --data.",
      .settings = {{"width", "128", "units of a hidden layer, when not quick"},
                   {"steps", "2000", "generator steps, when not quick"},
                   {"digit-steps", "2000", "generator steps on digits, when not quick; 0: none"}},
      .in_all = true,
      .trained = true,
      .run = run_mode_collapse};
}

}  // namespace wgan
