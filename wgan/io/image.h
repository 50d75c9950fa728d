// Decoding, resizing and writing pictures: the only place that knows libvips.
//
// Every function may be called from several threads. In a build without libvips (WGAN_WITH_VIPS
// off) images_supported() is false and every function that needs it throws Error(kUsage).
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wgan/core/options.h"

namespace wgan {

// Smallest side of an image that is worth training on, in pixels.
inline constexpr int64_t kMinImageSide = 8;

// How a picture of another aspect ratio gets the asked shape.
enum class ImageFit {
  kCrop,     // the asked shape is covered; what hangs over is cut off evenly
  kPad,      // all of the picture fits in; the background fills the rest evenly
  kStretch,  // both sides fit
};

using Colour = std::array<uint8_t, 3>;  // sRGB

// What the values of a picture say about black and white.
enum class Samples {
  kKnown,    // black and white are known: 8 bits, CMYK, CIELAB
  kSixteen,  // unsigned 16 bits: 0 to 65535, or a part of it, such as a camera's 12 bits
  kOpen,     // floating point, signed, or more bits: anything
};

// Values that are spread from black to white.
struct Levels {
  double low = 0;
  double high = 0;  // equal to low: values are taken as their format says

  bool given() const { return high > low; }
};

// What load_image makes of a file.
struct ImageRequest {
  PictureSize size = 64;  // sides of 1 to 16384 pixels
  int64_t channels = 3;   // 1 grey (luminance), 3 sRGB, or 4 sRGB and alpha
  ImageFit fit = ImageFit::kCrop;
  // Under transparent pixels, and of padding; with 4 channels these are kept, and padding is
  // transparent.
  Colour background = {255, 255, 255};
  int64_t max_pixels = 100'000'000;  // larger images are refused before decoding
  Levels sixteen = {};               // of pictures with Samples::kSixteen
  Levels open = {};                  // of pictures with Samples::kOpen
};

// What the header of a file says.
struct ImageInfo {
  int64_t width = 0;     // pixels, as displayed: after EXIF rotation
  int64_t height = 0;    // pixels, as displayed
  int64_t channels = 0;  // 1 grey or 3 colour, without alpha
  bool alpha = false;
  Samples samples = Samples::kKnown;
  int64_t frames = 1;  // of an animation, or pages
  std::string format;  // "jpeg", "png", "webp", "gif", "tiff": by content, not by name
  std::string mode;    // "grey", "grey16", "rgb", "rgb16", "rgba", "palette", "cmyk", ...
};

// A picture in memory. pixels: [height, width, channels] uint8, channels 1, 3 (sRGB) or 4 (sRGB
// that is not multiplied by the alpha behind it, and black where alpha is 0).
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  std::vector<uint8_t> pixels;
};

bool images_supported();  // built with libvips

// "jpeg (read, write)", ...: what this build of libvips can do of the formats wgan uses. Empty in a
// build without libvips.
std::vector<std::string> image_codecs();

// "white", "black" or "rrggbb" (hexadecimal, with or without "#"). Throws Error(kUsage).
Colour parse_colour(std::string_view text);

// Reads the header only. Throws Error(kData) where the content is none of the formats above.
ImageInfo read_image_info(const std::filesystem::path& path);

// "BMP", "HEIC", ...: of a picture or page in a format that is not read, by the first bytes; "" for
// every other file.
std::string unread_format(const std::filesystem::path& path);

// Throws Error(kData) for an image with a side below kMinImageSide or more than max_pixels.
void check_image_size(const std::filesystem::path& path, const ImageInfo& info, int64_t max_pixels);

// The least and the greatest finite value in the picture, alpha aside; low > high where there is
// none. Throws as load_image does.
Levels read_levels(const std::filesystem::path& path, int64_t max_pixels);

// Decodes to height x width x channels: upright (EXIF), antialiased, transparency kept or
// flattened on the background, CMYK and embedded profiles converted to sRGB, 16 bits reduced to 8,
// of an animation the first frame; smaller images are enlarged. A damaged colour profile is
// ignored. Where the request gives levels for the picture's samples, these are spread from black to
// white first (what is not finite becomes black or white, a profile or an alpha that is no 16 bits
// ignored). Throws Error(kData) where the file cannot be read, is truncated, or fails
// check_image_size. info: where given, receives what the header says as soon as it is read.
Image load_image(const std::filesystem::path& path, const ImageRequest& request,
                 ImageInfo* info = nullptr);

// Whether some pixel of a picture with 4 channels is seen through by more than what coding leaves.
bool has_transparency(const Image& image);

// A PNG file's bytes.
std::vector<uint8_t> encode_png(const Image& image);

// Lays tiles out in rows of `columns` (0: as near a square as possible), left to right, top to
// bottom, with mid-grey gutters of `gutter` pixels between and around them.
// tiles: [N, height, width, channels] uint8, N >= 1. Tiles of 4 channels lie on a checkerboard of
// two greys, and the grid has 3 channels.
Image make_grid(std::span<const uint8_t> tiles, int64_t height, int64_t width, int64_t channels,
                int64_t columns = 0, int64_t gutter = 2);

// An animation's bytes, endless loop. format: "webp" (lossy, quality 90) or "gif" (256 colours a
// frame; alpha below one half is transparent, above it opaque); Debian 12 writes both. frames: at
// least one, all of one shape. fps: (0, 100].
std::vector<uint8_t> encode_animation(std::span<const Image> frames, double fps,
                                      std::string_view format);

// Write the above to a file, atomically. Throw Error(kOutput) where it cannot be written.
void write_png(const std::filesystem::path& path, const Image& image);
// path ends in .webp or .gif, which decides the format; Error(kUsage) otherwise.
void write_animation(const std::filesystem::path& path, std::span<const Image> frames, double fps);

}  // namespace wgan
