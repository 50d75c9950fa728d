// Feature spaces, TorchScript networks made here among them.
#include "wgan/judge/features.h"

#include <gtest/gtest.h>
#include <torch/script.h>

#include <filesystem>
#include <fstream>

#include "wgan/data/synthetic.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/judge/classifier.h"
#include "wgan/judge/data_rows.h"

namespace wgan {
namespace {

struct Features : testing::Test {
  const TemporaryFolder folder;
  const at::Tensor rows = torch::randint(256, {5, 8, 6, 1}, torch::kUInt8);

  // A network with this forward(), in a file.
  std::string script(const std::string& code) const {
    torch::jit::Module module("network");
    module.define(code);
    const auto path = folder.path() / "network.pt";
    module.save(path.string());
    return path.string();
  }
  Observed observe(const FeatureOptions& options) const {
    return open_features(options, {8, 6, 1}, "cpu").observe(rows);
  }
};

TEST_F(Features, PixelsAreTheValuesThemselves) {
  const Observed seen = observe({});
  EXPECT_TRUE(torch::equal(seen.features, rows.flatten(1).to(torch::kFloat32) / 255));
  EXPECT_FALSE(seen.probabilities.defined());
  const at::Tensor vectors = torch::randn({4, 3});
  EXPECT_TRUE(torch::equal(open_features({}, {3}, "cpu").observe(vectors).features, vectors));
}

// An income and a rate: what is wrong with the rate does not drown in the incomes.
TEST_F(Features, OfVectorsAreTheStandardisedColumns) {
  const ColumnScale scale{.mean = {50'000, 0.5}, .deviation = {20'000, 0.01}};
  const at::Tensor incomes = torch::tensor({{70'000.0, 0.5}, {50'000.0, 0.52}});
  const FeatureSpace space = open_features({}, {2}, "cpu", scale);
  EXPECT_EQ(space.name, "standardised columns");
  EXPECT_TRUE(torch::allclose(space.observe(incomes.to(torch::kFloat32)).features,
                              torch::tensor({{1.F, 0.F}, {0.F, 2.F}}), 1e-4, 1e-4));
  const auto hash = [](const ColumnScale& s) { return open_features({}, {2}, "cpu", s).hash; };
  EXPECT_NE(hash(scale), hash({}));
  EXPECT_NE(hash(scale), hash({.mean = {50'000, 0.5}, .deviation = {20'000, 0.02}}));
  EXPECT_EQ(hash(scale), space.hash);
}

TEST_F(Features, OfAnotherSizeAreToldBeforeAFolderIsPrepared) {
  const Dataset strokes = make_synthetic("strokes", Split::kTrain, 0);
  const auto file = (folder.path() / "classifier.safetensors").string();
  write_classifier(file, fit_classifier(strokes, {.steps = 1, .batch = 8, .width = 4}));
  const auto pictures = folder.path() / "pictures";
  std::filesystem::create_directory(pictures);
  // Nothing but a name: a picture that is read would be told to be none.
  std::ofstream(pictures / "1.png") << "no picture";
  expect_error(ErrorKind::kUsage, "28x28x1, not rows of shape 64x64",
               [&] { check_features({.features = file}, {.data = pictures.string()}); });
  check_features({}, {.data = pictures.string()});
  check_features({.features = file}, {.data = "strokes"});
}

TEST_F(Features, DoNotSeeTheColourBelowTransparentPixels) {
  at::Tensor rgba = torch::randint(256, {5, 8, 6, 4}, torch::kUInt8);
  rgba.select(3, 3).fill_(0);
  rgba[0].select(2, 3).fill_(255);
  at::Tensor cleared = rgba.clone();
  cleared.slice(0, 1).zero_();
  const std::string file = script("def forward(self, x):\n  return x.flatten(1)\n");
  for (const FeatureOptions& options : {FeatureOptions{}, {.features = file}}) {
    const FeatureSpace space = open_features(options, {8, 6, 4}, "cpu");
    EXPECT_TRUE(torch::equal(space.observe(rgba).features, space.observe(cleared).features));
  }
  // A TorchScript network sees RGB on white.
  const at::Tensor seen =
      open_features({.features = file}, {8, 6, 4}, "cpu").observe(rgba).features;
  const at::Tensor opaque = rgba[0].slice(2, 0, 3).permute({2, 0, 1}).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(seen[0], opaque.flatten()));
  EXPECT_TRUE((seen.slice(0, 1) == 255).all().item<bool>());
}

TEST_F(Features, RunATorchScriptNetworkInBatches) {
  const std::string file = script("def forward(self, x):\n  return x.mean([2, 3]) * 2\n");
  for (const int64_t batch : {1, 2, 64}) {
    const Observed seen = observe({.features = file, .feature_batch = batch});
    const at::Tensor means = rows.to(torch::kFloat32).mean({1, 2}) * 2;
    EXPECT_TRUE(torch::allclose(seen.features, means)) << batch;
  }
}

TEST_F(Features, GiveTheNetworkTheRangeChannelsAndSizeItWants) {
  const std::string file = script("def forward(self, x):\n  return x.flatten(1)\n");
  const at::Tensor bytes = rows.to(torch::kFloat32).permute({0, 3, 1, 2});
  EXPECT_TRUE(torch::equal(observe({.features = file}).features, bytes.flatten(1)));
  EXPECT_TRUE(
      torch::allclose(observe({.features = file, .feature_range = FeatureRange::kUnit}).features,
                      (bytes / 255).flatten(1)));
  EXPECT_TRUE(
      torch::allclose(observe({.features = file, .feature_range = FeatureRange::kSigned}).features,
                      (bytes / 127.5 - 1).flatten(1)));
  EXPECT_TRUE(torch::equal(observe({.features = file, .feature_channels = 3}).features,
                           bytes.expand({-1, 3, -1, -1}).flatten(1)));
  EXPECT_EQ(observe({.features = file, .feature_resize = 10}).features.size(1), 100);
  // Halved with antialiasing, a picture keeps its mean away from the rim's rounding.
  const at::Tensor flat = torch::full({2, 8, 6, 1}, 100, torch::kUInt8);
  const FeatureSpace small =
      open_features({.features = file, .feature_resize = 4}, {8, 6, 1}, "cpu");
  EXPECT_TRUE(torch::equal(small.observe(flat).features, torch::full({2, 16}, 100.0)));
}

TEST_F(Features, ChooseOutputsByNumberOrKey) {
  const std::string tuple =
      script("def forward(self, x):\n  return x.mean([2, 3]), x.sum([2, 3])\n");
  const at::Tensor sums = rows.to(torch::kFloat32).sum({1, 2});
  EXPECT_TRUE(torch::allclose(observe({.features = tuple, .feature_output = "1"}).features, sums));
  expect_error(ErrorKind::kUsage, "no output '2'",
               [&] { observe({.features = tuple, .feature_output = "2"}); });
  expect_error(ErrorKind::kUsage, "2 values", [&] { observe({.features = tuple}); });
  const std::string dictionary =
      script("def forward(self, x):\n  return {'f': x.mean([2, 3]), 'p': x.flatten(1)[:, :4]}\n");
  const Observed seen =
      observe({.features = dictionary, .feature_output = "f", .probability_output = "p"});
  const at::Tensor logits =
      rows.to(torch::kFloat32).permute({0, 3, 1, 2}).flatten(1).slice(1, 0, 4);
  EXPECT_TRUE(torch::allclose(seen.probabilities, torch::softmax(logits, 1)));
}

// As the Inception file in common use: features on demand, probabilities otherwise.
TEST_F(Features, AskForFeaturesWhereForwardHasTheArgument) {
  const std::string file = script(
      "def forward(self, x, return_features: bool = False):\n"
      "  if return_features:\n"
      "    return x.mean([2, 3])\n"
      "  return torch.softmax(x.flatten(1)[:, :3] * 0.01, 1)\n");
  const Observed seen = observe({.features = file, .probability_output = "0"});
  EXPECT_EQ(seen.features.size(1), 1);
  EXPECT_EQ(seen.probabilities.size(1), 3);
  EXPECT_TRUE(torch::allclose(seen.probabilities.sum(1), torch::ones({5})));
}

TEST_F(Features, RefuseWhatIsNoFeatureNetwork) {
  const auto refused = [&](const std::string& code, ErrorKind kind, const std::string& part) {
    expect_error(kind, part, [&] { observe({.features = script(code)}); });
  };
  refused("def forward(self, x):\n  return x.sum()\n", ErrorKind::kData, "wanted floats [5,");
  refused("def forward(self, x):\n  return x[:1].flatten(1)\n", ErrorKind::kData, "1x48");
  refused("def forward(self, x):\n  return x.flatten(1).long()\n", ErrorKind::kData, "Long");
  refused("def forward(self, x):\n  return x.flatten(1) / 0.0\n", ErrorKind::kData, "not finite");
  refused("def forward(self, x):\n  return 'text'\n", ErrorKind::kUsage, "String");
  refused("def forward(self, x):\n  return x.view(5, 7)\n", ErrorKind::kUsage, "cannot take");
  const auto text = folder.path() / "text.pt";
  std::ofstream(text) << "no network";
  expect_error(ErrorKind::kData, "no TorchScript", [&] { observe({.features = text.string()}); });
  expect_error(ErrorKind::kData, "nowhere", [&] { observe({.features = "nowhere.pt"}); });
  expect_error(ErrorKind::kUsage, "folder", [&] { observe({.features = folder.path().string()}); });
}

TEST_F(Features, RefuseRowsOfAnotherShapeOrNotFinite) {
  expect_error(ErrorKind::kUsage, "5x8x6x1", [&] {
    open_features({}, {6, 8, 1}, "cpu").observe(rows);
  });
  expect_error(ErrorKind::kData, "not finite", [&] {
    open_features({}, {2}, "cpu").observe(torch::full({3, 2}, NAN));
  });
}

TEST_F(Features, HashesTellSpacesApart) {
  const std::string file = script("def forward(self, x):\n  return x.flatten(1)\n");
  const auto hash = [&](const FeatureOptions& o) {
    return open_features(o, {8, 6, 1}, "cpu").hash;
  };
  EXPECT_EQ(hash({.features = file}), hash({.features = file, .feature_batch = 3}));
  EXPECT_NE(hash({.features = file}), hash({.features = file, .feature_resize = 4}));
  EXPECT_NE(hash({.features = file}), hash({}));
  EXPECT_NE(hash({}), open_features({}, {8, 6, 3}, "cpu").hash);
}

TEST_F(Features, ComeFromAClassifier) {
  const Dataset strokes = make_synthetic("strokes", Split::kTrain, 0);
  const Classifier classifier = fit_classifier(strokes, {.steps = 3, .batch = 8, .width = 4});
  const auto file = (folder.path() / "classifier.safetensors").string();
  write_classifier(file, classifier);
  const at::Tensor digits = data_rows(strokes, 20);
  const Observed seen = open_features({.features = file}, strokes.shape, "cpu").observe(digits);
  EXPECT_EQ(seen.features.size(1), 16);
  EXPECT_TRUE(torch::equal(seen.probabilities, class_probabilities(classifier, digits)));
  expect_error(ErrorKind::kUsage, "28x28x1", [&] { observe({.features = file}); });
}

}  // namespace
}  // namespace wgan
