// Every hint of the array readers, followed to the letter: the input is accepted, and means the
// same.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/data/open.h"
#include "wgan/io/npy.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Extents = std::vector<int64_t>;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <class T>
std::string bytes_as_text(const std::vector<T>& values) {
  return text_of(std::as_bytes(std::span(values)));
}

// An NPY file of any type, as numpy.save writes it.
std::string npy_file(const std::string& descr, const std::string& shape, const std::string& data) {
  std::string header =
      "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\0", 8) + static_cast<char>(header.size() & 0xff) +
         static_cast<char>(header.size() >> 8) + header + data;
}

std::string doubles(const Extents& shape, const std::vector<double>& values) {
  return npy_header(NpyType::kFloat64, shape) + bytes_as_text(values);
}

std::string whole(const Extents& shape, const std::vector<int64_t>& values) {
  return npy_header(NpyType::kInt64, shape) + bytes_as_text(values);
}

// Bytes 0, 1, 2, ... in this shape.
std::string pixels(const Extents& shape) {
  int64_t count = 1;
  for (const int64_t extent : shape) count *= extent;
  std::string data;
  for (int64_t i = 0; i < count; ++i) data += static_cast<char>(i);
  return npy_header(NpyType::kUint8, shape) + data;
}

// What a person has: files by name, and the option --kind.
struct Have {
  std::vector<std::pair<std::string, std::string>> files;
  ArrayKind kind = ArrayKind::kAuto;
};

struct HintCase {
  std::string hint;  // a part of it: the very thing that is done
  Have before, after;
  std::function<void(const Dataset&)> check;
};

void PrintTo(const HintCase& c, std::ostream* out) { *out << c.hint; }

Dataset opened(const Have& have) {
  const TemporaryFolder folder;
  for (const auto& [name, bytes] : have.files) write_test_file(folder.path() / name, bytes);
  DataOptions options;
  options.data = (folder.path() / have.files[0].first).string();
  options.kind = have.kind;
  return open_dataset(options, 1);
}

// A row in original units, or the pixels of a picture.
std::vector<double> original_row(const Dataset& dataset, int64_t number) {
  std::vector<std::byte> bytes(static_cast<size_t>(dataset.row_bytes()));
  dataset.read_row(number, bytes);
  std::vector<double> values;
  for (int64_t i = 0; i < dataset.row_elements(); ++i) {
    const auto c = static_cast<size_t>(i);
    if (dataset.is_image()) {
      values.push_back(std::to_integer<int>(bytes[c]));
      continue;
    }
    float value = 0;
    std::memcpy(&value, bytes.data() + 4 * c, 4);
    values.push_back(value * dataset.scale.deviation[c] + dataset.scale.mean[c]);
  }
  return values;
}

std::function<void(const Dataset&)> rows_are(const Extents& shape,
                                             const std::vector<std::vector<double>>& rows) {
  return [=](const Dataset& dataset) {
    EXPECT_EQ(dataset.row_shape.empty() ? dataset.shape : dataset.row_shape, shape);
    ASSERT_EQ(dataset.size, static_cast<int64_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::vector<double> found = original_row(dataset, static_cast<int64_t>(i));
      ASSERT_EQ(found.size(), rows[i].size());
      for (size_t c = 0; c < rows[i].size(); ++c) {
        EXPECT_NEAR(found[c], rows[i][c], 1e-6 * (1 + std::abs(rows[i][c]))) << i << ", " << c;
      }
    }
  };
}

std::function<void(const Dataset&)> labels_are(const std::vector<int>& labels) {
  return [=](const Dataset& dataset) {
    ASSERT_EQ(dataset.size, static_cast<int64_t>(labels.size()));
    for (size_t i = 0; i < labels.size(); ++i) {
      EXPECT_EQ(dataset.label(static_cast<int64_t>(i)), labels[i]);
    }
  };
}

std::function<void(const Dataset&)> picture_is(const Extents& shape, std::vector<double> start) {
  return [=](const Dataset& dataset) {
    EXPECT_EQ(dataset.shape, shape);
    std::vector<double> found = original_row(dataset, 0);
    found.resize(start.size());
    EXPECT_EQ(found, start);
  };
}

const std::string kTwoRows = doubles({2, 1}, {3, 5});

std::vector<double> ramp(int64_t count, double from, double step) {
  std::vector<double> values;
  for (int64_t i = 0; i < count; ++i) values.push_back(from + static_cast<double>(i) * step);
  return values;
}

std::vector<HintCase> type_cases() {
  return {
      {"structured_to_unstructured(x)",
       {{{"x.npy", npy_file("[('a', '<f4'), ('b', '<f4')]", "(2,)",
                            bytes_as_text(std::vector<float>{1, 2, 3, 4}))}}},
       {{{"x.npy", npy_file("'<f4'", "(2, 2)", bytes_as_text(std::vector<float>{1, 2, 3, 4}))}}},
       rows_are({2}, {{1, 2}, {3, 4}})},
      {"x['a']",
       {{{"x.npy", npy_file("[('a', '<f4'), ('b', '<f4')]", "(2,)",
                            bytes_as_text(std::vector<float>{1, 2, 3, 4}))}}},
       {{{"x.npy", npy_file("'<f4'", "(2,)", bytes_as_text(std::vector<float>{1, 3}))}}},
       rows_are({1}, {{1}, {3}})},
      {"numpy.array(x.tolist())",
       {{{"x.npy", npy_file("'|O'", "(2,)", "pickle")}}},
       {{{"x.npy", doubles({2, 2}, {1, 2, 3, 4})}}},
       rows_are({2}, {{1, 2}, {3, 4}})},
      {"numpy.stack([x.real, x.imag], -1)",
       {{{"x.npy", npy_file("'<c16'", "(2, 1)", bytes_as_text(std::vector<double>{1, 2, 3, 4}))}}},
       {{{"x.npy", doubles({2, 1, 2}, {1, 2, 3, 4})}}},
       rows_are({1, 2}, {{1, 2}, {3, 4}})},
      {"x.astype(numpy.int64)",
       {{{"x.npy", npy_file("'<M8[s]'", "(2,)",
                            bytes_as_text(std::vector<int64_t>{1'700'000'000, 1'700'000'060}))}}},
       {{{"x.npy", whole({2}, {1'700'000'000, 1'700'000'060})}}},
       rows_are({1}, {{1'700'000'000}, {1'700'000'060}})},
      {"x.astype(numpy.float64)",
       {{{"x.npy", npy_file("'<f16'", "(2,)", std::string(32, '\0'))}}},
       {{{"x.npy", doubles({2}, {0, 0})}}},
       rows_are({1}, {{0}, {0}})},
      {"x.astype(numpy.float64)",
       {{{"x.npy", npy_file("'|S2'", "(2,)", "1510")}}},
       {{{"x.npy", doubles({2}, {15, 10})}}},
       rows_are({1}, {{15}, {10}})},
      {"numpy.stack(rows)",
       {{{"x.npy", doubles({}, {7})}}},
       {{{"x.npy", doubles({2}, {7, 8})}}},
       rows_are({1}, {{7}, {8}})},
      {"at least one row of one column",
       {{{"x.npy", doubles({0, 2}, {})}}},
       {{{"x.npy", doubles({1, 1}, {7})}}},
       rows_are({1}, {{7}})},
  };
}

std::vector<HintCase> number_cases() {
  return {
      {"x[whole]",
       {{{"x.npy", doubles({3, 2}, {1, 2, 3, kNan, 5, 6})}}},
       {{{"x.npy", doubles({2, 2}, {1, 2, 5, 6})}}},
       rows_are({2}, {{1, 2}, {5, 6}})},
      {"fill in the value",
       {{{"x.npy", doubles({2, 2}, {1, 2, 3, HUGE_VAL})}}},
       {{{"x.npy", doubles({2, 2}, {1, 2, 3, 4})}}},
       rows_are({2}, {{1, 2}, {3, 4}})},
      {"x / 1e100",
       {{{"x.npy", doubles({2, 1}, {1e151, 2e151})}}},
       {{{"x.npy", doubles({2, 1}, {1e51, 2e51})}}},
       rows_are({1}, {{1e51}, {2e51}})},
  };
}

std::vector<HintCase> picture_cases() {
  // Two grey pictures of 8 x 9 pixels along the last axis, of one channel.
  std::string last = npy_header(NpyType::kUint8, Extents{8, 9, 1, 2});
  std::string first = npy_header(NpyType::kUint8, Extents{2, 8, 9, 1});
  for (int i = 0; i < 72; ++i) {
    last += std::string{static_cast<char>(i), static_cast<char>(i + 72)};
  }
  for (int i = 0; i < 144; ++i) first += static_cast<char>(i);
  std::vector<double> enlarged;
  for (const double row : {0, 0, 9, 9}) {
    for (int x = 0; x < 18; ++x) enlarged.push_back(row + x / 2);
  }
  std::string larger = npy_header(NpyType::kUint8, Extents{1, 14, 18});
  for (int y = 0; y < 14; ++y) {
    for (int x = 0; x < 18; ++x) larger += static_cast<char>(y / 2 * 9 + x / 2);
  }
  return {
      {"numpy.moveaxis(x, -1, 0)",
       {{{"x.npy", last}}},
       {{{"x.npy", first}}},
       picture_is({8, 9, 1}, {0, 1, 2})},
      {"x.repeat(2, 1).repeat(2, 2)",
       {{{"x.npy", pixels({1, 7, 9})}}},
       {{{"x.npy", larger}}},
       picture_is({14, 18, 1}, enlarged)},
      {"--kind rows",
       {{{"x.npy", pixels({2, 2, 1})}}},
       {{{"x.npy", pixels({2, 2, 1})}}, ArrayKind::kRows},
       rows_are({2, 1}, {{0, 1}, {2, 3}})},
      {"--kind rows",
       {{{"x.npy", pixels({1, 1, 3, 2})}}},
       {{{"x.npy", pixels({1, 1, 3, 2})}}, ArrayKind::kRows},
       rows_are({1, 3, 2}, {{0, 1, 2, 3, 4, 5}})},
      {"(x - x.min()) / (x.max() - x.min())",
       {{{"x.npy", doubles({1, 8, 8}, ramp(64, -3, 10))}}, ArrayKind::kPictures},
       {{{"x.npy", doubles({1, 8, 8}, ramp(64, 0, 1. / 63))}}, ArrayKind::kPictures},
       picture_is({8, 8, 1}, {0, 4, 8, 12})},
      {"--kind rows",
       {{{"x.npy", doubles({1, 8, 8}, ramp(64, 7, 0))}}, ArrayKind::kPictures},
       {{{"x.npy", doubles({1, 8, 8}, ramp(64, 7, 0))}}, ArrayKind::kRows},
       rows_are({8, 8}, {ramp(64, 7, 0)})},
  };
}

std::vector<HintCase> label_cases() {
  const std::string rows = doubles({3, 1}, {1, 2, 3});
  return {
      {"y.argmax(1)",
       {{{"x.npy", rows}, {"x-labels.npy", doubles({3, 2}, {.9, .1, .2, .8, .4, .6})}}},
       {{{"x.npy", rows}, {"x-labels.npy", whole({3}, {0, 1, 1})}}},
       labels_are({0, 1, 1})},
      {"NAME-conditions.npy",
       {{{"x.npy", rows}, {"x-labels.npy", doubles({3, 2}, {.9, .1, .2, .8, .4, .6})}}},
       {{{"x.npy", rows}, {"x-conditions.npy", doubles({3, 2}, {.9, .1, .2, .8, .4, .6})}}},
       [](const Dataset& dataset) { EXPECT_EQ(dataset.condition_size(), 2); }},
      {"NAME-conditions.npy",
       {{{"x.npy", rows}, {"x-labels.npy", doubles({3}, {1.5, 2, 3})}}},
       {{{"x.npy", rows}, {"x-conditions.npy", doubles({3}, {1.5, 2, 3})}}},
       [](const Dataset& dataset) {
         EXPECT_EQ(dataset.condition_size(), 1);
         EXPECT_NEAR(dataset.condition_scale.mean[0], 6.5 / 3, 1e-12);
       }},
      {"y[y == y]",
       {{{"x.npy", rows}, {"x-labels.npy", doubles({3}, {1, kNan, 0})}}},
       {{{"x.npy", doubles({2, 1}, {1, 3})}, {"x-labels.npy", doubles({2}, {1, 0})}}},
       labels_are({1, 0})},
      {"numpy.unique(y, return_inverse=True)[1]",
       {{{"x.npy", rows}, {"x-labels.npy", whole({3}, {-1, 70'000, -1})}}},
       {{{"x.npy", rows}, {"x-labels.npy", whole({3}, {0, 1, 0})}}},
       labels_are({0, 1, 0})},
      {"one label a row",
       {{{"x.npy", rows}, {"x-labels.npy", whole({2}, {0, 1})}}},
       {{{"x.npy", rows}, {"x-labels.npy", whole({3}, {0, 1, 1})}}},
       labels_are({0, 1, 1})},
      {"remove it",
       {{{"x.npy", rows}, {"x-labels.npy", whole({2, 2}, {0, 1, 1, 0})}}},
       {{{"x.npy", rows}}},
       rows_are({1}, {{1}, {2}, {3}})},
      {"NAME-labels.npy",
       {{{"x.npy", rows}, {"x-conditions.npy", npy_file("'|S1'", "(3,)", "bab")}}},
       {{{"x.npy", rows}, {"x-labels.npy", npy_file("'|S1'", "(3,)", "bab")}}},
       labels_are({1, 0, 1})},
      {"as many rows as the data have",
       {{{"x.npy", rows}, {"x-conditions.npy", doubles({2}, {1, 2})}}},
       {{{"x.npy", rows}, {"x-conditions.npy", doubles({3}, {1, 2, 3})}}},
       [](const Dataset& dataset) { EXPECT_EQ(dataset.condition_size(), 1); }},
  };
}

class ArrayHints : public testing::TestWithParam<HintCase> {};

TEST_P(ArrayHints, AreTrueToTheLetter) {
  expect_error(ErrorKind::kData, GetParam().hint, [] { opened(GetParam().before); });
  GetParam().check(opened(GetParam().after));
}

INSTANTIATE_TEST_SUITE_P(Types, ArrayHints, testing::ValuesIn(type_cases()));
INSTANTIATE_TEST_SUITE_P(Numbers, ArrayHints, testing::ValuesIn(number_cases()));
INSTANTIATE_TEST_SUITE_P(Pictures, ArrayHints, testing::ValuesIn(picture_cases()));
INSTANTIATE_TEST_SUITE_P(Labels, ArrayHints, testing::ValuesIn(label_cases()));

}  // namespace
}  // namespace wgan
