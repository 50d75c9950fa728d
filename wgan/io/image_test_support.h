// Odd images for tests, written with libvips itself: every mode, format and side chunk.
#pragma once

#include <gtest/gtest.h>
#include <vips/vips.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace wgan {

// What a test image is made of. value(x, y, band) in the units of the format.
struct TestImage {
  int width = 16;
  int height = 16;
  int bands = 3;
  VipsInterpretation interpretation = VIPS_INTERPRETATION_sRGB;
  bool sixteen_bits = false;
  int orientation = 0;       // EXIF, 1 to 8; 0: none
  std::string profile = {};  // bytes of an embedded colour profile; empty: none
  std::string options = {};  // of the writer: "[palette]"
  std::function<int(int x, int y, int band)> value = [](int x, int y, int band) {
    return (x * 7 + y * 3 + band * 50) % 256;
  };
};

// The format follows written_as, a file name with the right ending; the file is then renamed to
// path, whose ending may lie.
inline void write_test_image(const std::filesystem::path& path, const TestImage& image,
                             const std::string& written_as = "") {
  ASSERT_EQ(VIPS_INIT("wgan"), 0);
  std::vector<uint8_t> narrow;
  std::vector<uint16_t> wide;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int band = 0; band < image.bands; ++band) {
        const int value = image.value(x, y, band);
        narrow.push_back(static_cast<uint8_t>(value));
        if (image.sixteen_bits) wide.push_back(static_cast<uint16_t>(value));
      }
    }
  }
  const void* values = image.sixteen_bits ? static_cast<const void*>(wide.data()) : narrow.data();
  VipsImage* flat = vips_image_new_from_memory(
      values, image.sixteen_bits ? wide.size() * 2 : narrow.size(), image.width, image.height,
      image.bands, image.sixteen_bits ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR);
  ASSERT_NE(flat, nullptr);
  VipsImage* typed = nullptr;
  ASSERT_EQ(vips_copy(flat, &typed, "interpretation", image.interpretation, nullptr), 0);
  if (image.orientation > 0) vips_image_set_int(typed, VIPS_META_ORIENTATION, image.orientation);
  if (!image.profile.empty()) {
    vips_image_set_blob_copy(typed, VIPS_META_ICC_NAME, image.profile.data(), image.profile.size());
  }
  const std::filesystem::path target = written_as.empty() ? path : path.parent_path() / written_as;
  ASSERT_EQ(vips_image_write_to_file(typed, (target.string() + image.options).c_str(), nullptr), 0)
      << vips_error_buffer();
  if (target != path) std::filesystem::rename(target, path);
  g_object_unref(typed);
  g_object_unref(flat);
}

// A PNG that holds a header of the given size and hardly any pixels.
inline std::string png_header_lie(uint32_t width, uint32_t height) {
  const auto word = [](uint32_t value) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
    return bytes;
  };
  const auto chunk = [&](const std::string& body) {
    uint32_t crc = 0xffffffff;
    for (const char character : body) {
      crc ^= static_cast<uint8_t>(character);
      for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return word(static_cast<uint32_t>(body.size() - 4)) + body + word(~crc);
  };
  return "\x89PNG\r\n\x1a\n" +
         chunk("IHDR" + word(width) + word(height) + std::string("\x08\x02\0\0\0", 5)) +
         chunk("IDAT" + std::string("\x78\x9c\x03\0\0\0\0\x01", 8)) + chunk("IEND");
}

}  // namespace wgan
