// CIFAR's binary batches: records of a label byte (CIFAR-100: the coarse one, then the fine one)
// and a 32 x 32 picture in R, G, B planes.
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

  // Maps one batch. classes: 10 or 100. Throws Error(kData) where the file cannot be read, is no
  // positive whole number of records, or a label is `classes` or more.
  explicit CifarFile(const std::filesystem::path& path, int64_t classes = 10);

  static constexpr int64_t record_bytes(int64_t classes) {
    return (classes == 100 ? 2 : 1) + kPixelBytes;
  }
  int64_t size() const { return static_cast<int64_t>(bytes().size()) / record_bytes_; }
  std::span<const std::byte> bytes() const { return file_.bytes(); }  // size() records

  // 0 <= i < size(). Of CIFAR-100, the fine one.
  int32_t label(int64_t i) const;
  // out: kPixelBytes bytes, becomes record i as [H, W, C] = [32, 32, 3] uint8.
  void copy_pixels(int64_t i, std::span<std::byte> out) const;

 private:
  MappedFile file_;
  int64_t record_bytes_;
};

// The class names in folder/batches.meta.txt or, of 100 classes, fine_label_names.txt; nothing
// where there is no such file. Throws Error(kData) where it does not hold so many names.
std::vector<std::string> read_cifar_class_names(const std::filesystem::path& folder,
                                                int64_t classes = 10);

}  // namespace wgan
