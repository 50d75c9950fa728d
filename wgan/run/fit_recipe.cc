// Width by speed and time, augmentation by the number of pictures.
#include "wgan/run/fit_recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "wgan/core/amounts.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

// From how many pictures on that would pass at width 32 a width is the best.
struct Width {
  int64_t width;
  double pictures;
};
constexpr Width kWidths[] = {{48, 200'000}, {32, 30'000}, {16, 0}};

constexpr double kManyPasses = 40;  // from which on a critic knows its pictures by heart
constexpr double kHeldOutShare = 0.1;
constexpr int64_t kFewestRows = 200;  // of which some can be held out
constexpr const char* kChanges = "color,translation";
constexpr double kTarget = 0.2;

double rows_a_step(const TrainOptions& o) {
  return static_cast<double>(o.batches.size * o.objective.n_critic);
}

}  // namespace

bool fits_recipe(const Dataset& dataset, const SessionOptions& options) {
  const TrainOptions& o = options.train;
  return dataset.is_image() && !dataset.endless && o.recipe == Recipe::kFast &&
         o.players.net == Net::kDcgan && o.objective.kind == Objective::kRelativistic;
}

RecipeFit fit_recipe(const Dataset& dataset, const std::function<TestPart()>& test_part,
                     const SessionOptions& options, const Settings& by_person,
                     const std::function<double(const SessionOptions&)>& seconds_per_step) {
  const TrainOptions& o = options.train;
  RecipeFit fit;
  const auto choose = [&](const char* name, const std::string& text, const char* source) {
    fit.settings.push_back({name, text, source});
  };
  const auto asked = [&](const char* name) { return given(by_person, name); };
  const bool width_is_open = !asked("width") && !asked("critic-width");
  const bool augmentation_is_open =
      !asked("augment") && !asked("augment-target") && !asked("augment-strength");
  if (!width_is_open && !augmentation_is_open) return fit;

  auto steps = static_cast<double>(o.length.steps);
  if (o.length.steps == 0 && o.length.time.seconds > 0) {
    const double seconds = o.length.time.seconds;
    steps = seconds / seconds_per_step(options);
    const double pictures = steps * rows_a_step(o);
    const auto best =
        std::ranges::find_if(kWidths, [&](const Width& w) { return pictures >= w.pictures; });
    if (width_is_open && best->width != o.players.width) {
      SessionOptions other = options;
      other.train.players.width = best->width;
      steps = seconds / seconds_per_step(other);
      choose("width", field_text(best->width), "measured speed");
      fit.reasons.push_back(fmt::format(
          "width {}, so that about {} pictures pass in {} (with width {} about {} would)",
          best->width, rough_text(steps * rows_a_step(o)), duration_text(seconds), o.players.width,
          rough_text(pictures)));
    }
  }
  const double passes = steps * rows_a_step(o) / static_cast<double>(dataset.size);
  if (passes < kManyPasses || !augmentation_is_open) return fit;
  const TestPart part = test_part();
  const bool too_few = part == TestPart::kPossible && dataset.size < kFewestRows;
  if (part == TestPart::kNone || too_few) return fit;
  choose("augment", kChanges, "number of pictures");
  choose("augment-target", field_text(kTarget), "number of pictures");
  if (part == TestPart::kPossible) {
    choose("holdout", field_text(kHeldOutShare), "number of pictures");
  }
  fit.reasons.push_back(fmt::format(
      "augmentation, steered by {}, since each picture passes about {} times",
      part == TestPart::kPresent ? "the test part" : "a tenth of the pictures that is held out",
      rough_text(passes)));
  return fit;
}

}  // namespace wgan
