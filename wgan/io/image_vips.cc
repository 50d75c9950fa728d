// Decoding, resizing and encoding pictures through the C interface of libvips.
#include "wgan/io/image.h"

#ifdef WGAN_WITH_VIPS
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/io/vips.h"
#include "wgan/io/vips_header.h"

namespace wgan {
namespace {

void check_image(const Image& image) {
  const bool known = image.channels == 1 || image.channels == 3 || image.channels == 4;
  if (image.height < 1 || image.width < 1 || !known ||
      static_cast<int64_t>(image.pixels.size()) != image.height * image.width * image.channels) {
    throw Error(ErrorKind::kInternal,
                fmt::format("an image of {}x{}x{} has {} pixel values", image.height, image.width,
                            image.channels, image.pixels.size()));
  }
}

constexpr int64_t kMaxRequestSide = 16384;

// Strict enough for a truncated file to be an error; a PNG's damaged side chunks (colour profile)
// are none. As loader options, since libvips 8.14 drops the fail_on of a thumbnail from a source.
const char* strictness(const ImageInfo& info) {
  return info.format == "png" ? "[fail-on=truncated]" : "[fail-on=error]";
}

// What a thumbnail is fitted into, and how.
struct ThumbnailBox {
  int width, height;  // pixels
  VipsSize rule;
  VipsInteresting crop;
};

ThumbnailBox thumbnail_box(const ImageRequest& request) {
  return {static_cast<int>(request.size.width), static_cast<int>(request.size.height),
          request.fit == ImageFit::kStretch ? VIPS_SIZE_FORCE : VIPS_SIZE_BOTH,
          request.fit == ImageFit::kCrop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE};
}

// The image reduced or enlarged, upright, and where convert_profile, in sRGB.
ImagePointer thumbnail(VipsSource* source, const ImageHeader& header, const ImageRequest& request,
                       bool convert_profile) {
  VipsImage* out = nullptr;
  const auto [width, height, rule, crop] = thumbnail_box(request);
  const char* const options = strictness(header.info);
  const int status =
      convert_profile
          ? vips_thumbnail_source(source, &out, width, "height", height, "size", rule, "crop", crop,
                                  "option_string", options, "export_profile", "srgb", nullptr)
          : vips_thumbnail_source(source, &out, width, "height", height, "size", rule, "crop", crop,
                                  "option_string", options, nullptr);
  return checked(status, out);
}

// As thumbnail. Where one side alone changes, libvips 8.14 does not multiply the colours by their
// alpha, so that colours below transparent pixels would show: there it is done here.
ImagePointer resized(VipsSource* source, const ImageHeader& header, const ImageRequest& request,
                     bool convert_profile) {
  const auto [width, height] = std::pair(header.info.width, header.info.height);
  const bool one_side = (width == request.size.width) != (height == request.size.height);
  if (!header.info.alpha || !one_side || request.fit != ImageFit::kStretch) {
    return thumbnail(source, header, request, convert_profile);
  }
  ImageRequest own = request;
  own.size = {width, height};
  ImagePointer image = thumbnail(source, header, own, convert_profile);
  VipsImage* out = nullptr;
  const auto step = [&](int status) { image = checked(status, std::exchange(out, nullptr)); };
  const VipsBandFormat format = vips_image_get_format(image.get());
  const auto scale = [](int64_t to, int64_t from) {
    return static_cast<double>(to) / static_cast<double>(from);
  };
  step(vips_premultiply(image.get(), &out, nullptr));
  step(vips_resize(image.get(), &out, scale(request.size.width, width), "vscale",
                   scale(request.size.height, height), nullptr));
  step(vips_unpremultiply(image.get(), &out, nullptr));
  step(vips_cast(image.get(), &out, format, nullptr));
  return image;
}

// Calls use(line) with each line of the picture, from the top, its bands interleaved. Computes them
// in this thread, strip by strip: libvips' own sinks would hand each image to a worker and wait.
// Value: the type of the picture's values.
template <class Value, class Use>
void for_each_line(VipsImage* image, const Use& use) {
  constexpr int kStrip = 16;  // rows; few, so that the decoder's rows stream through
  const int width = vips_image_get_width(image);
  const int height = vips_image_get_height(image);
  const auto values = static_cast<size_t>(width) * static_cast<size_t>(vips_image_get_bands(image));
  const std::unique_ptr<VipsRegion, Unreference> region(vips_region_new(image));
  check(region ? 0 : -1);
  for (int top = 0; top < height; top += kStrip) {
    const int bottom = std::min(top + kStrip, height);
    const VipsRect strip = {0, top, width, bottom - top};
    check(vips_region_prepare(region.get(), &strip));
    for (int y = top; y < bottom; ++y) {
      const void* line = VIPS_REGION_ADDR(region.get(), 0, y);
      use(std::span(static_cast<const Value*>(line), values));
    }
  }
}

// image: uint8.
Image copy_pixels(VipsImage* image) {
  Image result{
      vips_image_get_height(image), vips_image_get_width(image), vips_image_get_bands(image), {}};
  for_each_line<uint8_t>(image, [&](std::span<const uint8_t> line) {
    result.pixels.insert(result.pixels.end(), line.begin(), line.end());
  });
  check_image(result);
  return result;
}

// The picture at its own size, top to bottom once.
ImagePointer open_stream(VipsSource* source, const ImageHeader& header) {
  VipsImage* image = vips_image_new_from_source(source, strictness(header.info), "access",
                                                VIPS_ACCESS_SEQUENTIAL, nullptr);
  return checked(image ? 0 : -1, image);
}

// The image that call(&image) makes.
template <class Call>
ImagePointer made(const Call& call) {
  VipsImage* out = nullptr;
  const int status = call(&out);
  return checked(status, out);
}

// The colour or grey of a picture as doubles, without alpha.
ImagePointer colour_values(VipsImage* image, const ImageInfo& info) {
  const int bands = static_cast<int>(info.channels);
  const ImagePointer colour =
      made([&](VipsImage** out) { return vips_extract_band(image, out, 0, "n", bands, nullptr); });
  return made([&](VipsImage** out) { return vips_cast_double(colour.get(), out, nullptr); });
}

// The picture as one of 16 bits that uses all of them: levels.low black, levels.high white.
ImagePointer spread(VipsImage* image, const ImageInfo& info, const Levels& levels) {
  const double factor = 65535 / (levels.high - levels.low);
  const double offset = -levels.low * factor;
  ImagePointer result = colour_values(image, info);
  const auto step = [&](const auto& operation) {
    result = made([&](VipsImage** out) { return operation(result.get(), out); });
  };
  step([&](VipsImage* in, VipsImage** out) {
    return vips_linear1(in, out, factor, offset, nullptr);
  });
  step([](VipsImage* in, VipsImage** out) { return vips_cast_ushort(in, out, nullptr); });
  if (info.alpha && info.samples == Samples::kSixteen) {
    const int place = static_cast<int>(info.channels);
    const ImagePointer alpha =
        made([&](VipsImage** out) { return vips_extract_band(image, out, place, nullptr); });
    step([&](VipsImage* in, VipsImage** out) {
      return vips_bandjoin2(in, alpha.get(), out, nullptr);
    });
  }
  step([&](VipsImage* in, VipsImage** out) {
    const VipsInterpretation kind =
        info.channels == 1 ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
    return vips_copy(in, out, "interpretation", kind, nullptr);
  });
  return result;
}

// As thumbnail() of an image that is open.
ImagePointer thumbnail_of(VipsImage* image, const ImageRequest& request) {
  VipsImage* out = nullptr;
  const auto [width, height, rule, crop] = thumbnail_box(request);
  const int status = vips_thumbnail_image(image, &out, width, "height", height, "size", rule,
                                          "crop", crop, nullptr);
  return checked(status, out);
}

// The levels that the request has for such a picture.
Levels levels_for(const ImageInfo& info, const ImageRequest& request) {
  return info.samples == Samples::kSixteen ? request.sixteen
         : info.samples == Samples::kOpen  ? request.open
                                           : Levels{};
}

// What lies below transparent pixels is nobody's to see.
void clear_hidden_colours(Image& image) {
  for (size_t i = 0; i < image.pixels.size(); i += 4) {
    if (image.pixels[i + 3] == 0) std::fill_n(&image.pixels[i], 3, uint8_t{0});
  }
}

// To uint8, with alpha or flattened on the background, exactly of the asked size, with the asked
// number of channels.
Image finish(ImagePointer image, const ImageRequest& request) {
  VipsImage* out = nullptr;
  const auto step = [&](int status) { image = checked(status, std::exchange(out, nullptr)); };
  const bool alpha = request.channels == 4;
  std::array<double, 4> background = {};  // of padding with alpha: nothing
  if (!alpha) std::ranges::copy(request.background, background.begin());
  const ColourPointer colour(vips_array_double_new(background.data(), alpha ? 4 : 3));
  step(vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_sRGB, nullptr));
  if (alpha && !vips_image_hasalpha(image.get())) {
    step(vips_addalpha(image.get(), &out, nullptr));
  } else if (!alpha && vips_image_hasalpha(image.get())) {
    step(vips_flatten(image.get(), &out, "background", colour.get(), nullptr));
  }
  const int width = static_cast<int>(request.size.width);
  const int height = static_cast<int>(request.size.height);
  if (vips_image_get_width(image.get()) != width || vips_image_get_height(image.get()) != height) {
    step(vips_gravity(image.get(), &out, VIPS_COMPASS_DIRECTION_CENTRE, width, height, "extend",
                      VIPS_EXTEND_BACKGROUND, "background", colour.get(), nullptr));
  }
  if (request.channels == 1) {
    step(vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_B_W, nullptr));
  }
  step(vips_cast_uchar(image.get(), &out, nullptr));
  Image result = copy_pixels(image.get());
  if (alpha) clear_hidden_colours(result);
  return result;
}

// One image over the pixels of `image`, which must outlive it.
ImagePointer wrap(const Image& image, const uint8_t* pixels, int64_t height) {
  VipsImage* flat = vips_image_new_from_memory(
      pixels, height * image.width * image.channels, static_cast<int>(image.width),
      static_cast<int>(height), static_cast<int>(image.channels), VIPS_FORMAT_UCHAR);
  check(flat ? 0 : -1);
  const ImagePointer owner(flat);
  VipsImage* out = nullptr;
  const int status =
      vips_copy(flat, &out, "interpretation",
                image.channels == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB, nullptr);
  return checked(status, out);
}

std::vector<uint8_t> take_buffer(int status, void* buffer, size_t bytes) {
  check(status);
  const std::unique_ptr<void, decltype(&g_free)> owner(buffer, &g_free);
  const auto* first = static_cast<const uint8_t*>(buffer);
  return {first, first + bytes};
}

}  // namespace

bool images_supported() { return true; }

std::vector<std::string> image_codecs() {
  start_images();
  std::vector<std::string> codecs;
  for (const auto& [name, load, save] : {std::tuple{"jpeg", "jpegload_source", "jpegsave_buffer"},
                                         {"png", "pngload_source", "pngsave_buffer"},
                                         {"webp", "webpload_source", "webpsave_buffer"},
                                         {"gif", "gifload_source", "gifsave_buffer"},
                                         {"tiff", "tiffload_source", "tiffsave_buffer"}}) {
    const bool reads = vips_type_find("VipsForeignLoad", load) != 0;
    const bool writes = vips_type_find("VipsForeignSave", save) != 0;
    if (!reads && !writes) continue;
    codecs.push_back(fmt::format("{} ({}{}{})", name, reads ? "read" : "",
                                 reads && writes ? ", " : "", writes ? "write" : ""));
  }
  return codecs;
}

ImageInfo read_image_info(const std::filesystem::path& path) {
  return with_error_text(ErrorKind::kData, path.string(), [&] {
    const SourcePointer source = open_source(path);
    return read_image_header(path, source.get()).info;
  });
}

Levels read_levels(const std::filesystem::path& path, int64_t max_pixels) {
  return with_error_text(ErrorKind::kData, path.string(), [&] {
    const SourcePointer source = open_source(path);
    const ImageHeader header = read_image_header(path, source.get());
    check_image_size(path, header.info, max_pixels);
    const ImagePointer stream = open_stream(source.get(), header);
    const ImagePointer values = colour_values(stream.get(), header.info);
    Levels levels{std::numeric_limits<double>::infinity(),
                  -std::numeric_limits<double>::infinity()};
    for_each_line<double>(values.get(), [&](std::span<const double> line) {
      for (const double value : line) {
        if (!std::isfinite(value)) continue;
        levels.low = std::min(levels.low, value);
        levels.high = std::max(levels.high, value);
      }
    });
    return levels;
  });
}

Image load_image(const std::filesystem::path& path, const ImageRequest& request, ImageInfo* info) {
  const auto [shorter, longer] = std::minmax(request.size.width, request.size.height);
  if (shorter < 1 || longer > kMaxRequestSide) {
    throw Error(ErrorKind::kUsage, fmt::format("size: {} has sides that are not between 1 and {}",
                                               field_text(request.size), kMaxRequestSide));
  }
  return with_error_text(ErrorKind::kData, path.string(), [&] {
    const SourcePointer source = open_source(path);
    const ImageHeader header = read_image_header(path, source.get());
    if (info) *info = header.info;
    check_image_size(path, header.info, request.max_pixels);
    if (const Levels levels = levels_for(header.info, request); levels.given()) {
      const ImagePointer stream = open_stream(source.get(), header);
      const ImagePointer whole = spread(stream.get(), header.info, levels);
      return finish(thumbnail_of(whole.get(), request), request);
    }
    if (header.profile) {
      try {
        return finish(resized(source.get(), header, request, true), request);
      } catch (const VipsFailure&) {  // a damaged profile: go on without it
      }
    }
    return finish(resized(source.get(), header, request, false), request);
  });
}

std::vector<uint8_t> encode_png(const Image& image) {
  check_image(image);
  return with_error_text(ErrorKind::kInternal, "encoding a PNG", [&] {
    const ImagePointer in = wrap(image, image.pixels.data(), image.height);
    void* buffer = nullptr;
    size_t bytes = 0;
    const int status = vips_pngsave_buffer(in.get(), &buffer, &bytes, nullptr);
    return take_buffer(status, buffer, bytes);
  });
}

std::vector<uint8_t> encode_animation(std::span<const Image> frames, double fps,
                                      std::string_view format) {
  if (format != "webp" && format != "gif") {
    throw Error(ErrorKind::kUsage, fmt::format("'{}' is no animation format", format),
                "choose webp or gif");
  }
  if (frames.empty() || !(fps > 0 && fps <= 100)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("an animation of {} frames at {} frames a second", frames.size(), fps),
                "give at least one frame and a rate above 0, at most 100");
  }
  const Image& first = frames.front();
  std::vector<uint8_t> pixels;
  for (const Image& frame : frames) {
    check_image(frame);
    if (frame.pixels.size() != first.pixels.size() || frame.width != first.width) {
      throw Error(ErrorKind::kInternal, "the frames of an animation differ in size");
    }
    pixels.insert(pixels.end(), frame.pixels.begin(), frame.pixels.end());
  }
  const std::vector<int> delays(frames.size(), static_cast<int>(std::lround(1000 / fps)));
  return with_error_text(ErrorKind::kInternal, "encoding an animation", [&] {
    const ImagePointer in =
        wrap(first, pixels.data(), first.height * static_cast<int64_t>(frames.size()));
    vips_image_set_int(in.get(), "page-height", static_cast<int>(first.height));
    vips_image_set_int(in.get(), "loop", 0);
    vips_image_set_array_int(in.get(), "delay", delays.data(), static_cast<int>(delays.size()));
    void* buffer = nullptr;
    size_t bytes = 0;
    const int status = format == "webp"
                           ? vips_webpsave_buffer(in.get(), &buffer, &bytes, "Q", 90, nullptr)
                           : vips_gifsave_buffer(in.get(), &buffer, &bytes, nullptr);
    return take_buffer(status, buffer, bytes);
  });
}

}  // namespace wgan

#endif  // WGAN_WITH_VIPS
