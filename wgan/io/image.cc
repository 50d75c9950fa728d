// The parts of image.h that need no libvips; what needs it stands in image_vips.cc.
#include "wgan/io/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"

namespace wgan {
namespace {

int64_t pixel_count(const Image& image) { return image.height * image.width * image.channels; }

// One of the two greys that transparent pixels of a grid's tile show.
uint8_t checkerboard(int64_t y, int64_t x) {
  constexpr int64_t kSquare = 8;  // pixels a side
  return (y / kSquare + x / kSquare) % 2 == 0 ? 204 : 153;
}

// Row y of a tile of RGBA on the checkerboard. line: [width, 4], out: [width, 3].
void flatten_line(std::span<const uint8_t> line, int64_t y, uint8_t* out) {
  for (int64_t x = 0; x < static_cast<int64_t>(line.size()) / 4; ++x) {
    const uint8_t* pixel = &line[static_cast<size_t>(4 * x)];
    const int alpha = pixel[3], ground = checkerboard(y, x);
    for (int c = 0; c < 3; ++c) {
      *out++ = static_cast<uint8_t>((pixel[c] * alpha + ground * (255 - alpha) + 127) / 255);
    }
  }
}

void write_bytes(const std::filesystem::path& path, const std::vector<uint8_t>& bytes) {
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

Colour parse_colour(std::string_view text) {
  if (text == "white") return {255, 255, 255};
  if (text == "black") return {0, 0, 0};
  std::string_view digits = text;
  if (digits.starts_with('#')) digits.remove_prefix(1);
  const bool hexadecimal = digits.size() == 6 && std::ranges::all_of(digits, [](unsigned char c) {
                             return std::isxdigit(c) != 0;
                           });
  if (!hexadecimal) {
    throw Error(ErrorKind::kUsage, fmt::format("background: '{}' is no colour", text),
                "give white, black, or six hexadecimal digits as in ff8800");
  }
  const unsigned long value = std::stoul(std::string(digits), nullptr, 16);
  return {static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 8 & 0xff),
          static_cast<uint8_t>(value & 0xff)};
}

void check_image_size(const std::filesystem::path& path, const ImageInfo& info,
                      int64_t max_pixels) {
  if (std::min(info.width, info.height) < kMinImageSide) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: the image is {}x{} pixels, below {} a side", path.string(),
                            info.width, info.height, kMinImageSide));
  }
  if (info.width > max_pixels / info.height) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: the image is {}x{} pixels, more than the limit of {}",
                            path.string(), info.width, info.height, max_pixels),
                "raise --max-pixels if the image is what it claims to be");
  }
}

bool has_transparency(const Image& image) {
  constexpr uint8_t kOpaque = 250;  // resampling and lossy formats stay above
  if (image.channels != 4) return false;
  for (size_t i = 3; i < image.pixels.size(); i += 4) {
    if (image.pixels[i] < kOpaque) return true;
  }
  return false;
}

Image make_grid(std::span<const uint8_t> tiles, int64_t height, int64_t width, int64_t channels,
                int64_t columns, int64_t gutter) {
  const int64_t tile_size = height * width * channels;
  const int64_t count = tile_size > 0 ? static_cast<int64_t>(tiles.size()) / tile_size : 0;
  if (count < 1 || static_cast<int64_t>(tiles.size()) != count * tile_size) {
    throw Error(ErrorKind::kInternal, fmt::format("{} values are no tiles of {}x{}x{}",
                                                  tiles.size(), height, width, channels));
  }
  if (columns < 1) columns = static_cast<int64_t>(std::ceil(std::sqrt(count)));
  columns = std::min(columns, count);
  const int64_t rows = (count + columns - 1) / columns;
  Image grid{rows * (height + gutter) + gutter,
             columns * (width + gutter) + gutter,
             channels == 4 ? 3 : channels,
             {}};
  grid.pixels.assign(pixel_count(grid), 128);
  for (int64_t tile = 0; tile < count; ++tile) {
    const int64_t top = gutter + tile / columns * (height + gutter);
    const int64_t left = gutter + tile % columns * (width + gutter);
    for (int64_t y = 0; y < height; ++y) {
      const auto line = tiles.subspan(tile * tile_size + y * width * channels, width * channels);
      const auto out = grid.pixels.begin() + ((top + y) * grid.width + left) * grid.channels;
      if (channels == 4) {
        flatten_line(line, y, &*out);
      } else {
        std::ranges::copy(line, out);
      }
    }
  }
  return grid;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  write_bytes(path, encode_png(image));
}

void write_animation(const std::filesystem::path& path, std::span<const Image> frames, double fps) {
  const std::string ending = path.extension().string();
  if (ending != ".webp" && ending != ".gif") {
    throw Error(ErrorKind::kUsage, path.string() + ": not a name for an animation",
                "choose a name that ends in .webp or .gif");
  }
  write_bytes(path, encode_animation(frames, fps, ending.substr(1)));
}

#ifndef WGAN_WITH_VIPS

namespace {

[[noreturn]] void refuse() {
  throw Error(ErrorKind::kUsage, "this wgan was built without libvips and cannot read images",
              "install libvips-dev and build with -DWGAN_WITH_VIPS=ON");
}

}  // namespace

bool images_supported() { return false; }
std::vector<std::string> image_codecs() { return {}; }
ImageInfo read_image_info(const std::filesystem::path&) { refuse(); }
Levels read_levels(const std::filesystem::path&, int64_t) { refuse(); }
Image load_image(const std::filesystem::path&, const ImageRequest&, ImageInfo*) { refuse(); }
std::vector<uint8_t> encode_png(const Image&) { refuse(); }
std::vector<uint8_t> encode_animation(std::span<const Image>, double, std::string_view) {
  refuse();
}

#endif  // WGAN_WITH_VIPS

}  // namespace wgan
