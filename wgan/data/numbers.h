// Numbers of any type in arrays, as float64.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "wgan/io/npy.h"

namespace wgan {

// An array and where it was found, for messages.
struct ArraySource {
  NpyArray array;
  std::filesystem::path place;
};

// Elements in all.
int64_t element_count(const NpyArray& array);

// Elements of a row: of all axes but the first. The array has one.
int64_t row_length(const NpyArray& array);

// The elements first .. first + out.size() - 1 of an array of numbers: false and true are 0 and 1.
// Whole numbers beyond 2^53 are rounded.
void read_numbers(const NpyArray& array, int64_t first, std::span<double> out);

// "type '<f4' and shape (3, 4)", as NumPy would say it.
std::string array_text(const NpyArray& array);

// Throws Error(kData), naming the place, where the array is of text, has no axis or no element, or
// a number that is not finite or beyond 1e150 in size.
void check_numbers(const ArraySource& source);

}  // namespace wgan
