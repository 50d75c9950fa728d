// What is chosen for the pictures, the time and the speed, and that a person's choice stands.
#include "wgan/run/fit_recipe.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

Dataset pictures(int64_t count) {
  Dataset data;
  data.name = "pictures";
  data.shape = {64, 64, 3};
  data.size = count;
  return data;
}

// Options that a person's settings give, and the names and values that are chosen beside them.
// A step of width 32 takes a tenth of a second, others in proportion.
struct Chosen {
  std::vector<std::string> options;
  std::vector<std::string> reasons;
};
Chosen chosen(const Dataset& data, TestPart test_part, const Settings& settings) {
  const SessionOptions options = resolve_options(data, settings);
  EXPECT_TRUE(fits_recipe(data, options));
  const RecipeFit fit = fit_recipe(
      data, [=] { return test_part; }, options, settings,
      [](const SessionOptions& measured) {
        return 0.1 * static_cast<double>(measured.train.players.width) / 32;
      });
  Chosen found{.options = {}, .reasons = fit.reasons};
  for (const Setting& s : fit.settings) found.options.push_back(s.name + " " + s.text);
  return found;
}

using Names = std::vector<std::string>;

TEST(FitRecipe, ChoosesAWidthWithWhichEnoughPicturesPass) {
  const Dataset data = pictures(100'000);
  const auto at = [&](const char* time) {
    return chosen(data, TestPart::kPossible, {{"time", time, "flag"}}).options;
  };
  EXPECT_EQ(at("30s"), (Names{"width 16"}));  // 9,600 pictures would pass
  EXPECT_EQ(at("10m"), Names{});              // 192,000
  EXPECT_EQ(at("1h"), (Names{"width 48"}));
  const Chosen told = chosen(data, TestPart::kNone, {{"time", "30s", "flag"}});
  EXPECT_EQ(told.reasons,
            (Names{"width 16, so that about 19,000 pictures pass in 30 s (with width 32 about "
                   "9,600 would)"}));
}

TEST(FitRecipe, AugmentsWherePicturesPassOften) {
  const Settings time{{"time", "10m", "flag"}};  // 192,000 pictures pass
  EXPECT_EQ(chosen(pictures(5000), TestPart::kPossible, time).options, Names{});
  EXPECT_EQ(chosen(pictures(4000), TestPart::kPossible, time).options,
            (Names{"augment color,translation", "augment-target 0.2", "holdout 0.1"}));
  EXPECT_EQ(chosen(pictures(4000), TestPart::kPresent, time).options,
            (Names{"augment color,translation", "augment-target 0.2"}));
  EXPECT_EQ(chosen(pictures(4000), TestPart::kNone, time).options, Names{});
  EXPECT_EQ(chosen(pictures(100), TestPart::kPossible, time).options, Names{});  // too few to spare
  EXPECT_EQ(chosen(pictures(1000), TestPart::kPresent, {{"steps", "2000", "flag"}}).options.size(),
            2U);
}

TEST(FitRecipe, LetsAPersonsChoiceStand) {
  const auto beside = [](const char* name, const char* text, const char* time) {
    return chosen(pictures(1000), TestPart::kPossible,
                  {{"time", time, "flag"}, {name, text, "flag"}})
        .options;
  };
  EXPECT_EQ(beside("width", "24", "30s"), Names{});
  EXPECT_EQ(beside("critic-width", "24", "30s"), Names{});
  EXPECT_EQ(beside("augment", "none", "10m"), Names{});
  EXPECT_EQ(beside("augment", "flip", "10m"), Names{});
}

TEST(FitRecipe, IsForWhatItWasMeasuredWith) {
  const Dataset data = pictures(1000);
  const auto fits = [&](const Settings& settings) {
    return fits_recipe(data, resolve_options(data, settings));
  };
  EXPECT_TRUE(fits({}));
  EXPECT_FALSE(fits({{"recipe", "paper", "flag"}}));
  EXPECT_FALSE(fits({{"objective", "wgan-gp", "flag"}}));
  EXPECT_FALSE(fits({{"net", "resnet", "flag"}}));
  Dataset points;
  points.name = "points";
  points.shape = {2};
  points.size = 1000;
  EXPECT_FALSE(fits_recipe(points, resolve_options(points, {})));
}

}  // namespace
}  // namespace wgan
