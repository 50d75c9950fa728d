// Numbers, single ones and texts become classes from 0 on.
#include "wgan/data/array_labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/rows.h"

namespace wgan {
namespace {

// A character as UTF-8; U+FFFD for what is none.
void append_utf8(uint32_t character, std::string& text) {
  if (character > 0x10ffff || (character >= 0xd800 && character < 0xe000)) character = 0xfffd;
  const auto more = [&](int shift) {
    text += static_cast<char>(0x80 | (character >> shift & 0x3f));
  };
  if (character < 0x80) {
    text += static_cast<char>(character);
  } else if (character < 0x800) {
    text += static_cast<char>(0xc0 | character >> 6);
    more(0);
  } else if (character < 0x10000) {
    text += static_cast<char>(0xe0 | character >> 12);
    more(6), more(0);
  } else {
    text += static_cast<char>(0xf0 | character >> 18);
    more(12), more(6), more(0);
  }
}

// The texts of an array of characters, whose last axis runs along each.
std::vector<std::string> texts_of(const NpyArray& array) {
  const int64_t length = array.shape.back();
  std::vector<std::string> texts(static_cast<size_t>(element_count(array) / length));
  for (size_t i = 0; i < texts.size(); ++i) {
    for (int64_t c = 0; c < length; ++c) {
      uint32_t character = 0;
      std::memcpy(&character, array.bytes.data() + (static_cast<int64_t>(i) * length + c) * 4, 4);
      if (character == 0) break;
      append_utf8(character, texts[i]);
    }
  }
  return texts;
}

[[noreturn]] void throw_count(const ArraySource& labels, int64_t rows) {
  throw Error(ErrorKind::kData,
              fmt::format("{}: holds {} for {}", labels.place.string(),
                          labels.array.shape.size() == 1 ? counted(labels.array.shape[0], "label")
                                                         : "labels of " + array_text(labels.array),
                          counted(rows, "row")),
              "give one label a row, or remove it to train without labels");
}

void attach_texts(Dataset& dataset, const ArraySource& labels) {
  const std::vector<std::string> texts = texts_of(labels.array);
  if (static_cast<int64_t>(texts.size()) != dataset.size) throw_count(labels, dataset.size);
  std::vector<std::string> names = texts;
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<int64_t> numbers;
  for (const std::string& text : texts) {
    numbers.push_back(std::ranges::lower_bound(names, text) - names.begin());
  }
  attach_labels(dataset, std::move(numbers), 0, labels.place);
  dataset.class_names = std::move(names);
}

// The place of the only 1 of a row; -1 where there is no such.
int64_t place_of_one(std::span<const double> row) {
  int64_t place = -1;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i] == 0) continue;
    if (row[i] != 1 || place >= 0) return -1;
    place = static_cast<int64_t>(i);
  }
  return place;
}

void attach_one_hot(Dataset& dataset, const ArraySource& labels) {
  const int64_t classes = row_length(labels.array);
  std::vector<double> row(static_cast<size_t>(classes));
  std::vector<int64_t> numbers;
  for (int64_t i = 0; i < dataset.size; ++i) {
    read_numbers(labels.array, i * classes, row);
    numbers.push_back(place_of_one(row));
    if (numbers.back() >= 0) continue;
    throw Error(ErrorKind::kData,
                fmt::format("{}: labels of {}, whose row {} is not zeros and a single one",
                            labels.place.string(), array_text(labels.array), i),
                "of scores or shares of the classes: numpy.save(path, y.argmax(1)); numbers that "
                "describe a row are conditions: name the array conditions, or the file "
                "NAME-conditions.npy");
  }
  attach_labels(dataset, std::move(numbers), classes, labels.place);
}

void attach_numbers(Dataset& dataset, const ArraySource& labels) {
  std::vector<double> values(static_cast<size_t>(dataset.size));
  read_numbers(labels.array, 0, values);
  std::vector<int64_t> numbers;
  for (size_t row = 0; row < values.size(); ++row) {
    const double value = values[row];
    if (value != std::floor(value) || std::abs(value) > 9e18) {
      throw Error(ErrorKind::kData,
                  fmt::format("{}: label {} of row {}; whole numbers are wanted",
                              labels.place.string(), value, row),
                  std::isnan(value)
                      ? "leave out the rows without a label: numpy.save(path, y[y == y]), and x[y "
                        "== y] of the rows"
                      : "numbers on a scale are conditions: name the array conditions, or the file "
                        "NAME-conditions.npy");
    }
    numbers.push_back(static_cast<int64_t>(value));
  }
  attach_labels(dataset, std::move(numbers), 0, labels.place);
}

}  // namespace

void attach_array_labels(Dataset& dataset, const ArraySource& labels) {
  const NpyArray& array = labels.array;
  if (array.type == NpyType::kCharacter) return attach_texts(dataset, labels);
  const int64_t count = element_count(array);
  if (count == dataset.size) return attach_numbers(dataset, labels);
  if (array.shape.size() != 2 || array.shape[0] != dataset.size || count == 0) {
    throw_count(labels, dataset.size);
  }
  attach_one_hot(dataset, labels);
}

}  // namespace wgan
