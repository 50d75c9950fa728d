// The examples of the tutorials, Pokemon sprites and cats, as recipes for a folder of one's own.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/judge/data_rows.h"
#include "wgan/judge/reference.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/picture.h"

namespace wgan {
namespace {

constexpr int64_t kParts = 7;  // looks; the first, the third and the last are shown
constexpr int64_t kTiles = 64, kMostRows = 500;

// What distinguishes the two.
struct Example {
  const char* name;
  const char* pictures;  // what they show
  const char* where;     // to find some
  const char* epochs;    // by default
};
constexpr Example kPokemon = {"pokemon", "Pokemon sprites",
                              "github.com/PokeAPI/sprites has them in sprites/pokemon", "49"};
constexpr Example kCats = {"cats", "cats", "Dogs vs. Cats of kaggle.com has some", "21"};

struct Look {
  double epoch = 0;
  double frechet = 0;
  double diversity = 0;  // mean distance of two samples over that of two pictures
  at::Tensor tiles;      // uint8 [kTiles, H, W, C]
};

struct PicturesCourse {
  Dataset dataset;
  TrainOptions options;
  JudgeOptions judge;
  int64_t part = 1;  // steps between two looks
  at::Tensor pictures;
  double real_frechet = 0;  // of pictures in the samples' place
  std::vector<Look> looks = {};
};

double mean_distance(const at::Tensor& rows) {
  return torch::pdist(rows.flatten(1).to(torch::kFloat32)).mean().item<double>();
}

DataOptions data_options(const Example& example, const ExperimentOptions& options) {
  if (options.data.empty()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} is about pictures of your own, and no folder is given", example.name),
        fmt::format("--data FOLDER; {}", example.where));
  }
  DataOptions data;
  data.data = options.data;
  data.size = setting<PictureSize>(options, "size");
  if (options.quick) {
    data.size = {std::min<int64_t>(32, data.size.width), std::min<int64_t>(32, data.size.height)};
  }
  data.fit = Fit::kPad;
  data.channels = Channels::kRgb;
  return data;
}

double epochs_of(const ExperimentOptions& options) {
  const auto epochs = setting<double>(options, "epochs");
  if (!(epochs > 0 && epochs <= 1e5)) {
    throw Error(ErrorKind::kUsage, fmt::format("--epochs {}: wanted more than 0", epochs));
  }
  return options.quick ? epochs / kParts : epochs;
}

PicturesCourse begin(const DataOptions& data, const ExperimentOptions& options) {
  PicturesCourse course{
      .dataset = open_dataset(data, options.seed), .options = {}, .judge = {}, .pictures = {}};
  if (!course.dataset.is_image()) {
    throw Error(ErrorKind::kUsage, fmt::format("{} holds no pictures", options.data),
                "give a folder of them");
  }
  course.options =
      recipe_options(Recipe::kFast, setting<Objective>(options, "objective"), course.dataset);
  TrainOptions& o = course.options;
  o.players.conditional = false;  // whatever folders the pictures lie in
  o.seed = static_cast<int64_t>(options.seed);
  course.judge.evaluate_n = std::min(kMostRows, course.dataset.size / 2);
  const double steps = epochs_of(options) * static_cast<double>(course.dataset.size) /
                       static_cast<double>(o.batches.size * o.objective.n_critic);
  course.part = std::max<int64_t>(1, std::llround(steps / static_cast<double>(kParts)));
  o.length.steps = kParts * course.part;
  check_options(o, course.dataset);
  course.pictures = data_rows(course.dataset, kTiles);
  return course;
}

void train_and_look(PicturesCourse& course, const DataOptions& data,
                    const ExperimentOptions& options) {
  GeneratorJudge judge(data, options.seed, course.judge, {Measure::kFrechet}, "cpu");
  const double each =
      static_cast<double>(course.options.batches.size * course.options.objective.n_critic) /
      static_cast<double>(course.dataset.size);
  const auto look = [&](const Players& players, int64_t step) {
    const Generator generator = averaged_generator(players, course.dataset, course.options);
    const Score frechet = judge.scores(generator).at(0);
    const at::Tensor tiles = first_samples(generator, 0, kTiles, course.dataset);
    course.real_frechet = frechet.real;
    course.looks.push_back({.epoch = static_cast<double>(step) * each,
                            .frechet = frechet.value,
                            .diversity = mean_distance(tiles) / mean_distance(course.pictures),
                            .tiles = tiles});
  };
  train_players(course.dataset, course.options, course.part, look, [&](const Tick& tick) {
    options.on_progress(fmt::format("step {} of {}, {:.0f} pictures a second", tick.step,
                                    course.options.length.steps, tick.images_per_second));
  });
}

Figure grid(const std::string& name, const std::string& caption, const at::Tensor& tiles) {
  return {.name = name,
          .caption = caption,
          .alternative = fmt::format("A grid of {} small pictures.", tiles.size(0)),
          .picture = image_grid(tiles, 8)};
}

Figure curves_of(const Example& example, const PicturesCourse& course) {
  std::vector<double> epochs, frechet, diversity;
  for (const Look& look : course.looks) {
    epochs.push_back(look.epoch);
    frechet.push_back(look.frechet);
    diversity.push_back(look.diversity);
  }
  return {.name = fmt::format("{}-curves", example.name),
          .caption = fmt::format(
              "Left: Frechet distance between the pixels of {} samples and of as many pictures; "
              "dashed: of other pictures in the samples' place, below which nothing can be told. "
              "Right: mean distance between two samples over that between two pictures.",
              course.judge.evaluate_n),
          .alternative = "Two curves over the epochs, each beside the level of real pictures.",
          .panels = {{.x = {.label = "epoch"},
                      .y = {.label = "Frechet distance of pixels", .log = true},
                      .series = {curve("samples", epochs, frechet, Mark::kLine, 0),
                                 level("pictures", epochs, course.real_frechet, 1)}},
                     {.x = {.label = "epoch"},
                      .y = {.label = "diversity", .low = 0},
                      .series = {curve("samples", epochs, diversity, Mark::kLine, 0),
                                 level("pictures", epochs, 1, 1)}}},
          .columns = 2};
}

Outcome outcome_of(const Example& example, const PicturesCourse& course) {
  const Look &early = course.looks.at(1), &last = course.looks.back();
  Outcome outcome{.figures = {grid(fmt::format("{}-pictures", example.name),
                                   fmt::format("{} of the {} pictures that were trained on.",
                                               course.pictures.size(0), course.dataset.size),
                                   course.pictures)}};
  const std::pair<const char*, size_t> shown[] = {
      {"early", 1}, {"middle", 3}, {"last", course.looks.size() - 1}};
  for (const auto& [when, number] : shown) {
    const Look& look = course.looks.at(number);
    outcome.figures.push_back(grid(
        fmt::format("{}-{}", example.name, when),
        fmt::format("Samples after {:.3g} epochs, of the same latents in all three grids: look for "
                    "outlines that close, colours that belong together, and repetition.",
                    look.epoch),
        look.tiles));
  }
  outcome.figures.push_back(curves_of(example, course));
  outcome.checks = {
      {"more epochs make better samples: Frechet distance at the end over that after a seventh of "
       "the epochs",
       last.frechet / early.frechet, 0, 1},
      {"and at the end over that of the untrained generator",
       last.frechet / course.looks.at(0).frechet, 0, 0.25},
      {"no mode collapse: mean distance between two samples over that between two pictures",
       last.diversity, 0.5, 1.5}};
  outcome.remark = fmt::format(
      "{} of {}x{} pixels, {}. Pixels tell colours and rough shapes apart and know "
      "nothing of what a picture shows: whether the samples are {} is for you to see.",
      counted(course.dataset.size, "picture"), course.dataset.shape[1], course.dataset.shape[0],
      counted(course.options.length.steps, "step"), example.pictures);
  return outcome;
}

Outcome run(const Example& example, const ExperimentOptions& options) {
  const DataOptions data = data_options(example, options);
  PicturesCourse course = begin(data, options);
  train_and_look(course, data, options);
  return outcome_of(example, course);
}

std::string text_of(const std::string& story) {
  return story +
         "\n\nThe recipe is that of `wgan train`: small convolutional networks, one critic step a "
         "generator step, learning rates that fall to 0, and samples of the generator's moving "
         "average. Training stops for a look seven times, and the samples after a seventh, three "
         "sevenths and all of the epochs are shown: of 49 epochs, 7, 21 and 49.\n\n"
         "How good the samples are is measured by the Frechet distance of their pixels, without a "
         "network that has seen other pictures: $|mu - mu'|^2 + tr(S + S' - 2 (S S')^(1/2))$ of "
         "the "
         "means and covariances. Beside it stands the value of other pictures in the samples' "
         "place, which is not 0 because the sets are finite.";
}

Experiment experiment_of(const Example& example, const char* title, const char* claim,
                         const std::string& text, Outcome (*tried)(const ExperimentOptions&)) {
  return {
      .name = example.name,
      .title = title,
      .claim = claim,
      .text = text.c_str(),
      .settings = {{"epochs", example.epochs,
                    "passes over the pictures; a seventh of it with --quick"},
                   {"size", "64", "pixels a side, or width x height; at most 32 with --quick"},
                   {"objective", "wgan-gp", "losses that the critic and the generator minimise"}},
      .in_all = false,
      .trained = true,
      .run = tried};
}

}  // namespace

Experiment pokemon_experiment() {
  static const std::string kText = text_of(
      "A DCGAN trained on 900-odd sprites of Pokemon makes shapes that stay rough for want of data "
      "and get better with the epochs. Sprites are drawings on a plain ground, few, and no two "
      "alike, so that neither long training nor a large network makes new ones that hold up.");
  return experiment_of(
      kPokemon, "New Pokemon from a few hundred sprites",
      "Trained on some 900 sprites, a GAN makes rough shapes whose outlines and colours look "
      "better after 49 epochs than after 21 and 7 (Weng 2017, Fig. 10).",
      kText, [](const ExperimentOptions& options) { return run(kPokemon, options); });
}

Experiment cats_experiment() {
  static const std::string kText = text_of(
      "Cats of 64x64 pixels are what many a first GAN is trained on. The pictures of Dogs vs. Cats "
      "show them in all poses and places, which is much harder than heads cut to one frame: cut "
      "yours if you can.");
  return experiment_of(
      kCats, "Cats of 64x64 pixels",
      "A Wasserstein GAN trained for a short time on photographs of cats makes cats of low "
      "resolution and low quality, without mode collapse (the usual tutorial figure).",
      kText, [](const ExperimentOptions& options) { return run(kCats, options); });
}

}  // namespace wgan
