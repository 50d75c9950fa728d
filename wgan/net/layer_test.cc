// Shapes that layers make, and inputs they refuse.
#include "wgan/net/layer.h"

#include <gtest/gtest.h>

#include <limits>

#include "wgan/io/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();

void expect_refused(const Layer& layer, const Shape& input, std::string_view fragment) {
  expect_error(ErrorKind::kUsage, fragment, [&] { output_shape(layer, input); });
}

TEST(Layer, ConvolutionsRoundDown) {
  EXPECT_EQ(output_shape(Conv2d{3, 8, 4, 2, 1}, {3, 28, 20}), (Shape{8, 14, 10}));
  EXPECT_EQ(output_shape(Conv2d{3, 8, 5, 2, 2}, {3, 7, 8}), (Shape{8, 4, 4}));
  EXPECT_EQ(output_shape(Conv2d{1, 1, 3, 1, 0}, {1, 3, 3}), (Shape{1, 1, 1}));
}

TEST(Layer, TransposedConvolutionsUndoTheExtentsOfConvolutions) {
  EXPECT_EQ(output_shape(ConvTranspose2d{8, 3, 4, 2, 1}, {8, 14, 10}), (Shape{3, 28, 20}));
  EXPECT_EQ(output_shape(ConvTranspose2d{8, 3, 5, 2, 2, 1}, {8, 4, 4}), (Shape{3, 8, 8}));
}

TEST(Layer, OthersKeepCutOrRearrange) {
  EXPECT_EQ(output_shape(Linear{5, 7}, {5}), (Shape{7}));
  EXPECT_EQ(output_shape(LeakyRelu{}, {5, 2, 3}), (Shape{5, 2, 3}));
  EXPECT_EQ(output_shape(Tanh{}, {5}), (Shape{5}));
  EXPECT_EQ(output_shape(Sigmoid{}, {5}), (Shape{5}));
  EXPECT_EQ(output_shape(BatchNorm{5}, {5, 2, 3}), (Shape{5, 2, 3}));
  EXPECT_EQ(output_shape(Reshape{{30}}, {5, 2, 3}), (Shape{30}));
  EXPECT_EQ(output_shape(Pad{1, 2}, {5, 2, 3}), (Shape{5, 5, 6}));
  EXPECT_EQ(output_shape(Crop{1, 2}, {5, 2, 3}), (Shape{5, 1, 2}));
}

TEST(Layer, ThoseOfModernNetworks) {
  EXPECT_EQ(output_shape(GroupedConv2d{6, 12, 3, 2, 1, 3}, {6, 9, 8}), (Shape{12, 5, 4}));
  EXPECT_EQ(output_shape(Basis{6, 3, 4}, {6}), (Shape{6, 3, 4}));
  EXPECT_EQ(output_shape(BasisTranspose{6, 3, 4}, {6, 3, 4}), (Shape{6}));
  EXPECT_EQ(output_shape(Projection{6, 4}, {6}), (Shape{4}));
  EXPECT_EQ(output_shape(FilterDown2x{}, {5, 6, 2}), (Shape{5, 3, 1}));
  EXPECT_EQ(output_shape(FilterUp2x{}, {5, 3, 1}), (Shape{5, 6, 2}));
  EXPECT_EQ(output_shape(MinibatchDeviation{}, {5, 3, 2}), (Shape{6, 3, 2}));
  EXPECT_EQ(output_shape(MinibatchDeviation{}, {5}), (Shape{6}));
}

TEST(Layer, RefusesInputsThatDoNotFit) {
  expect_refused(GroupedConv2d{6, 12, 3, 1, 1, 3}, {5, 9, 9}, "grouped_conv2d got 5x9x9");
  expect_refused(GroupedConv2d{6, 12, 3, 1, 1, 4}, {6, 9, 9}, "do not divide into 4 groups");
  expect_refused(GroupedConv2d{6, 10, 3, 1, 1, 3}, {6, 9, 9}, "do not divide into 3 groups");
  expect_refused(Basis{6, 3, 4}, {5}, "basis got 5, wanted [6]");
  expect_refused(Basis{6, 3, 4}, {6, 1, 1}, "basis got 6x1x1");
  expect_refused(BasisTranspose{6, 3, 4}, {6, 4, 3}, "basis_transpose got 6x4x3, wanted 6x3x4");
  expect_refused(Projection{6, 4}, {5}, "projection got 5, wanted [6]");
  expect_refused(FilterDown2x{}, {1, 4, 5}, "filter_down2x got 1x4x5, wanted even extents");
  expect_refused(FilterUp2x{}, {9}, "filter_up2x got 9");
  expect_refused(Linear{5, 7}, {6}, "linear got 6, wanted [5]");
  expect_refused(Linear{5, 7}, {5, 1, 1}, "linear got 5x1x1");
  expect_refused(Conv2d{3, 8, 4, 2, 1}, {1, 28, 28}, "conv2d got 1x28x28");
  expect_refused(Conv2d{3, 8, 4, 2, 1}, {3}, "conv2d got 3");
  expect_refused(Conv2d{1, 1, 5, 1, 1}, {1, 2, 9}, "at least 5 pixels");
  expect_refused(ConvTranspose2d{1, 1, 1, 1, 1}, {1, 2, 2}, "an input with an output left");
  expect_refused(BatchNorm{4}, {5}, "4 channels");
  expect_refused(Reshape{{7}}, {2, 2, 2}, "as many elements as 7");
  expect_refused(Reshape{{2, 4}}, {8}, "[D] or [C, H, W]");
  expect_refused(Pad{1, 1}, {9}, "pad got 9");
  expect_refused(Crop{3, 3}, {1, 2, 5}, "at least 3x3");
}

TEST(Layer, RefusesNumbersOutOfRange) {
  expect_refused(Linear{5, 0}, {5}, "out of range");
  expect_refused(Linear{5, kHuge}, {5}, "out of range");
  expect_refused(Conv2d{1, 1, 0, 1, 0}, {1, 4, 4}, "out of range");
  expect_refused(Conv2d{1, 1, 3, 0, 0}, {1, 4, 4}, "out of range");
  expect_refused(Conv2d{1, 1, 3, 1, -1}, {1, 4, 4}, "out of range");
  expect_refused(Conv2d{1, 1, 3, 1, kHuge}, {1, 4, 4}, "out of range");
  expect_refused(Conv2d{1, 1, 5000, 1, 4000}, {1, 4, 4}, "too large");
  expect_refused(ConvTranspose2d{1, 1, 3, 1, 0, kHuge}, {1, 4, 4}, "out of range");
  expect_refused(ConvTranspose2d{1, 1, 3, 2, 0, 2}, {1, 4, 4}, "output_padding");
  expect_refused(Pad{-1, 0}, {1, 4, 4}, "out of range");
  expect_refused(Pad{0, kHuge}, {1, 4, 4}, "out of range");
  expect_refused(Reshape{{kHuge}}, {4}, "out of range");
  expect_refused(GroupedConv2d{6, 12, 3, 1, 1, 0}, {6, 4, 4}, "out of range");
  expect_refused(GroupedConv2d{6, 12, 3, 1, 1, kHuge}, {6, 4, 4}, "out of range");
  expect_refused(Basis{4, kHuge, 4}, {4}, "out of range");
  expect_refused(Basis{4, 1 << 20, 1 << 20}, {4}, "weights");
  expect_refused(BasisTranspose{4, 4, 0}, {4, 4, 0}, "out of range");
  expect_refused(Projection{4, kHuge}, {4}, "out of range");
}

TEST(Network, NamesTheLayerThatDoesNotFit) {
  const Network network{{4}, {Linear{4, 6}, LeakyRelu{}, Linear{5, 1}}};
  expect_error(ErrorKind::kUsage, "layer 2: linear got 6", [&] { output_shape(network); });
}

TEST(Network, RefusesInputsThatAreNeitherVectorsNorImages) {
  for (const Shape& input : {Shape{}, Shape{2, 2}, Shape{1, 1, 1, 1}, Shape{0}, Shape{-1, 2, 2}}) {
    EXPECT_THROW(output_shape(Network{input, {}}), Error) << shape_text(input);
  }
}

TEST(Network, RefusesExtentsThatGrowWithoutEnd) {
  Network network{{1, 64, 64}, {}};
  for (int i = 0; i < 40; ++i) network.layers.push_back(ConvTranspose2d{1, 1, 2, 1000, 0});
  expect_error(ErrorKind::kUsage, "out of range", [&] { output_shape(network); });
}

TEST(Network, TakesAReferenceBatchOnlyAsItsFirstLayer) {
  const auto refused = [](const Network& network, std::string_view fragment) {
    expect_error(ErrorKind::kUsage, fragment, [&] { output_shape(network); });
  };
  const ReferenceBatch reference{8, 4};
  EXPECT_EQ(output_shape(Network{{4}, {reference, VirtualBatchNorm{4}}}), Shape{4});
  refused({{4}, {Linear{4, 4}, reference}}, "only as the first layer");
  refused({{4}, {reference, reference}}, "only as the first layer");
  refused({{4}, {Residual{{reference}, {}}}}, "only as the first layer");
  refused({{4}, {VirtualBatchNorm{4}}}, "no reference_batch");
  refused({{4}, {reference, BatchNorm{4}}}, "couple");
  refused({{4}, {reference, MinibatchDiscrimination{4}}}, "couple");
  refused({{3}, {reference}}, "wanted [4]");
}

TEST(Network, KnowsWhatCouplesItsSamples) {
  EXPECT_TRUE(couples_samples({{4}, {Linear{4, 4}, MinibatchDiscrimination{4}}}));
  EXPECT_TRUE(couples_samples({{4}, {MinibatchDeviation{}}}));
  EXPECT_FALSE(couples_samples({{4}, {Linear{4, 4}, LayerNorm{4}}}));
  EXPECT_FALSE(couples_samples({{4}, {Linear{4, 4}, Tanh{}}}));
  EXPECT_TRUE(couples_samples({{4}, {Linear{4, 4}, BatchNorm{4}}}));
}

}  // namespace
}  // namespace wgan
