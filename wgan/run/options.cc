// Options of a run: checked, and resolved over those of its recipe.
#include "wgan/run/options.h"

#include <algorithm>

#include "wgan/train/recipe.h"

namespace wgan {

void check_options(const SessionOptions& options, const Dataset& dataset) {
  constexpr int64_t kMany = int64_t{1} << 40;
  check_options(options.train, dataset);
  want_between("keep", options.run.keep, 0, kMany);
  want_between("threads", options.run.threads, 0, 1024);
  want_between("evaluate-n", options.judge.evaluate_n, 2, 100'000);
  want_between("patience", options.judge.patience, 0, kMany);
}

namespace {

// Who asks for a penalty of wgan-gp alone, and for no objective, wants wgan-gp.
Objective objective_of(const TrainOptions& asked, const Settings& settings,
                       const Dataset& dataset) {
  if (given(settings, "objective")) return asked.objective.kind;
  const bool bounds_slopes =
      given(settings, "lambda") ||
      (given(settings, "penalty") && asked.penalty.kind != Penalty::kZeroCentred);
  return bounds_slopes ? Objective::kWganGp
                       : default_objective(asked.recipe, dataset, asked.players.net);
}

}  // namespace

bool given(const Settings& settings, const std::string& name) {
  return std::ranges::find(settings, name, &Setting::name) != settings.end();
}

bool gives_length(const Settings& settings) {
  return given(settings, "steps") || given(settings, "time");
}

SessionOptions picture_defaults() {
  Dataset pictures;
  pictures.shape = {64, 64, 3};
  pictures.size = 1000;
  SessionOptions options;
  options.train = default_options(pictures);
  return options;
}

SessionOptions resolve_options(const Dataset& dataset, const Settings& settings) {
  TrainOptions asked;
  apply_settings(settings, asked);
  SessionOptions options;
  options.train = recipe_options(asked.recipe, objective_of(asked, settings, dataset), dataset,
                                 asked.players.net);
  if (gives_length(settings)) options.train.length.steps = 0;
  apply_settings(settings, options);
  check_options(options, dataset);
  return options;
}

}  // namespace wgan
