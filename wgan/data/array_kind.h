// Whether an array is of pictures or of rows of numbers, and how its pictures are read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/data/numbers.h"

namespace wgan {

struct ArrayReading {
  bool pictures = false;
  std::vector<int64_t> shape;   // of a picture: [H, W, C]; of a row: the axes behind the first
  bool channels_first = false;  // the array's pictures are [C, H, W]
  double black = 0;             // the number that becomes byte 0
  double white = 255;           // and byte 255
  std::string note;             // one line about the choice; empty where there was none
};

// How the array is read:
//   uint8 [N, H, W], [N, H, W, C] or [N, C, H, W], C 1, 3 or 4     pictures
//   other whole numbers and bool of these shapes                   pictures, where they fit: from 0
//     to 255; uint16, or with channels, to 65535, where white is the largest number of as many bits
//   floats [N, H, W, C] or [N, C, H, W]                            pictures, where they lie in
//     [0, 1], [-1, 1] or [0, 255] and span more than half of it
//   everything else                                                rows
// Bytes and whole numbers that are all 0 or 1 are black and white. Sides of pictures have
// kSmallestSide to kLargestSide pixels. kind other than auto settles it. Throws Error(kData) where
// that cannot be, and as check_numbers does.
ArrayReading read_as(const ArraySource& source, ArrayKind kind);

// Writes the bytes [H, W, C] of a picture.
void read_picture(const NpyArray& array, const ArrayReading& reading, int64_t row,
                  std::span<std::byte> out);

}  // namespace wgan
