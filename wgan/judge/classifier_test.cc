// The classifier on images whose classes are known, and legibility on probabilities made by hand.
#include "wgan/judge/classifier.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cstdlib>
#include <filesystem>

#include "wgan/data/open.h"
#include "wgan/data/synthetic.h"
#include "wgan/io/safetensors.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/nn/forward.h"

namespace wgan {
namespace {

// Images of any shape: the left half is bright in class "left", the right half in class "right".
Dataset halves(int64_t height, int64_t width, int64_t channels) {
  Dataset dataset;
  dataset.name = "halves";
  dataset.shape = {height, width, channels};
  dataset.size = 512;
  dataset.class_names = {"left", "right"};
  dataset.label = [](int64_t row) { return static_cast<int32_t>(row % 2); };
  dataset.read_row = [=](int64_t row, std::span<std::byte> out) {
    for (size_t i = 0; i < out.size(); ++i) {
      const int64_t x = static_cast<int64_t>(i) / channels % width;
      const bool bright = (x < width / 2) == (row % 2 == 0);
      out[i] = std::byte{static_cast<uint8_t>((bright ? 200 : 20) + row % 50)};
    }
  };
  return dataset;
}

// Rows first .. first + count - 1 as uint8 [N, H, W, C].
at::Tensor raw_rows(const Dataset& dataset, int64_t count) {
  std::vector<int64_t> shape{count};
  shape.insert(shape.end(), dataset.shape.begin(), dataset.shape.end());
  at::Tensor rows = torch::empty(shape, torch::kUInt8);
  for (int64_t i = 0; i < count; ++i) {
    dataset.read_row(
        i, {static_cast<std::byte*>(rows[i].data_ptr()), static_cast<size_t>(dataset.row_bytes())});
  }
  return rows;
}

ClassifierOptions short_fit(int64_t steps) {
  return {.steps = steps, .batch = 16, .width = 4, .learning_rate = 1e-2};
}

TEST(Classifier, SeparatesTwoClassesOfImagesOfAnyShape) {
  for (const auto& shape : {Shape{16, 16, 1}, Shape{33, 20, 3}, Shape{128, 128, 3}}) {
    SCOPED_TRACE(shape_text(shape));
    const Dataset images = halves(shape[0], shape[1], shape[2]);
    const Classifier classifier = fit_classifier(images, short_fit(20));
    EXPECT_EQ(classifier.class_names, (std::vector<std::string>{"left", "right"}));
    EXPECT_EQ(accuracy(classifier, images, 300), 1.0);
  }
}

TEST(Classifier, GivesEachRowProbabilitiesOfItsOwn) {
  const Dataset images = halves(16, 16, 1);
  const Classifier classifier = fit_classifier(images, short_fit(20));
  const at::Tensor rows = raw_rows(images, 300);  // more than one chunk
  const at::Tensor probabilities = class_probabilities(classifier, rows);
  ASSERT_EQ(probabilities.sizes(), (at::IntArrayRef{300, 2}));
  EXPECT_TRUE(torch::allclose(probabilities.sum(1), torch::ones({300})));
  EXPECT_TRUE(probabilities.argmax(1).equal(torch::arange(300).remainder(2)));
  EXPECT_TRUE(torch::allclose(class_probabilities(classifier, rows.narrow(0, 299, 1))[0],
                              probabilities[299], 1e-4, 1e-5));
  EXPECT_EQ(class_probabilities(classifier, rows.narrow(0, 0, 0)).size(0), 0);
  EXPECT_NEAR(legibility(classifier, rows).class_shares[1], 0.5, 1e-9);
}

TEST(Classifier, IsTheSameForTheSameSeed) {
  const Dataset images = halves(16, 16, 1);
  const auto parameters = [&](int64_t seed) {
    ClassifierOptions options = short_fit(3);
    options.seed = seed;
    return fit_classifier(images, options).model.parameters;
  };
  EXPECT_TRUE(torch::allclose(parameters(1), parameters(1)));
  EXPECT_FALSE(torch::allclose(parameters(1), parameters(2)));
}

TEST(Classifier, TellsItsProgress) {
  std::vector<int64_t> seen;
  fit_classifier(halves(16, 16, 1), short_fit(3), [&](int64_t done, int64_t total) {
    EXPECT_EQ(total, 3);
    seen.push_back(done);
  });
  EXPECT_EQ(seen, (std::vector<int64_t>{1, 2, 3}));
}

TEST(Classifier, RefusesWhatItCannotLearnFrom) {
  const auto refused = [](const Dataset& dataset, const ClassifierOptions& options,
                          std::string_view fragment) {
    expect_error(ErrorKind::kUsage, fragment, [&] { fit_classifier(dataset, options); });
  };
  refused(make_synthetic("gaussians8", Split::kTrain, 0), {}, "labelled images");
  Dataset unlabelled = halves(16, 16, 1);
  unlabelled.label = {};
  refused(unlabelled, {}, "labelled images");
  refused(halves(15, 32, 1), {}, "32x15");
  refused(halves(32, 129, 1), {}, "129x32");
  refused(halves(16, 16, 1), {.steps = 0}, "at least one step");
}

TEST(Classifier, RefusesRowsOfAnotherShape) {
  const Dataset images = halves(16, 16, 1);
  const Classifier classifier = fit_classifier(images, short_fit(1));
  const auto refused = [&](const at::Tensor& rows) {
    expect_error(ErrorKind::kUsage, "[N, 16, 16, 1]",
                 [&] { class_probabilities(classifier, rows); });
  };
  refused(torch::zeros({2, 16, 16, 3}, torch::kUInt8));
  refused(torch::zeros({2, 16, 16, 1}, torch::kFloat32));
  refused(torch::zeros({2, 16}, torch::kUInt8));
  expect_error(ErrorKind::kUsage, "halves", [&] { accuracy(classifier, halves(16, 16, 3), 10); });
  expect_error(ErrorKind::kUsage, "512 rows", [&] { accuracy(classifier, images, 513); });
}

TEST(Classifier, ReadsStrokesItHasNotSeen) {
  const Classifier classifier = fit_classifier(make_synthetic("strokes", Split::kTrain, 0),
                                               {.steps = 150, .batch = 64, .width = 16});
  EXPECT_GE(accuracy(classifier, make_synthetic("strokes", Split::kTest, 0), 1000), 0.97);
}

TEST(Classifier, ReadsMnistItHasNotSeen) {
  const char* folder = std::getenv("WGAN_DATA");
  if (folder == nullptr) GTEST_SKIP() << "set WGAN_DATA to a folder that holds mnist";
  DataOptions options;
  options.data = (std::filesystem::path(folder) / "mnist").string();
  const Classifier classifier = fit_classifier(open_dataset(options, 0), {});
  options.split = Split::kTest;
  EXPECT_GE(accuracy(classifier, open_dataset(options, 0), 10'000), 0.99);
}

TEST(Classifier, ComesBackFromItsFileAsItWas) {
  const TemporaryFolder folder;
  const Dataset images = halves(20, 17, 3);
  Classifier classifier = fit_classifier(images, short_fit(10));
  classifier.accuracy = 0.75;
  const auto file = folder.path() / "classifier.safetensors";
  write_classifier(file, classifier);
  const Classifier read = read_classifier(file);
  EXPECT_EQ(read.class_names, classifier.class_names);
  EXPECT_EQ(read.data, images.identity);
  EXPECT_EQ(read.accuracy, 0.75);
  const Seen before = look_at(classifier, raw_rows(images, 40));
  const Seen after = look_at(read, raw_rows(images, 40));
  EXPECT_TRUE(torch::equal(after.features, before.features));
  EXPECT_TRUE(torch::equal(after.probabilities, before.probabilities));
}

TEST(Classifier, FeaturesAreTheMeansOfTheLastConvolution) {
  const Dataset images = halves(16, 16, 1);
  const Classifier classifier = fit_classifier(images, short_fit(5));
  const Seen seen = look_at(classifier, raw_rows(images, 3));
  EXPECT_EQ(seen.features.sizes(), (std::vector<int64_t>{3, 8}));
  Model body = classifier.model;
  body.network.layers.resize(body.network.layers.size() - 2);
  const at::Tensor input =
      raw_rows(images, 3).to(torch::kFloat32).div(127.5).sub(1).permute({0, 3, 1, 2});
  const torch::NoGradGuard no_grad;
  const at::Tensor means = forward(body, input, {}).flatten(2).mean(2);
  EXPECT_TRUE(torch::allclose(seen.features, means, 1e-5, 1e-6));
}

TEST(Classifier, RefusesFilesThatHoldNone) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "some.safetensors";
  write_safetensors(file, {}, {{"format", "pt"}});
  expect_error(ErrorKind::kIncompatible, "no classifier", [&] { read_classifier(file); });
  write_safetensors(file, {}, {{"kind", "wgan-classifier"}, {"network", "{\"input\": [1]}"}});
  expect_error(ErrorKind::kIncompatible, "damaged", [&] { read_classifier(file); });
  expect_error(ErrorKind::kData, "nowhere", [&] { read_classifier(folder.path() / "nowhere"); });
}

TEST(Legibility, CountsConfidentRowsAndMostProbableClasses) {
  const at::Tensor probabilities = torch::tensor(
      {{0.95F, 0.05F, 0.00F}, {0.05F, 0.90F, 0.05F}, {0.50F, 0.20F, 0.30F}, {0.89F, 0.11F, 0.00F}});
  const Legibility found = legibility_of(probabilities, 0.875);
  EXPECT_DOUBLE_EQ(found.legible, 0.75);
  EXPECT_EQ(found.class_shares, (std::vector<double>{0.75, 0.25, 0}));
  EXPECT_DOUBLE_EQ(legibility_of(probabilities, 0.925).legible, 0.25);
  EXPECT_DOUBLE_EQ(legibility_of(probabilities, 0.25).legible, 1);
}

TEST(Legibility, NeedsARow) {
  expect_error(ErrorKind::kUsage, "0x3", [] { legibility_of(torch::zeros({0, 3})); });
}

}  // namespace
}  // namespace wgan
