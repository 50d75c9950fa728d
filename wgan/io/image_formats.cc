// Tells the formats of pictures that wgan does not read by their first bytes.
#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <utility>

#include "wgan/io/image.h"

namespace wgan {
namespace {

using namespace std::string_view_literals;

constexpr size_t kStartBytes = 1024;  // an SVG's <svg> may stand behind a comment

constexpr std::array kStarts = {std::pair{"8BPS"sv, "PSD"},
                                std::pair{"%PDF"sv, "PDF"},
                                std::pair{"\x76\x2f\x31\x01"sv, "OpenEXR"},
                                std::pair{"#?RADIANCE"sv, "Radiance HDR"},
                                std::pair{"\0\0\x01\0"sv, "ICO"},
                                std::pair{"DDS "sv, "DDS"},
                                std::pair{"SIMPLE  ="sv, "FITS"},
                                std::pair{"\xff\x4f\xff\x51"sv, "JPEG 2000"},
                                std::pair{"\0\0\0\x0cjP  "sv, "JPEG 2000"},
                                std::pair{"\xff\x0a"sv, "JPEG XL"},
                                std::pair{"\0\0\0\x0cJXL "sv, "JPEG XL"}};

// Of a file in boxes of ISO 14496-12: the brand says what is inside.
std::string boxed_format(std::string_view start) {
  if (start.size() < 12 || start.substr(4, 4) != "ftyp") return "";
  const std::string_view brand = start.substr(8, 4);
  if (brand == "avif" || brand == "avis") return "AVIF";
  return brand.starts_with("he") || brand == "mif1" || brand == "msf1" ? "HEIC" : "";
}

bool is_netpbm(std::string_view start) {
  return start.size() > 2 && start[0] == 'P' && start[1] >= '1' && start[1] <= '7' &&
         (start[2] == '\n' || start[2] == ' ' || start[2] == '\r' || start[2] == '\t');
}

}  // namespace

std::string unread_format(const std::filesystem::path& path) {
  std::string bytes(kStartBytes, '\0');
  std::ifstream stream(path, std::ios::binary);
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(0, stream.gcount())));
  const std::string_view start = bytes;
  for (const auto& [beginning, format] : kStarts) {
    if (start.starts_with(beginning)) return format;
  }
  // The file's header is followed by one whose length is a small number.
  if (start.starts_with("BM") && start.size() > 18 && start[14] > 0 && start[15] == 0) return "BMP";
  if (is_netpbm(start)) return "PPM";
  if (start.starts_with('<') && start.find("<svg") != std::string_view::npos) return "SVG";
  return boxed_format(start);
}

}  // namespace wgan
