// Reads headers through libvips, and knows which formats wgan reads.
#include "wgan/io/vips_header.h"

#ifdef WGAN_WITH_VIPS
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {
namespace {

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
  const std::string other = unread_format(path);
  throw Error(ErrorKind::kData,
              path.string() + ": " +
                  (other.empty() ? "the content is no JPEG, PNG, WebP, GIF or TIFF image"
                                 : other + " images are not read"));
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

Samples samples_of(VipsImage* header) {
  switch (vips_image_get_interpretation(header)) {
    case VIPS_INTERPRETATION_CMYK:
    case VIPS_INTERPRETATION_LAB:
    case VIPS_INTERPRETATION_LABS:
      return Samples::kKnown;
    default:
      break;
  }
  const VipsBandFormat format = vips_image_get_format(header);
  return format == VIPS_FORMAT_UCHAR    ? Samples::kKnown
         : format == VIPS_FORMAT_USHORT ? Samples::kSixteen
                                        : Samples::kOpen;
}

}  // namespace

ImageHeader read_image_header(const std::filesystem::path& path, VipsSource* source) {
  ImageHeader result;
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
  result.info.samples = samples_of(header.get());
  result.info.frames = vips_image_get_n_pages(header.get());
  result.profile = vips_image_get_typeof(header.get(), VIPS_META_ICC_NAME) != 0;
  return result;
}

}  // namespace wgan

#endif  // WGAN_WITH_VIPS
