// Data sets from IDX files: MNIST and its kin.
#pragma once

#include <filesystem>

#include "wgan/data/dataset.h"

namespace wgan {

// Whether the folder holds IDX files (named *ubyte or *ubyte.gz).
bool is_idx_folder(const std::filesystem::path& folder);

// A folder of up to four files, plain or .gz: train-images-*ubyte and train-labels-*ubyte are the
// train part, t10k-* (or test-*) the test part. A part without a label file makes the set
// unlabelled. Without a test part, --holdout makes one. Throws Error(kData), Error(kUsage).
Dataset open_idx_folder(const std::filesystem::path& folder, const DataOptions& options);

// One file of images [N, H, W] or [N, H, W, C], with the labels of the file beside it whose name
// has "labels-idx1" for "images-idx3", where there is one.
Dataset open_idx_file(const std::filesystem::path& path, const DataOptions& options);

}  // namespace wgan
