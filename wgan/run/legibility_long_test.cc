// Three minutes of the default recipe: digits that a classifier can read, and Gaussians with no
// mode left out.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "wgan/data/open.h"
#include "wgan/judge/classifier.h"
#include "wgan/nn/threads.h"
#include "wgan/train/gaussians_test_support.h"

namespace wgan {
namespace {

Generator trained_for_three_minutes(const Dataset& data) {
  TrainOptions options = recipe_options(Recipe::kFast, Objective::kWganGp, data);
  options.length.time.seconds = 180;
  use_threads(0);
  return trained_generator(data, options);
}

void expect_legible_in_three_minutes(const std::string& name) {
  DataOptions data;
  data.data = name;
  const Dataset train = open_dataset(data, 0);
  const Classifier classifier = fit_classifier(train, {});
  data.split = Split::kTest;
  ASSERT_GE(accuracy(classifier, open_dataset(data, 0), 10'000), 0.99) << "no fit judge";

  const Generator generator = trained_for_three_minutes(train);
  const at::Tensor rows = samples_of(generator, 1000);  // of class seed mod classes
  const at::Tensor seen = class_probabilities(classifier, rows).argmax(1);
  const at::Tensor wanted = torch::arange(1000) % class_count(generator);
  EXPECT_GE((seen == wanted).to(torch::kFloat64).mean().item<double>(), 0.95);
  const Legibility found = legibility(classifier, rows);
  EXPECT_GE(found.legible, 0.85) << "after " << generator.step << " steps";
  for (size_t k = 0; k < found.class_shares.size(); ++k) {
    EXPECT_GE(found.class_shares[k], 0.04) << "class " << k;
  }
}

TEST(ThreeMinutes, MakeStrokesLegible) { expect_legible_in_three_minutes("strokes"); }

TEST(ThreeMinutes, MakeMnistLegible) {
  const char* folder = std::getenv("WGAN_DATA");
  if (folder == nullptr) GTEST_SKIP() << "set WGAN_DATA to a folder that holds mnist";
  expect_legible_in_three_minutes((std::filesystem::path(folder) / "mnist").string());
}

TEST(ThreeMinutes, FindAllEightGaussians) {
  const Generator generator =
      trained_for_three_minutes(make_synthetic("gaussians8", Split::kTrain, 0));
  const ModeShares shares =
      mode_shares(samples_of(generator, 10'000), gaussian_modes("gaussians8"), 4);
  EXPECT_GE(shares.close, 0.9) << "after " << generator.step << " steps";
  for (size_t k = 0; k < shares.nearest.size(); ++k) {
    EXPECT_GE(shares.nearest[k], 0.05) << "mode " << k;
  }
}

}  // namespace
}  // namespace wgan
