// SHA256SUMS: the checksums of a folder's files, as `sha256sum -c SHA256SUMS` reads them.
#pragma once

#include <filesystem>
#include <span>
#include <string>

namespace wgan {

// Writes folder/SHA256SUMS over these files in it. Throws Error(kOutput), Error(kData).
void write_checksums(const std::filesystem::path& folder, std::span<const std::string> files);

// Throws Error(kIncompatible) that names the first of these files that is missing, is not in
// SHA256SUMS, or holds other bytes than it held.
void check_checksums(const std::filesystem::path& folder, std::span<const std::string> files);

}  // namespace wgan
