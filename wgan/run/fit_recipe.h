// What recipe fast leaves open for pictures until the data, the time and the speed of the machine
// are known. The measurements behind it: docs/pictures.md.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/run/options.h"

namespace wgan {

// Options beyond those of the recipe, and why, in whole sentences.
struct RecipeFit {
  Settings settings;  // their source is what they follow from
  std::vector<std::string> reasons;
};

// Rows that the critic is not trained on, by which augmentation can be steered.
enum class TestPart {
  kPresent,   // the data has some
  kPossible,  // --holdout would make some
  kNone
};

// Whether fit_recipe has anything to say: pictures, recipe fast, and the networks that it was
// measured with.
bool fits_recipe(const Dataset& dataset, const SessionOptions& options);

// Chooses what a person has not given:
//   the width of the networks, where --time alone ends the run: smaller networks where too few
//   pictures would pass, larger ones where there is time for them; measures some steps for it;
//   augmentation, where each picture would pass so often that the critic learns it by heart. It is
//   steered by the test part; where that is possible only, --holdout is chosen too.
// options: those of the recipe with what a person gave, checked. test_part opens the data for its
// answer, and seconds_per_step trains for it: each is asked only where the answer matters.
RecipeFit fit_recipe(const Dataset& dataset, const std::function<TestPart()>& test_part,
                     const SessionOptions& options, const Settings& by_person,
                     const std::function<double(const SessionOptions&)>& seconds_per_step);

}  // namespace wgan
