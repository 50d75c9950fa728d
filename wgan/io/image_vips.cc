// Decoding, resizing and encoding pictures through the C interface of libvips.
#include "wgan/io/image.h"

#ifdef WGAN_WITH_VIPS
#include <fmt/format.h>
#include <vips/vips.h>
// Not in vips.h.
#include <vips/vector.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <tuple>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {
namespace {

void check_image(const Image& image) {
  if (image.height < 1 || image.width < 1 || (image.channels != 1 && image.channels != 3) ||
      static_cast<int64_t>(image.pixels.size()) != image.height * image.width * image.channels) {
    throw Error(ErrorKind::kInternal,
                fmt::format("an image of {}x{}x{} has {} pixel values", image.height, image.width,
                            image.channels, image.pixels.size()));
  }
}

constexpr int64_t kMaxRequestSide = 16384;

struct Unreference {
  void operator()(void* object) const { g_object_unref(object); }
};
using ImagePointer = std::unique_ptr<VipsImage, Unreference>;
struct UnreferenceArea {
  void operator()(VipsArrayDouble* array) const { vips_area_unref(VIPS_AREA(array)); }
};
using ColourPointer = std::unique_ptr<VipsArrayDouble, UnreferenceArea>;
using SourcePointer = std::unique_ptr<VipsSource, Unreference>;

// The error text of libvips is one buffer for all threads. Work is done under a shared lock; what
// fails is done again alone, so that the text it leaves is its own.
std::shared_mutex error_text_mutex;

struct VipsFailure {
  std::string text;
};

// The first line of libvips' error text, without its line end. Clears it.
std::string take_error_text() {
  std::string text = vips_error_buffer();
  vips_error_clear();
  text = text.substr(0, text.find('\n'));
  return text.empty() ? "it cannot be decoded" : text;
}

// status: the return value of a libvips function. Throws VipsFailure where it is not 0.
void check(int status) {
  if (status != 0) throw VipsFailure{take_error_text()};
}

// Wraps an output image of a libvips function, whose status goes first.
ImagePointer checked(int status, VipsImage* image) {
  check(status);
  return ImagePointer(image);
}

void ignore_message(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

// Each thread that has used libvips must say that it ends.
struct ThreadEnd {
  ~ThreadEnd() { vips_thread_shutdown(); }
};

// Once for the process: no loaders unfit for hostile files, no operation cache, one libvips thread
// an image (the callers are parallel over files), no code generated at run time (liborc 0.4.33
// frees it without a lock and crashes when threads do), no warnings on the terminal.
void start_images() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (VIPS_INIT("wgan") != 0) {
      throw Error(ErrorKind::kInternal, "libvips does not start: " + take_error_text());
    }
    vips_block_untrusted_set(TRUE);
    vips_cache_set_max(0);
    vips_concurrency_set(1);
    vips_vector_set_enabled(FALSE);
    g_log_set_handler("VIPS",
                      static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE |
                                                  G_LOG_LEVEL_INFO | G_LOG_LEVEL_DEBUG),
                      ignore_message, nullptr);
  });
  thread_local const ThreadEnd end;
  static_cast<void>(&end);
}

// Runs work(); where libvips fails, runs it again alone and throws Error(kind) with the path and
// the reason.
template <class Work>
auto with_error_text(ErrorKind kind, const std::string& subject, const Work& work) {
  start_images();
  try {
    std::shared_lock lock(error_text_mutex);
    return work();
  } catch (const VipsFailure&) {
  }
  try {
    std::unique_lock lock(error_text_mutex);
    vips_error_clear();
    return work();
  } catch (const VipsFailure& failure) {
    throw Error(kind, fmt::format("{}: {}", subject, failure.text));
  }
}

SourcePointer open_source(const std::filesystem::path& path) {
  SourcePointer source(vips_source_new_from_file(path.c_str()));
  check(source ? 0 : -1);
  return source;
}

// "jpeg" where the content is a format that wgan reads; throws Error(kData) otherwise.
std::string content_format(const std::filesystem::path& path, VipsSource* source) {
  const char* loader = vips_foreign_find_load_source(source);
  const std::string_view name = loader ? loader : "";
  for (const auto& [class_name, format] : {std::pair{"VipsForeignLoadJpegSource", "jpeg"},
                                           {"VipsForeignLoadPngSource", "png"},
                                           {"VipsForeignLoadWebpSource", "webp"},
                                           {"VipsForeignLoadNsgifSource", "gif"},
                                           {"VipsForeignLoadTiffSource", "tiff"}}) {
    if (name == class_name) return format;
  }
  vips_error_clear();
  throw Error(ErrorKind::kData,
              path.string() + ": the content is no JPEG, PNG, WebP, GIF or TIFF image");
}

std::string mode_name(VipsImage* header, bool alpha) {
  if (vips_image_get_typeof(header, "palette-bit-depth") != 0) return "palette";
  std::string name;
  switch (vips_image_get_interpretation(header)) {
    case VIPS_INTERPRETATION_CMYK:
      name = "cmyk";
      break;
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS:
      name = "lab";
      break;
    default:
      name = vips_image_get_bands(header) - (alpha ? 1 : 0) >= 3 ? "rgb" : "grey";
  }
  if (alpha) name += "a";
  const int bits = static_cast<int>(8 * vips_format_sizeof(vips_image_get_format(header)));
  return bits > 8 ? name + std::to_string(bits) : name;
}

// What is known of a file before decoding. Leaves the source ready to be read again.
struct Header {
  ImageInfo info;
  bool profile = false;  // an embedded colour profile
};

Header read_header(const std::filesystem::path& path, VipsSource* source) {
  Header result;
  result.info.format = content_format(path, source);
  const ImagePointer header(vips_image_new_from_source(source, "", nullptr));
  check(header ? 0 : -1);
  result.info.width = vips_image_get_width(header.get());
  result.info.height = vips_image_get_height(header.get());
  if (vips_image_get_orientation_swap(header.get())) {
    std::swap(result.info.width, result.info.height);
  }
  result.info.alpha = vips_image_hasalpha(header.get());
  result.info.mode = mode_name(header.get(), result.info.alpha);
  result.info.channels = vips_image_get_bands(header.get()) - result.info.alpha >= 3 ? 3 : 1;
  result.profile = vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0;
  return result;
}

// Strict enough for a truncated file to be an error; a PNG's damaged side chunks (colour profile)
// are none. As loader options, since libvips 8.14 drops the fail_on of a thumbnail from a source.
const char* strictness(const ImageInfo& info) {
  return info.format == "png" ? "[fail-on=truncated]" : "[fail-on=error]";
}

// The image reduced or enlarged, upright, and where convert_profile, in sRGB.
ImagePointer thumbnail(VipsSource* source, const Header& header, const ImageRequest& request,
                       bool convert_profile) {
  VipsImage* out = nullptr;
  const int width = static_cast<int>(request.size.width);
  const int height = static_cast<int>(request.size.height);
  const VipsSize rule = request.fit == ImageFit::kStretch ? VIPS_SIZE_FORCE : VIPS_SIZE_BOTH;
  const VipsInteresting crop =
      request.fit == ImageFit::kCrop ? VIPS_INTERESTING_CENTRE : VIPS_INTERESTING_NONE;
  const char* const options = strictness(header.info);
  const int status =
      convert_profile
          ? vips_thumbnail_source(source, &out, width, "height", height, "size", rule, "crop", crop,
                                  "option_string", options, "export_profile", "srgb", nullptr)
          : vips_thumbnail_source(source, &out, width, "height", height, "size", rule, "crop", crop,
                                  "option_string", options, nullptr);
  return checked(status, out);
}

// Computes the pixels in this thread, strip by strip: libvips' own sinks would hand each image to a
// worker and wait. image: uint8.
Image copy_pixels(VipsImage* image) {
  constexpr int kStrip = 16;  // rows; few, so that the decoder's rows stream through
  Image result{
      vips_image_get_height(image), vips_image_get_width(image), vips_image_get_bands(image), {}};
  const std::unique_ptr<VipsRegion, Unreference> region(vips_region_new(image));
  check(region ? 0 : -1);
  for (int top = 0; top < result.height; top += kStrip) {
    const int bottom = std::min(top + kStrip, static_cast<int>(result.height));
    const VipsRect strip = {0, top, static_cast<int>(result.width), bottom - top};
    check(vips_region_prepare(region.get(), &strip));
    for (int y = top; y < bottom; ++y) {
      const uint8_t* line = VIPS_REGION_ADDR(region.get(), 0, y);
      result.pixels.insert(result.pixels.end(), line, line + result.width * result.channels);
    }
  }
  check_image(result);
  return result;
}

// To uint8, flattened on the background, exactly of the asked size, with the asked number of
// channels.
Image finish(ImagePointer image, const ImageRequest& request) {
  VipsImage* out = nullptr;
  const auto step = [&](int status) { image = checked(status, std::exchange(out, nullptr)); };
  const std::array<double, 3> background = {
      double(request.background[0]), double(request.background[1]), double(request.background[2])};
  const ColourPointer colour(vips_array_double_new(background.data(), 3));
  step(vips_colourspace(image.get(), &out, VIPS_INTERPRETATION_sRGB, nullptr));
  if (vips_image_hasalpha(image.get())) {
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
  return copy_pixels(image.get());
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
    return read_header(path, source.get()).info;
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
    const Header header = read_header(path, source.get());
    if (info) *info = header.info;
    check_image_size(path, header.info, request.max_pixels);
    if (header.profile) {
      try {
        return finish(thumbnail(source.get(), header, request, true), request);
      } catch (const VipsFailure&) {  // a damaged profile: go on without it
      }
    }
    return finish(thumbnail(source.get(), header, request, false), request);
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
