// What kind of data set a folder holds, and in which of its folders.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace wgan {

enum class FolderKind { kPrepared, kIdx, kCifar, kPictures };

struct FolderPlace {
  FolderKind kind = FolderKind::kPictures;
  std::filesystem::path folder;  // that open_..._folder wants
};

// Looks at the folder itself, then for pictures below it, then for the other kinds in the folders
// up to three levels down, nearest first. Throws Error(kData) where the folder is empty, several
// data sets lie on one level, or there is something that is not read, such as pickles. Where
// nothing is known, it is kPictures.
FolderPlace find_data(const std::filesystem::path& folder);

// The folders `levels` levels below (0: the folder itself), sorted; hidden ones, links and what
// cannot be listed aside.
std::vector<std::filesystem::path> folders_below(const std::filesystem::path& folder, int levels);

inline constexpr int kDeepestData = 3;  // levels

// Throws Error(kData) where the file is of a kind that is known and not read: a pickle, a tar
// archive, a MATLAB file.
void refuse_known_file(const std::filesystem::path& file);

}  // namespace wgan
