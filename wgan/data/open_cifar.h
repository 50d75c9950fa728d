// Data sets from the binary files of CIFAR-10 and CIFAR-100.
#pragma once

#include <filesystem>

#include "wgan/data/dataset.h"

namespace wgan {

// Whether the folder holds data_batch_*.bin or test_batch.bin, plain or compressed, or CIFAR-100's
// train.bin or test.bin.
bool is_cifar_folder(const std::filesystem::path& folder);

// data_batch_*.bin, any of them, are the train part, test_batch.bin the test part (CIFAR-100:
// train.bin and test.bin, with the fine labels); [32, 32, 3], labelled, with the class names of
// batches.meta.txt or fine_label_names.txt where that is present. Without a test part,
// --holdout makes one. Rows are mapped. Throws Error(kData), Error(kUsage).
Dataset open_cifar_folder(const std::filesystem::path& folder, const DataOptions& options);

}  // namespace wgan
