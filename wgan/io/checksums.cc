// Writing and comparing checksums.
#include "wgan/io/checksums.h"

#include <fmt/format.h>

#include <map>
#include <string_view>

#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/digest.h"
#include "wgan/io/mapped_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFile = "SHA256SUMS";
constexpr size_t kDigits = 64;

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw Error(ErrorKind::kIncompatible, fmt::format("{} is damaged: {}", file.string(), what),
              "use another checkpoint of the run");
}

// Lines of 64 hexadecimal digits, two spaces and a name. Returns digits by name.
std::map<std::string, std::string> read_sums(const fs::path& path) {
  const MappedFile file(path);
  std::string_view text{reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
  std::map<std::string, std::string> sums;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos || end < kDigits + 3 || text.substr(kDigits, 2) != "  ") {
      refuse(path, "a line is no checksum with a name");
    }
    sums.emplace(text.substr(kDigits + 2, end - kDigits - 2), text.substr(0, kDigits));
    text.remove_prefix(end + 1);
  }
  return sums;
}

}  // namespace

void write_checksums(const fs::path& folder, std::span<const std::string> files) {
  std::string text;
  for (const std::string& name : files) {
    const MappedFile file(folder / name);
    text += fmt::format("{}  {}\n", sha256_hex(file.bytes()), name);
  }
  write_file_atomically(folder / kFile, text);
}

void check_checksums(const fs::path& folder, std::span<const std::string> files) {
  if (!fs::is_regular_file(folder / kFile)) refuse(folder, fmt::format("it has no {}", kFile));
  const auto sums = read_sums(folder / kFile);
  for (const std::string& name : files) {
    const auto known = sums.find(name);
    if (known == sums.end()) refuse(folder / kFile, fmt::format("it does not list {}", name));
    if (!fs::is_regular_file(folder / name)) refuse(folder, fmt::format("{} is missing", name));
    const MappedFile file(folder / name);
    if (sha256_hex(file.bytes()) != known->second) {
      refuse(folder / name, fmt::format("its checksum is not the one in {}", kFile));
    }
  }
}

}  // namespace wgan
