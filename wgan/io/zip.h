// A reader and a writer of zip archives: stored or deflated members; zip64 is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace wgan {

struct ZipMember {
  std::string name;
  std::span<const std::byte> bytes;   // decompressed
  std::shared_ptr<const void> owner;  // keeps bytes alive
};

// All members, in the order of the central directory, each checked against its CRC-32. Stored
// members stay mapped; deflated ones may take at most `limit` bytes in all. Throws Error(kData)
// where the archive is damaged, truncated or encrypted, members overlap, two have one name, or the
// limit is passed. Throws Error(kUsage) for deflated ones in a build without zlib.
std::vector<ZipMember> read_zip(const std::filesystem::path& path, size_t limit);

// The names of all members, in the order of the central directory. Throws as read_zip does where
// the directory is damaged.
std::vector<std::string> zip_names(const std::filesystem::path& path);

// Calls use(member) with one member after the other, those whose names are wanted; nothing of them
// is kept. Throws as read_zip does, and where these members take more than `limit` bytes in all,
// stored ones too, before the first is read.
void for_each_in_zip(const std::filesystem::path& path, uint64_t limit,
                     const std::function<bool(const std::string& name)>& wanted,
                     const std::function<void(const ZipMember& member)>& use);

// Writes the members (owner is not looked at) in this order, deflated where the build has zlib,
// else stored, without times, so that equal members give equal files. The file appears whole.
// Throws Error(kOutput) as AtomicFile does; Error(kUsage) where a member holds 2 GiB or all 4 GiB
// or more, or there are 65535 members or more.
void write_zip(const std::filesystem::path& path, std::span<const ZipMember> members);

}  // namespace wgan
