// Paths that a run remembers, so that its data is found from any working directory.
#pragma once

#include <filesystem>
#include <string>

#include "wgan/data/dataset.h"
#include "wgan/judge/options.h"

namespace wgan {

// What a run keeps: absolute paths, from this working directory, of its data and of the file of its
// feature space.
DataOptions with_absolute_paths(DataOptions options);
FeatureOptions with_absolute_paths(FeatureOptions options);

// The options of a run's own data. A relative path, as runs of older versions keep, is looked up
// here, then in the folders that the run lies in. hint: what a person can do where the data is not
// there. Throws Error(kData) then, which names the run.
DataOptions data_of_run(DataOptions options, const std::filesystem::path& checkpoint,
                        const std::string& hint);

// The same for its feature space, whose file open_features misses where it is not there.
FeatureOptions features_of_run(FeatureOptions options, const std::filesystem::path& checkpoint);

}  // namespace wgan
