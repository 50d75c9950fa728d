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

bool gives_length(const Settings& settings) {
  return std::ranges::any_of(
      settings, [](const Setting& s) { return s.name == "steps" || s.name == "time"; });
}

SessionOptions resolve_options(const Dataset& dataset, const Settings& settings) {
  TrainOptions asked;
  apply_settings(settings, asked);
  SessionOptions options;
  options.train = recipe_options(asked.recipe, asked.objective.kind, dataset, asked.players.net);
  if (gives_length(settings)) options.train.length.steps = 0;
  apply_settings(settings, options);
  check_options(options, dataset);
  return options;
}

}  // namespace wgan
