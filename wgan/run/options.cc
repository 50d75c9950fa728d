// Options of a run: checked, and resolved over those of its recipe.
#include "wgan/run/options.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

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

bool names(const Settings& settings, std::initializer_list<std::string_view> options) {
  return std::ranges::any_of(settings, [&](const Setting& s) {
    return std::ranges::find(options, s.name) != options.end();
  });
}

// Who asks for a penalty of wgan-gp alone, and for no objective, wants wgan-gp.
Objective objective_of(const TrainOptions& asked, const Settings& settings,
                       const Dataset& dataset) {
  if (names(settings, {"objective"})) return asked.objective.kind;
  const bool bounds_slopes =
      names(settings, {"lambda"}) ||
      (names(settings, {"penalty"}) && asked.penalty.kind != Penalty::kZeroCentred);
  return bounds_slopes ? Objective::kWganGp
                       : default_objective(asked.recipe, dataset, asked.players.net);
}

}  // namespace

bool gives_length(const Settings& settings) { return names(settings, {"steps", "time"}); }

SessionOptions picture_defaults() {
  Dataset pictures;
  pictures.shape = {64, 64, 3};
  pictures.size = 1000;
  SessionOptions options;
  options.train =
      recipe_options(Recipe::kFast, default_objective(Recipe::kFast, pictures), pictures);
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
