// What arrays of every type and shape are read as.
#include "wgan/data/array_kind.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wgan/data/array_labels.h"
#include "wgan/data/columns.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

// An array that owns its bytes.
template <class T>
ArraySource array_of(NpyType type, const std::vector<int64_t>& shape,
                     const std::vector<T>& values) {
  const auto kept = std::make_shared<const std::vector<T>>(values);
  return {{.type = type, .shape = shape, .bytes = std::as_bytes(std::span(*kept)), .owner = kept},
          "x.npy"};
}

// One picture of 8 x 8 pixels a channel, whose numbers go up from `low` to `high`.
template <class T>
ArraySource ramp_of(NpyType type, std::vector<int64_t> shape, double low, double high) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<T>(low + (high - low) * static_cast<double>(i) /
                                              static_cast<double>(count - 1)));
  }
  return array_of(type, shape, values);
}

std::vector<int> picture_of(const ArraySource& source, ArrayKind kind = ArrayKind::kAuto) {
  const ArrayReading reading = read_as(source, kind);
  if (!reading.pictures) return {};
  std::vector<std::byte> bytes(
      static_cast<size_t>(reading.shape[0] * reading.shape[1] * reading.shape[2]));
  read_picture(source.array, reading, 0, bytes);
  std::vector<int> pixels;
  for (const std::byte byte : bytes) pixels.push_back(std::to_integer<int>(byte));
  return pixels;
}

// The bytes of a ramp of 64 numbers.
std::vector<int> ramp_bytes(double white_at = 1) {
  std::vector<int> bytes;
  for (int i = 0; i < 64; ++i) {
    bytes.push_back(static_cast<int>(std::lround(255 * white_at * i / 63)));
  }
  return bytes;
}

TEST(ArrayKind, TakesFloatsWithChannelsThatFillAPictureRangeForPictures) {
  const std::vector<int64_t> shape{1, 8, 8, 1};
  EXPECT_EQ(picture_of(ramp_of<double>(NpyType::kFloat64, shape, 0, 1)), ramp_bytes());
  EXPECT_EQ(picture_of(ramp_of<float>(NpyType::kFloat32, shape, -1, 1)), ramp_bytes());
  EXPECT_EQ(picture_of(ramp_of<float>(NpyType::kFloat32, shape, 0, 255)), ramp_bytes());
  EXPECT_EQ(picture_of(ramp_of<float>(NpyType::kFloat32, {1, 1, 8, 8}, 0, 1)), ramp_bytes());
  // What would be nearly black is none, nor is what lies elsewhere.
  EXPECT_TRUE(picture_of(ramp_of<float>(NpyType::kFloat32, shape, 0, .1)).empty());
  EXPECT_TRUE(picture_of(ramp_of<float>(NpyType::kFloat32, shape, 0, 12)).empty());
  EXPECT_TRUE(picture_of(ramp_of<float>(NpyType::kFloat32, shape, -3, 3)).empty());
}

TEST(ArrayKind, TakesFloatsWithoutChannelsForRowsUnlessAsked) {
  const ArraySource series = ramp_of<float>(NpyType::kFloat32, {1, 8, 8}, 0, 1);
  const ArrayReading reading = read_as(series, ArrayKind::kAuto);
  EXPECT_FALSE(reading.pictures);
  EXPECT_EQ(reading.shape, (std::vector<int64_t>{8, 8}));
  EXPECT_NE(reading.note.find("rows of 8x8; --kind pictures"), std::string::npos) << reading.note;
  EXPECT_EQ(picture_of(series, ArrayKind::kPictures), ramp_bytes());
  EXPECT_FALSE(
      read_as(ramp_of<float>(NpyType::kFloat32, {1, 8, 8, 1}, 0, 1), ArrayKind::kRows).pictures);
}

TEST(ArrayKind, StretchesWholeNumbersByTheirBits) {
  const std::vector<int64_t> shape{1, 8, 8};
  EXPECT_EQ(picture_of(ramp_of<uint16_t>(NpyType::kUint16, shape, 0, 65535)), ramp_bytes());
  EXPECT_EQ(picture_of(ramp_of<uint16_t>(NpyType::kUint16, shape, 0, 4095)), ramp_bytes());
  const auto bytes = picture_of(ramp_of<int64_t>(NpyType::kInt64, shape, 0, 255));
  EXPECT_EQ(bytes[1], 4) << "whole numbers up to 255 are bytes as they are";
  EXPECT_EQ(bytes[63], 255);
  EXPECT_EQ(picture_of(ramp_of<uint16_t>(NpyType::kUint16, shape, 0, 200))[63], 200);
  EXPECT_TRUE(picture_of(ramp_of<int16_t>(NpyType::kInt16, shape, -100, 100)).empty());
  EXPECT_TRUE(picture_of(ramp_of<int32_t>(NpyType::kInt32, shape, 0, 4095)).empty());
  EXPECT_EQ(picture_of(ramp_of<int32_t>(NpyType::kInt32, {1, 8, 8, 1}, 0, 4095)), ramp_bytes());
  EXPECT_TRUE(picture_of(ramp_of<int64_t>(NpyType::kInt64, shape, 0, 1e6)).empty());
}

TEST(ArrayKind, MakesOnesWhite) {
  std::vector<uint8_t> bits(64);
  bits[5] = 1;
  for (const NpyType type : {NpyType::kUint8, NpyType::kBool, NpyType::kInt8}) {
    const auto pixels = picture_of(array_of(type, {1, 8, 8}, bits));
    ASSERT_EQ(pixels.size(), 64U);
    EXPECT_EQ(pixels[5], 255);
    EXPECT_EQ(pixels[6], 0);
  }
  bits[6] = 2;
  EXPECT_EQ(picture_of(array_of(NpyType::kUint8, {1, 8, 8}, bits))[5], 1);
}

TEST(ArrayKind, TurnsChannelsThatComeFirst) {
  std::vector<uint8_t> planes;
  for (int c = 0; c < 3; ++c) planes.insert(planes.end(), 72, static_cast<uint8_t>(10 * c + 5));
  const ArraySource source = array_of(NpyType::kUint8, {1, 3, 8, 9}, planes);
  const ArrayReading reading = read_as(source, ArrayKind::kAuto);
  EXPECT_EQ(reading.shape, (std::vector<int64_t>{8, 9, 3}));
  EXPECT_NE(reading.note.find("channels first"), std::string::npos);
  const auto pixels = picture_of(source);
  EXPECT_EQ((std::vector<int>{pixels[0], pixels[1], pixels[2], pixels[3]}),
            (std::vector<int>{5, 15, 25, 5}));
}

TEST(ArrayKind, ReadsNumbersOfEveryType) {
  const auto numbers_of = [](const ArraySource& source) {
    std::vector<double> numbers(static_cast<size_t>(element_count(source.array)));
    read_numbers(source.array, 0, numbers);
    return numbers;
  };
  using Numbers = std::vector<double>;
  EXPECT_EQ(numbers_of(array_of<uint8_t>(NpyType::kBool, {2}, {0, 1})), (Numbers{0, 1}));
  EXPECT_EQ(numbers_of(array_of<int8_t>(NpyType::kInt8, {2}, {-128, 7})), (Numbers{-128, 7}));
  EXPECT_EQ(numbers_of(array_of<uint64_t>(NpyType::kUint64, {1}, {uint64_t{1} << 63})),
            Numbers{std::ldexp(1, 63)});
  // 1, -2, the largest, the smallest above 0, and an infinity of binary16.
  const Numbers halves = numbers_of(
      array_of<uint16_t>(NpyType::kFloat16, {5}, {0x3c00, 0xc000, 0x7bff, 0x0001, 0xfc00}));
  EXPECT_EQ(halves, (Numbers{1, -2, 65504, std::ldexp(1, -24), -HUGE_VAL}));
}

TEST(Columns, KeepTheDigitsOfLargeOffsets) {
  constexpr double kEpoch = 1.7e9;
  std::vector<double> times;
  for (int i = 0; i < 100; ++i) times.push_back(kEpoch + i * .25);
  const ArraySource source = array_of(NpyType::kFloat64, {100, 1}, times);
  const ColumnScale scale = column_scale(source.array, 0);
  EXPECT_DOUBLE_EQ(scale.mean[0], kEpoch + 12.375);
  EXPECT_DOUBLE_EQ(scale.deviation[0], .25 * std::sqrt((100. * 100 - 1) / 12));
  EXPECT_TRUE(scale.needs_float64());
  float row = 0;
  read_standardised(source.array, scale, 7, {&row, 1});
  EXPECT_FLOAT_EQ(row, static_cast<float>((7 - 49.5) / std::sqrt((100. * 100 - 1) / 12)));
  const ColumnScale usual{{2000, 0}, {1, 1e5}};
  EXPECT_FALSE(usual.needs_float64());
}

TEST(Columns, RangesLeaveOutNumbersThatAreNotFinite) {
  const ArraySource source =
      array_of<float>(NpyType::kFloat32, {3, 2}, {1, 7, std::nanf(""), 7, 4, 7});
  const auto ranges = column_ranges(source.array, {true, true, true});
  EXPECT_EQ(ranges[0].finite, 2);
  EXPECT_EQ(ranges[0].low, 1);
  EXPECT_EQ(ranges[0].high, 4);
  EXPECT_EQ(ranges[0].mean, 2.5);
  EXPECT_EQ(ranges[0].deviation, 1.5);
  EXPECT_TRUE(ranges[1].constant());
  EXPECT_EQ(ranges[1].mean, 7);
  EXPECT_EQ(scale_of(ranges).deviation[1], 1);
}

class ArrayLabels : public testing::Test {
 protected:
  std::vector<int> labels_of(const ArraySource& source) {
    attach_array_labels(dataset_, source);
    std::vector<int> labels;
    for (int64_t row = 0; row < dataset_.size; ++row) labels.push_back(dataset_.label(row));
    return labels;
  }
  static Dataset of_three_rows() {
    Dataset dataset;
    dataset.size = 3;
    return dataset;
  }
  Dataset dataset_ = of_three_rows();
};

TEST_F(ArrayLabels, AreReadFromWholeNumbersOfAnyTypeAndShape) {
  const std::vector<int> wanted{2, 0, 1};
  EXPECT_EQ(labels_of(array_of<int64_t>(NpyType::kInt64, {3, 1}, {2, 0, 1})), wanted);
  EXPECT_EQ(labels_of(array_of<uint16_t>(NpyType::kUint16, {1, 3}, {2, 0, 1})), wanted);
  EXPECT_EQ(labels_of(array_of<float>(NpyType::kFloat32, {3}, {2, 0, 1})), wanted);
  EXPECT_EQ(labels_of(array_of<uint8_t>(NpyType::kBool, {3}, {1, 0, 1})),
            (std::vector<int>{1, 0, 1}));
}

TEST_F(ArrayLabels, AreReadFromOneHotRows) {
  EXPECT_EQ(
      labels_of(array_of<uint8_t>(NpyType::kUint8, {3, 4}, {0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0})),
      (std::vector<int>{1, 0, 1}));
  EXPECT_EQ(dataset_.class_names.size(), 4U) << "a class may have no row";
  EXPECT_EQ(dataset_.class_sizes(), (std::vector<int64_t>{1, 2, 0, 0}));
  EXPECT_EQ(labels_of(array_of<double>(NpyType::kFloat64, {3, 2}, {0, 1, 1, 0, 0, 1})),
            (std::vector<int>{1, 0, 1}));
}

TEST_F(ArrayLabels, AreReadFromTextsAsNamesOfClasses) {
  const std::vector<uint32_t> characters{'o', 'x', 0xe9, 0, 'o', 'x'};
  EXPECT_EQ(labels_of(array_of(NpyType::kCharacter, {3, 2}, characters)),
            (std::vector<int>{0, 1, 0}));
  EXPECT_EQ(dataset_.class_names, (std::vector<std::string>{"ox", "\xc3\xa9"}));
}

}  // namespace
}  // namespace wgan
