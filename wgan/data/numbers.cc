// One loop for each type of element.
#include "wgan/data/numbers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/core/half.h"

namespace wgan {
namespace {

constexpr double kLargestNumber = 1e150;  // whose square is still a float64

// T: the type as it lies in memory, unaligned perhaps.
template <class T, class Convert>
void convert_all(const std::byte* from, std::span<double> out, Convert convert) {
  for (double& number : out) {
    T value;
    std::memcpy(&value, from, sizeof value);
    number = convert(value);
    from += sizeof value;
  }
}

template <class T>
void convert_all(const std::byte* from, std::span<double> out) {
  convert_all<T>(from, out, [](T value) { return static_cast<double>(value); });
}

[[noreturn]] void throw_number(const ArraySource& source, int64_t index, double value) {
  const int64_t length = row_length(source.array);
  const bool beyond = std::isfinite(value);
  throw Error(
      ErrorKind::kData,
      fmt::format("{}: row {}, column {} is {}; {}", source.place.string(), index / length,
                  index % length, value,
                  beyond ? "numbers up to 1e150 are wanted" : "finite numbers are wanted"),
      beyond ? "scale that column, as by x = x / 1e100"
             : "keep the rows without such: whole = numpy.isfinite(x.reshape(len(x), -1)).all(1), "
               "then numpy.save(path, x[whole]), and the same of its labels and conditions; or "
               "fill in the value");
}

}  // namespace

int64_t element_count(const NpyArray& array) {
  return static_cast<int64_t>(array.bytes.size()) / item_bytes(array.type);
}

int64_t row_length(const NpyArray& array) {
  int64_t length = 1;
  for (size_t axis = 1; axis < array.shape.size(); ++axis) length *= array.shape[axis];
  return length;
}

void read_numbers(const NpyArray& array, int64_t first, std::span<double> out) {
  const std::byte* from = array.bytes.data() + first * item_bytes(array.type);
  switch (array.type) {
    case NpyType::kBool:
      return convert_all<uint8_t>(from, out, [](uint8_t value) { return value != 0 ? 1.0 : 0.0; });
    case NpyType::kInt8:
      return convert_all<int8_t>(from, out);
    case NpyType::kUint8:
      return convert_all<uint8_t>(from, out);
    case NpyType::kInt16:
      return convert_all<int16_t>(from, out);
    case NpyType::kUint16:
      return convert_all<uint16_t>(from, out);
    case NpyType::kInt32:
      return convert_all<int32_t>(from, out);
    case NpyType::kUint32:
      return convert_all<uint32_t>(from, out);
    case NpyType::kInt64:
      return convert_all<int64_t>(from, out);
    case NpyType::kUint64:
      return convert_all<uint64_t>(from, out);
    case NpyType::kFloat16:
      return convert_all<uint16_t>(from, out, half_to_double);
    case NpyType::kFloat32:
      return convert_all<float>(from, out);
    case NpyType::kFloat64:
      return convert_all<double>(from, out);
    case NpyType::kCharacter:
      break;
  }
  throw Error(ErrorKind::kInternal, "text is read as numbers");
}

std::string array_text(const NpyArray& array) {
  if (array.type != NpyType::kCharacter) {
    return fmt::format("type '{}' and shape ({})", npy_descr(array.type),
                       fmt::join(array.shape, ", "));
  }
  const std::span<const int64_t> shape = array.shape;
  return fmt::format("text '<U{}' and shape ({})", shape.back(),
                     fmt::join(shape.first(shape.size() - 1), ", "));
}

void check_numbers(const ArraySource& source) {
  const NpyArray& array = source.array;
  if (array.type == NpyType::kCharacter || array.shape.empty()) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: is of {}; numbers are wanted, a row a sample",
                            source.place.string(), array_text(array)),
                array.shape.empty()
                    ? "save rows of one axis or more: numpy.save(path, numpy.stack(rows))"
                    : "of texts that are numbers: numpy.save(path, x.astype(numpy.float64))");
  }
  const int64_t count = element_count(array);
  if (count == 0) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: is of {}, which holds no values", source.place.string(),
                            array_text(array)),
                "give at least one row of one column");
  }
  std::array<double, 1024> chunk;
  for (int64_t first = 0; first < count; first += static_cast<int64_t>(chunk.size())) {
    const auto length = std::min<int64_t>(static_cast<int64_t>(chunk.size()), count - first);
    const std::span<double> numbers(chunk.data(), static_cast<size_t>(length));
    read_numbers(array, first, numbers);
    const auto bad = std::ranges::find_if(
        numbers, [](double value) { return !(std::abs(value) <= kLargestNumber); });
    if (bad != numbers.end()) throw_number(source, first + (bad - numbers.begin()), *bad);
  }
}

}  // namespace wgan
