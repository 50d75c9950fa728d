// Data sets from NumPy files: images and vectors, with labels beside or inside them.
#pragma once

#include <filesystem>
#include <string>

#include "wgan/data/dataset.h"

namespace wgan {

// NAME.npy:
//   uint8 [N, H, W] or [N, H, W, C], C 1 or 3      images
//   float32 or float64 [N, D], all finite          vectors, standardised column by column
// Labels are read from NAME-labels.npy or NAME.labels.npy beside it, where one exists: uint8, int32
// or int64 [N], classes numbered from 0. Rows are mapped. name: of the data set; empty: NAME.
// Throws Error(kData), Error(kUsage).
Dataset open_npy(const std::filesystem::path& path, const DataOptions& options,
                 const std::string& name = "");

// NAME.npz: the array named images, x or data, or else the only one that could be images or vectors
// as above; the labels are those named labels or y. Compressed arrays are held in memory.
Dataset open_npz(const std::filesystem::path& path, const DataOptions& options);

}  // namespace wgan
