// Checks CIFAR batches when they are opened, and turns planes into pixels.
#include "wgan/io/cifar.h"

#include <fmt/format.h>

#include <string_view>
#include <system_error>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr size_t kLongestNames = 4096;  // bytes of a file of names

}  // namespace

CifarFile::CifarFile(const std::filesystem::path& path, int64_t classes)
    : file_(path), record_bytes_(record_bytes(classes)) {
  if (bytes().empty() || static_cast<int64_t>(bytes().size()) % record_bytes_ != 0) {
    throw Error(ErrorKind::kData,
                fmt::format("{}: has {}; a CIFAR-{} batch is one or more records of {} bytes",
                            path.string(), counted(bytes().size(), "byte"), classes, record_bytes_),
                "give a file of the binary version, such as data_batch_1.bin, unpacked");
  }
  for (int64_t i = 0; i < size(); ++i) {
    if (label(i) >= classes) {
      throw Error(ErrorKind::kData,
                  fmt::format("{}: record {} has the label {}; CIFAR-{} has labels 0 to {}",
                              path.string(), i, label(i), classes, classes - 1),
                  "fetch the file of the binary version again");
    }
  }
}

int32_t CifarFile::label(int64_t i) const {
  const int64_t after = (i + 1) * record_bytes_ - kPixelBytes;
  return std::to_integer<int32_t>(bytes()[static_cast<size_t>(after - 1)]);
}

void CifarFile::copy_pixels(int64_t i, std::span<std::byte> out) const {
  if (i < 0 || i >= size() || out.size() != static_cast<size_t>(kPixelBytes)) {
    throw Error(ErrorKind::kInternal,
                fmt::format("CIFAR record {} of {} into {} bytes", i, size(), out.size()));
  }
  constexpr size_t kPlane = static_cast<size_t>(kSide * kSide);
  const std::span<const std::byte> planes = bytes().subspan(
      static_cast<size_t>((i + 1) * record_bytes_ - kPixelBytes), static_cast<size_t>(kPixelBytes));
  for (size_t pixel = 0; pixel < kPlane; ++pixel) {
    for (size_t channel = 0; channel < 3; ++channel) {
      out[3 * pixel + channel] = planes[channel * kPlane + pixel];
    }
  }
}

std::vector<std::string> read_cifar_class_names(const std::filesystem::path& folder,
                                                int64_t classes) {
  const std::filesystem::path path =
      folder / (classes == 100 ? "fine_label_names.txt" : "batches.meta.txt");
  std::error_code ignored;  // what cannot be asked about is reported by MappedFile
  if (std::filesystem::status(path, ignored).type() == std::filesystem::file_type::not_found) {
    return {};
  }
  const MappedFile file(path);
  const auto fail = [&](const std::string& what) {
    throw Error(
        ErrorKind::kData,
        fmt::format("{}: {}; {} lines of one name each are wanted", path.string(), what, classes),
        "fetch the file again, or remove it to go on without class names");
  };
  if (file.bytes().size() > kLongestNames) fail(fmt::format("has {} bytes", file.bytes().size()));
  std::vector<std::string> names(1);
  for (const std::byte byte : file.bytes()) {
    const char character = static_cast<char>(byte);
    if (character == '\n') {
      if (!names.back().empty()) names.emplace_back();
    } else if (static_cast<unsigned char>(character) < 0x20 && character != '\r') {
      fail("is no text");
    } else if (character != '\r') {
      names.back() += character;
    }
  }
  if (names.back().empty()) names.pop_back();
  if (names.size() != static_cast<size_t>(classes)) {
    fail(fmt::format("has {} names", names.size()));
  }
  return names;
}

}  // namespace wgan
