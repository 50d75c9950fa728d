// What every opener of array files shares: names, checks, labels, splits and identities.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"

namespace wgan {

// Sides of the images that networks are made for, in pixels.
inline constexpr int64_t kSmallestSide = 8;
inline constexpr int64_t kLargestSide = 1024;

// What a compressed file may decompress to, in bytes.
inline constexpr size_t kLargestDecompressed = size_t{1} << 32;

// The last part of a path as a short name fit for a folder: "My Cats.npy" -> "my-cats".
std::string short_name(const std::filesystem::path& path);

// shape: [H, W, C] of the images in `path`. Throws Error(kData) where a side is outside
// kSmallestSide..kLargestSide, C is not 1, 3 or 4, or there are no rows; Error(kUsage) where the
// options ask for another size or number of channels than the array has.
void check_images(const std::filesystem::path& path, int64_t rows,
                  const std::vector<int64_t>& shape, const DataOptions& options);

// Gives `dataset` these labels, one a row, and at least `classes` class names "0", "1", ... Throws
// Error(kData), naming `path`, where there are not dataset.size of them or one is out of range.
void attach_labels(Dataset& dataset, std::vector<int64_t> labels, int64_t classes,
                   const std::filesystem::path& path);

// Whether the test split of a set without a test part of its own holds this row of `rows`: where
// the row's place in a fixed random order (seed 0, stream kSplit) is in the first `holdout` of it,
// which is in [0, 1).
bool held_out(int64_t row, int64_t rows, double holdout);

// The rows of `whole` that options.split asks for, by held_out. Throws Error(kUsage) where the test
// split is asked for and holdout is 0, or either split comes out empty.
Dataset choose_split(Dataset whole, const DataOptions& options);

// The given rows of `whole`, in this order; they are rows of it.
Dataset subset(Dataset whole, std::vector<int64_t> rows);

// The rows of `first`, then those of `second`; of one shape, without conditions. Both labelled or
// both not.
Dataset joined(Dataset first, Dataset second);

// SHA-256 in hex over the contents and the options that choose rows, whatever the files are called.
// Contents above 64 MiB are sampled: their length, their first and last MiB, and 64 blocks of
// 64 KiB spread evenly, so that opening does not read the whole of a large set.
std::string content_identity(std::span<const std::span<const std::byte>> contents,
                             const DataOptions& options);

}  // namespace wgan
