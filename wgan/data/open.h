// From what a person names, a path or an embedded set, to a data set.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"

namespace wgan {

// Opens options.data, which is, in this order:
//   the name of an embedded set (synthetic.h); "./strokes" is a path
//   a folder that `wgan data prepare` made (prepared_folder.h)
//   a folder of IDX files (open_idx.h) or of CIFAR's (open_cifar.h)
//   a folder with pictures in it or below, prepared into the cache first
//   a folder in whose folders, up to three levels down, one of the other kinds of data set lies
//   a file: NPY, NPZ (open_npy.h), IDX or a zip archive of pictures, by its ending or, failing
//   that, its first bytes
// seed: of the embedded sets. progress: called with (done, total) while rows are prepared.
// Throws Error(kData) where there is nothing such or it is damaged, Error(kUsage) where the options
// do not fit it.
Dataset open_dataset(const DataOptions& options, uint64_t seed, const Progress& progress = {});

// Whether open_dataset takes `data` for the name of an embedded set.
bool is_embedded(const std::string& data);

// What open_dataset opens from any working directory as it does `data` from here: the absolute
// path, or the name of an embedded set.
std::string absolute_data(const std::string& data);

// Whether open_dataset takes `path` for pictures that are to be prepared: a folder or an archive.
// Throws Error(kData) where `path` is a folder of what is not read, or a damaged archive.
bool is_picture_source(const std::filesystem::path& path);

}  // namespace wgan
