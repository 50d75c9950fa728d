// Shapes first, then the range of the numbers.
#include "wgan/data/array_kind.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/rows.h"

namespace wgan {
namespace {

constexpr double kLargestWhole = 65535;
constexpr double kSlack = 1e-3;  // of a range, by which floats may pass it: they are cut off

// Where height, width and channels stand.
struct Layout {
  std::vector<int64_t> shape;  // [H, W, C]
  bool channels_first = false;
  bool fits() const {
    return std::min(shape[0], shape[1]) >= kSmallestSide &&
           std::max(shape[0], shape[1]) <= kLargestSide;
  }
};

// The least and the greatest of all numbers.
struct Ends {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
};

// The numbers that become black and white.
struct Range {
  double black = 0;
  double white = 255;
};

bool is_channels(int64_t extent) { return extent == 1 || extent == 3 || extent == 4; }

std::optional<Layout> layout_of(const std::vector<int64_t>& shape) {
  if (shape.size() == 3) return Layout{{shape[1], shape[2], 1}, false};
  if (shape.size() != 4) return std::nullopt;
  if (is_channels(shape[3])) return Layout{{shape[1], shape[2], shape[3]}, false};
  if (is_channels(shape[1])) return Layout{{shape[2], shape[3], shape[1]}, true};
  return std::nullopt;
}

// stop_above: nothing more is read once a number above it is found.
Ends ends_of(const NpyArray& array, double stop_above) {
  Ends ends;
  std::array<double, 1024> chunk;
  const int64_t count = element_count(array);
  for (int64_t first = 0; first < count && ends.high <= stop_above;
       first += static_cast<int64_t>(chunk.size())) {
    const auto length = std::min<int64_t>(static_cast<int64_t>(chunk.size()), count - first);
    const std::span<double> numbers(chunk.data(), static_cast<size_t>(length));
    read_numbers(array, first, numbers);
    const auto [low, high] = std::ranges::minmax_element(numbers);
    ends = {std::min(ends.low, *low), std::max(ends.high, *high)};
  }
  return ends;
}

// Of whole numbers; nothing where they are none of pictures.
std::optional<Range> whole_range(const Ends& ends) {
  if (ends.low < 0 || ends.high > kLargestWhole) return std::nullopt;
  if (ends.high <= 1) return Range{0, 1};
  double white = 255;
  while (white < ends.high) white = 2 * white + 1;
  return Range{0, white};
}

std::optional<Range> float_range(const Ends& ends) {
  for (const Range& range : {Range{0, 1}, Range{-1, 1}, Range{0, 255}}) {
    const double width = range.white - range.black;
    if (ends.low >= range.black - kSlack * width && ends.high <= range.white + kSlack * width &&
        ends.high - ends.low > width / 2) {
      return range;
    }
  }
  return std::nullopt;
}

std::string beginning(const ArraySource& source) {
  return fmt::format("{}: {}", source.place.string(), array_text(source.array));
}

[[noreturn]] void throw_no_layout(const ArraySource& source) {
  const std::vector<int64_t>& shape = source.array.shape;
  std::string hint = "give [N, H, W], [N, H, W, C] or [N, C, H, W], or read rows with --kind rows";
  if (shape.size() == 4 && is_channels(shape[2]) && shape[3] > 1) {
    hint = "of pictures along the last axis: numpy.save(path, numpy.moveaxis(x, -1, 0))";
  }
  throw Error(ErrorKind::kData,
              fmt::format("{}: pictures are wanted{}", beginning(source),
                          shape.size() == 4
                              ? ", of 1, 3 or 4 channels, not of " + counted(shape[3], "channel")
                              : ""),
              hint);
}

[[noreturn]] void throw_sides(const ArraySource& source, const Layout& layout) {
  const int64_t shorter = std::min(layout.shape[0], layout.shape[1]);
  const int64_t longer = std::max(layout.shape[0], layout.shape[1]);
  std::string hint = "read them as rows with --kind rows";
  if (longer > kLargestSide) {
    hint = "write them as a folder of PNG files and give --size; or " + hint;
  } else if (const int64_t times = (kSmallestSide + shorter - 1) / std::max<int64_t>(shorter, 1);
             shorter > 0 && longer * times <= kLargestSide) {
    const int axis = layout.channels_first ? 2 : 1;
    hint =
        fmt::format("enlarge them: numpy.save(path, x.repeat({0}, {1}).repeat({0}, {2})); or {3}",
                    times, axis, axis + 1, hint);
  }
  throw Error(
      ErrorKind::kData,
      fmt::format("{}: images of {} x {} pixels; sides of {} to {} are wanted", beginning(source),
                  layout.shape[1], layout.shape[0], kSmallestSide, kLargestSide),
      hint);
}

[[noreturn]] void throw_no_range(const ArraySource& source, const Ends& ends) {
  const bool constant = ends.low == ends.high;
  throw Error(
      ErrorKind::kData,
      fmt::format("{}: its numbers from {} to {} fill neither [0, 1] nor [-1, 1] nor [0, 255], so "
                  "what is black and white is not known",
                  beginning(source), ends.low, ends.high),
      constant ? "read them as rows with --kind rows"
               : "scale them: x = x.astype(numpy.float64), then numpy.save(path, (x - x.min()) / "
                 "(x.max() - x.min())); or read them as rows with --kind rows");
}

// choice: whether the array could be read as pictures as well.
ArrayReading as_rows(const ArraySource& source, bool choice) {
  ArrayReading reading;
  reading.shape.assign(source.array.shape.begin() + 1, source.array.shape.end());
  if (reading.shape.empty()) reading.shape = {1};
  if (source.array.shape.size() < 3) return reading;
  reading.note = fmt::format("an array of {} is read as rows of {}{}", array_text(source.array),
                             fmt::join(reading.shape, "x"),
                             choice ? "; --kind pictures reads it as pictures" : "");
  return reading;
}

ArrayReading as_pictures(const ArraySource& source, const Layout& layout, const Range& range,
                         ArrayKind kind) {
  ArrayReading reading{.pictures = true,
                       .shape = layout.shape,
                       .channels_first = layout.channels_first,
                       .black = range.black,
                       .white = range.white,
                       .note = {}};
  const bool bytes = source.array.type == NpyType::kUint8 && range.white == 255;
  if (bytes && !layout.channels_first) return reading;
  reading.note = fmt::format(
      "an array of {} is read as pictures of {}x{} pixels and {}{}, {} black and {} white{}",
      array_text(source.array), layout.shape[1], layout.shape[0],
      counted(layout.shape[2], "channel"), layout.channels_first ? ", channels first" : "",
      range.black, range.white, kind == ArrayKind::kAuto ? "; --kind rows reads it as rows" : "");
  return reading;
}

// Whether arrays of this type and shape, whose numbers have this range, are taken for pictures.
bool looks_like_pictures(const NpyArray& array, const Range& range) {
  if (array.shape.size() == 4) return true;
  if (is_float(array.type)) return false;
  return range.white <= 255 || array.type == NpyType::kUint16;
}

}  // namespace

ArrayReading read_as(const ArraySource& source, ArrayKind kind) {
  const NpyArray& array = source.array;
  const bool bytes = array.type == NpyType::kUint8;
  const bool ranked = array.shape.size() == 3 || array.shape.size() == 4;
  const std::optional<Layout> layout = layout_of(array.shape);
  const bool wanted = kind == ArrayKind::kPictures || (bytes && ranked);
  if (bytes && ranked && kind != ArrayKind::kRows && array.shape[0] == 0) {
    throw Error(ErrorKind::kData, source.place.string() + ": holds no images",
                "give an array that has some");
  }
  if (!(bytes && ranked)) check_numbers(source);  // bytes are all fine, and there may be many
  if (kind == ArrayKind::kRows || (!wanted && !(layout && layout->fits()))) {
    if (bytes) check_numbers(source);
    return as_rows(source, /*choice=*/false);
  }
  if (!layout) throw_no_layout(source);
  if (!layout->fits()) throw_sides(source, *layout);
  const Ends ends = ends_of(array, bytes ? 1 : HUGE_VAL);
  const std::optional<Range> range = is_float(array.type) ? float_range(ends) : whole_range(ends);
  if (wanted && !range) throw_no_range(source, ends);
  if (wanted || (range && looks_like_pictures(array, *range))) {
    return as_pictures(source, *layout, *range, kind);
  }
  return as_rows(source, /*choice=*/range.has_value());
}

void read_picture(const NpyArray& array, const ArrayReading& reading, int64_t row,
                  std::span<std::byte> out) {
  const auto count = static_cast<int64_t>(out.size());
  const bool as_they_are = array.type == NpyType::kUint8 && reading.white == 255;
  if (as_they_are && !reading.channels_first) {
    std::memcpy(out.data(), array.bytes.data() + row * count, out.size());
    return;
  }
  std::vector<double> numbers(out.size());
  read_numbers(array, row * count, numbers);
  const int64_t channels = reading.shape[2], pixels = count / channels;
  const double scale = 255 / (reading.white - reading.black);
  for (int64_t pixel = 0; pixel < pixels; ++pixel) {
    for (int64_t c = 0; c < channels; ++c) {
      const int64_t from = reading.channels_first ? c * pixels + pixel : pixel * channels + c;
      const double value = (numbers[static_cast<size_t>(from)] - reading.black) * scale;
      out[static_cast<size_t>(pixel * channels + c)] =
          static_cast<std::byte>(std::lround(std::clamp(value, 0.0, 255.0)));
    }
  }
}

}  // namespace wgan
