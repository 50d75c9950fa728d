// CIFAR-10's binary batches: records of one label byte and a 32 x 32 picture in R, G, B planes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "wgan/io/mapped_file.h"

namespace wgan {

class CifarFile {
 public:
  static constexpr int64_t kSide = 32;
  static constexpr int64_t kPixelBytes = 3 * kSide * kSide;
  static constexpr int64_t kRecordBytes = 1 + kPixelBytes;
  static constexpr int64_t kClasses = 10;

  // Maps one batch. Throws Error(kData) where the file cannot be read, is no positive whole number
  // of records, or a label is 10 or more.
  explicit CifarFile(const std::filesystem::path& path);

  int64_t size() const { return static_cast<int64_t>(bytes().size()) / kRecordBytes; }
  std::span<const std::byte> bytes() const { return file_.bytes(); }  // size() records

  // 0 <= i < size().
  int32_t label(int64_t i) const;
  // out: kPixelBytes bytes, becomes record i as [H, W, C] = [32, 32, 3] uint8.
  void copy_pixels(int64_t i, std::span<std::byte> out) const;

 private:
  MappedFile file_;
};

// The ten class names in folder/batches.meta.txt; nothing where there is no such file. Throws
// Error(kData) where it does not hold ten names.
std::vector<std::string> read_cifar_class_names(const std::filesystem::path& folder);

}  // namespace wgan
