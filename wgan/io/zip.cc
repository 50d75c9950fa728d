// Walks the central directory of a zip archive (PKWARE APPNOTE.TXT 6.3, sections 4.3 and 4.4), and
// writes one.
#include "wgan/io/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/gzip.h"
#include "wgan/io/mapped_file.h"

namespace wgan {
namespace {

constexpr uint64_t kEndRecordBytes = 22;
constexpr uint64_t kEntryBytes = 46;
constexpr uint64_t kLocalHeaderBytes = 30;
constexpr uint64_t kLongestComment = 65535;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEntrySignature = 0x02014b50;
constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kStored = 0;
constexpr uint32_t kDeflated = 8;
constexpr uint32_t kEncryptedFlag = 1;
constexpr uint32_t kInZip64 = 0xffffffff;  // in place of a number that a zip64 field holds
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocatorSignature = 0x07064b50;
constexpr uint64_t kEnd64Bytes = 56;
constexpr uint64_t kLocatorBytes = 20;
constexpr uint32_t kZip64Field = 1;
constexpr uint32_t kVersion = 20;    // 2.0, of the format: deflate
constexpr uint32_t kMadeBy = 0x314;  // version 2.0, on Unix: the attributes are a mode
constexpr uint32_t kMode = 0600u << 16;
constexpr uint32_t kNoDate = 0x21;  // 1980-01-01, the first there is
constexpr uint64_t kLargestMember = uint64_t{1} << 31;

// One entry of the central directory.
struct Entry {
  std::string name;
  uint32_t method = 0;
  uint32_t checksum = 0;
  uint64_t compressed = 0;
  uint64_t size = 0;
  uint64_t local_header = 0;  // offset in the file
};

class ZipReader {
 public:
  ZipReader(std::shared_ptr<const MappedFile> file, std::string path)
      : file_(std::move(file)), bytes_(file_->bytes()), path_(std::move(path)) {}

  std::vector<ZipMember> read(uint64_t limit) {
    const std::vector<Entry> entries = read_directory();
    check_places(entries);
    std::vector<ZipMember> members;
    for (const Entry& entry : entries) {
      if (entry.method == kDeflated) {
        if (entry.size > limit) {
          throw Error(ErrorKind::kData,
                      fmt::format("{}: its members take more bytes than allowed when decompressed "
                                  "('{}' alone {}, {} were left)",
                                  path_, entry.name, entry.size, limit),
                      "save the arrays uncompressed, as in numpy.savez or numpy.save");
        }
        limit -= entry.size;
      }
      members.push_back(read_member(entry));
    }
    return members;
  }

  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Entry& entry : read_directory()) names.push_back(entry.name);
    return names;
  }

  void for_each(uint64_t limit, const std::function<bool(const std::string&)>& wanted,
                const std::function<void(const ZipMember&)>& use) const {
    std::vector<Entry> entries = read_directory();
    check_places(entries);
    std::erase_if(entries, [&](const Entry& entry) { return !wanted(entry.name); });
    uint64_t left = limit;
    for (const Entry& entry : entries) {
      if (entry.size > left) {
        throw Error(ErrorKind::kData,
                    fmt::format("{}: its members take more than {} bytes, more than an archive of "
                                "its size may hold here",
                                path_, limit),
                    "if it is no trap, unpack it and give the folder");
      }
      left -= entry.size;
    }
    for (const Entry& entry : entries) use(read_member(entry));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorKind::kData, path_ + ": " + what,
                "the archive is damaged: fetch it or save it again, arrays with numpy.savez");
  }
  [[noreturn]] void fail_unread(const std::string& what) const {
    throw Error(ErrorKind::kData, path_ + ": " + what, "unpack it, and give the files themselves");
  }

  // Little-endian numbers; the caller has checked that they lie in the file.
  uint32_t u16(uint64_t offset) const { return byte(offset) | byte(offset + 1) << 8; }
  uint32_t u32(uint64_t offset) const { return u16(offset) | u16(offset + 2) << 16; }
  uint64_t u64(uint64_t offset) const {
    return u32(offset) | static_cast<uint64_t>(u32(offset + 4)) << 32;
  }
  uint32_t byte(uint64_t offset) const { return std::to_integer<uint32_t>(bytes_[offset]); }
  bool holds(uint64_t offset, uint64_t count) const {
    return offset <= bytes_.size() && count <= bytes_.size() - offset;
  }
  std::string text(uint64_t offset, uint64_t count) const {
    return {reinterpret_cast<const char*>(bytes_.data() + offset), count};
  }

  // The end record is the last thing in the file, before a comment whose length it states.
  uint64_t find_end_record() const {
    if (bytes_.size() >= kEndRecordBytes) {
      const uint64_t last = bytes_.size() - kEndRecordBytes;
      for (uint64_t comment = 0; comment <= std::min(last, kLongestComment); ++comment) {
        const uint64_t at = last - comment;
        if (u32(at) == kEndSignature && u16(at + 20) == comment) return at;
      }
    }
    fail("is no zip archive, or its end is missing");
  }

  // Where the directory lies and how many entries it has.
  struct Directory {
    uint64_t begin, end, count;
  };

  Directory find_directory() const {
    const uint64_t end = find_end_record();
    if (u16(end + 4) != 0 || u16(end + 6) != 0 || u16(end + 8) != u16(end + 10)) {
      fail("is one part of an archive in several parts");
    }
    Directory directory{u32(end + 16), end, u16(end + 10)};
    uint64_t bytes = u32(end + 12);
    if (end >= kLocatorBytes && u32(end - kLocatorBytes) == kLocatorSignature) {
      const uint64_t record = u64(end - kLocatorBytes + 8);
      if (!holds(record, kEnd64Bytes) || record > end - kLocatorBytes - kEnd64Bytes ||
          u32(record) != kEnd64Signature) {
        fail("has no zip64 record where it says");
      }
      directory = {u64(record + 48), record, u64(record + 32)};
      bytes = u64(record + 40);
    }
    if (directory.begin > directory.end || bytes != directory.end - directory.begin) {
      fail(fmt::format("promises a directory of {} from byte {}, it must end at {}",
                       counted(bytes, "byte"), directory.begin, directory.end));
    }
    return directory;
  }

  std::vector<Entry> read_directory() const {
    const auto [begin, end, count] = find_directory();
    std::vector<Entry> entries;
    std::set<std::string> names;
    uint64_t at = begin;
    for (uint64_t i = 0; i < count; ++i) {
      entries.push_back(read_entry(at, end));
      if (!names.insert(entries.back().name).second) {
        fail(fmt::format("has two members named '{}'", entries.back().name));
      }
    }
    if (at != end)
      fail(fmt::format("promises {}, its directory holds more", counted(count, "member")));
    return entries;
  }

  // Reads the entry at `at` and moves `at` behind it.
  Entry read_entry(uint64_t& at, uint64_t end) const {
    if (end - at < kEntryBytes || u32(at) != kEntrySignature) fail("has a damaged directory");
    Entry entry;
    const uint32_t flags = u16(at + 8);
    entry.method = u16(at + 10);
    entry.checksum = u32(at + 16);
    entry.compressed = u32(at + 20);
    entry.size = u32(at + 24);
    entry.local_header = u32(at + 42);
    const uint64_t name_bytes = u16(at + 28);
    const uint64_t whole = kEntryBytes + name_bytes + u16(at + 30) + u16(at + 32);
    if (end - at < whole) fail("has a damaged directory");
    entry.name = text(at + kEntryBytes, name_bytes);
    read_zip64(at + kEntryBytes + name_bytes, u16(at + 30), entry);
    at += whole;
    if ((flags & kEncryptedFlag) != 0) fail_unread(fmt::format("'{}' is encrypted", entry.name));
    if (entry.method != kStored && entry.method != kDeflated) {
      fail_unread(
          fmt::format("'{}' is compressed by method {}; stored (0) and deflate (8) are known",
                      entry.name, entry.method));
    }
    if (entry.method == kStored && entry.compressed != entry.size) {
      fail(fmt::format("'{}' is stored, yet takes {} for {}", entry.name,
                       counted(entry.compressed, "byte"), entry.size));
    }
    return entry;
  }

  // Takes what the entry leaves to its zip64 field, one of the extra fields at `at`.
  void read_zip64(uint64_t at, uint64_t bytes, Entry& entry) const {
    std::vector<uint64_t*> wanted;
    for (uint64_t* number : {&entry.size, &entry.compressed, &entry.local_header}) {
      if (*number == kInZip64) wanted.push_back(number);
    }
    const uint64_t end = at + bytes;
    while (!wanted.empty() && end - at >= 4) {
      const uint64_t length = u16(at + 2);
      if (end - at - 4 < length) break;
      if (u16(at) == kZip64Field && length >= 8 * wanted.size()) {
        for (size_t i = 0; i < wanted.size(); ++i) *wanted[i] = u64(at + 4 + 8 * i);
        return;
      }
      at += 4 + length;
    }
    if (!wanted.empty()) fail(fmt::format("'{}' lacks its zip64 field", entry.name));
  }

  // No byte belongs to two members: an archive of a few bytes could else hold any number.
  void check_places(const std::vector<Entry>& entries) const {
    std::vector<std::pair<uint64_t, uint64_t>> places;  // [begin, end) of each member
    for (const Entry& entry : entries) {
      places.emplace_back(entry.local_header, data_offset(entry) + entry.compressed);
    }
    std::sort(places.begin(), places.end());
    for (size_t i = 1; i < places.size(); ++i) {
      if (places[i].first < places[i - 1].second) fail("has members that overlap");
    }
  }

  // Where the data of an entry begins: behind its local header, whose sizes are not used (NumPy
  // leaves them to a zip64 field there).
  uint64_t data_offset(const Entry& entry) const {
    const uint64_t at = entry.local_header;
    if (!holds(at, kLocalHeaderBytes) || u32(at) != kLocalSignature) {
      fail(fmt::format("'{}' does not begin where the directory says", entry.name));
    }
    const uint64_t name_bytes = u16(at + 26);
    const uint64_t begin = at + kLocalHeaderBytes + name_bytes + u16(at + 28);
    if (!holds(begin, entry.compressed)) {
      fail(fmt::format("'{}' promises {} at {}, the file ends at {}", entry.name,
                       counted(entry.compressed, "byte"), begin, bytes_.size()));
    }
    if (text(at + kLocalHeaderBytes, name_bytes) != entry.name) {
      fail(fmt::format("'{}' has another name in its own header", entry.name));
    }
    return begin;
  }

  ZipMember read_member(const Entry& entry) const {
    ZipMember member{entry.name, bytes_.subspan(data_offset(entry), entry.compressed), file_};
    if (entry.method == kDeflated) {
      const auto inflated = std::make_shared<const std::vector<std::byte>>(
          inflate_raw(member.bytes, entry.size, path_ + ":" + entry.name));
      member.bytes = *inflated;
      member.owner = inflated;
    }
    if (crc32(member.bytes) != entry.checksum) {
      fail(fmt::format("'{}' has the checksum {:08x}, {:08x} was written", entry.name,
                       crc32(member.bytes), entry.checksum));
    }
    return member;
  }

  std::shared_ptr<const MappedFile> file_;
  std::span<const std::byte> bytes_;
  std::string path_;
};

std::string u16(uint64_t value) {
  return {static_cast<char>(value & 0xff), static_cast<char>(value >> 8 & 0xff)};
}
std::string u32(uint64_t value) { return u16(value & 0xffff) + u16(value >> 16 & 0xffff); }

// What a local header and an entry of the directory have in common.
std::string description(const Entry& entry) {
  return u16(kVersion) + u16(0) + u16(entry.method) + u16(0) + u16(kNoDate) + u32(entry.checksum) +
         u32(entry.compressed) + u32(entry.size) + u16(entry.name.size()) + u16(0);
}

std::string directory_entry(const Entry& entry) {
  return u32(kEntrySignature) + u16(kMadeBy) + description(entry) + u16(0) + u16(0) + u16(0) +
         u32(kMode) + u32(entry.local_header) + entry.name;
}

}  // namespace

void write_zip(const std::filesystem::path& path, std::span<const ZipMember> members) {
  if (members.size() >= 0xffff) {
    throw Error(ErrorKind::kUsage, path.string() + ": 65535 members or more in a zip archive");
  }
  AtomicFile file(path);
  std::string directory;
  uint64_t written = 0;
  for (const ZipMember& member : members) {
    const uint64_t size = member.bytes.size();
    if (size >= kLargestMember || written + size >= kInZip64) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{}: '{}' of {} bytes does not fit a zip archive (2 GiB each, 4 GiB "
                              "in all)",
                              path.string(), member.name, size),
                  "write the arrays as single files");
    }
    const std::vector<std::byte> deflated =
        has_zlib() ? deflate_raw(member.bytes) : std::vector<std::byte>();
    const std::span<const std::byte> data = has_zlib() ? std::span(deflated) : member.bytes;
    const Entry entry{.name = member.name,
                      .method = has_zlib() ? kDeflated : kStored,
                      .checksum = crc32(member.bytes),
                      .compressed = data.size(),
                      .size = size,
                      .local_header = written};
    const std::string header = u32(kLocalSignature) + description(entry) + entry.name;
    file.write(header);
    file.write(data);
    written += header.size() + data.size();
    directory += directory_entry(entry);
  }
  file.write(directory);
  file.write(u32(kEndSignature) + u16(0) + u16(0) + u16(members.size()) + u16(members.size()) +
             u32(directory.size()) + u32(written) + u16(0));
  file.commit();
}

std::vector<ZipMember> read_zip(const std::filesystem::path& path, size_t limit) {
  return ZipReader(std::make_shared<const MappedFile>(path), path.string()).read(limit);
}

std::vector<std::string> zip_names(const std::filesystem::path& path) {
  return ZipReader(std::make_shared<const MappedFile>(path), path.string()).names();
}

void for_each_in_zip(const std::filesystem::path& path, uint64_t limit,
                     const std::function<bool(const std::string&)>& wanted,
                     const std::function<void(const ZipMember&)>& use) {
  ZipReader(std::make_shared<const MappedFile>(path), path.string()).for_each(limit, wanted, use);
}

}  // namespace wgan
