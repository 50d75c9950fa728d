// What the header of a picture says, for those who call libvips.
#pragma once

#include "wgan/io/image.h"
#include "wgan/io/vips.h"

#ifdef WGAN_WITH_VIPS

namespace wgan {

// What is known of a file before decoding.
struct ImageHeader {
  ImageInfo info;
  bool profile = false;  // an embedded colour profile
};

// Leaves the source ready to be read again. Throws Error(kData) where the content is of a format
// that wgan does not read, VipsFailure where it is damaged.
ImageHeader read_image_header(const std::filesystem::path& path, VipsSource* source);

}  // namespace wgan

#endif  // WGAN_WITH_VIPS
