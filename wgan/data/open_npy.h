// Data sets from NumPy files: pictures and rows, with labels and conditions beside or inside them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "wgan/data/dataset.h"
#include "wgan/data/numbers.h"

namespace wgan {

// What stands in an array's file, or beside it.
struct ArraySources {
  ArraySource rows;
  std::optional<ArraySource> labels = {};
  std::optional<ArraySource> conditions = {};
};

// Whether the path is an NPY or NPZ file, by its ending or its first bytes.
bool is_array_file(const std::filesystem::path& path);

// Of NAME.npy, what lies in NAME-labels.npy or NAME.labels.npy and in NAME-conditions.npy or
// NAME.conditions.npy beside it. Of NAME.npz, the array named images, x or data, or else the only
// one that could be meant, with labels or y, and conditions or c; compressed arrays are held in
// memory. Of an archive of parts, as Keras (x_train, y_train, x_test, y_test) and MedMNIST
// (train_images, train_labels, test_images, ...) write them, the train part. Throws Error(kData).
ArraySources array_sources(const std::filesystem::path& path);

// Pictures, or rows of numbers of any type and shape, standardised column by column, as read_as
// (array_kind.h) settles; their classes as attach_array_labels (array_labels.h) reads them; their
// conditions, numbers [N, ...]. Of an archive of parts options.split chooses. Rows are mapped.
// name: of the data set; empty: that of the file. Throws Error(kData), Error(kUsage).
Dataset open_array_file(const std::filesystem::path& path, const DataOptions& options,
                        const std::string& name = "");

}  // namespace wgan
