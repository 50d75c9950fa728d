// Maps files with mmap(2).
#include "wgan/io/mapped_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "wgan/core/error.h"

namespace wgan {
namespace {

// Closes a file descriptor when it goes out of scope.
struct Descriptor {
  int number;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

[[noreturn]] void throw_unreadable(const std::filesystem::path& path, int error_number) {
  std::string hint = "check the file and the disk that holds it";
  if (error_number == ENOENT || error_number == ENOTDIR) hint = "check the spelling of the path";
  if (error_number == EACCES) hint = "check the permissions of the file and its folders";
  throw Error(ErrorKind::kData,
              fmt::format("cannot read {}: {}", path.string(), std::strerror(error_number)), hint);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a named pipe must not wait for a writer.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) throw_unreadable(path, errno);
  struct stat status {};
  if (::fstat(file.number, &status) != 0) throw_unreadable(path, errno);
  if (!S_ISREG(status.st_mode)) {
    throw Error(ErrorKind::kData,
                fmt::format("cannot read {}: it is {}, a regular file is wanted", path.string(),
                            S_ISDIR(status.st_mode) ? "a folder" : "a device, pipe or socket"),
                "give the path of a file");
  }
  const auto length = static_cast<uint64_t>(status.st_size);
  if (length == 0) return;
  if (length > std::numeric_limits<size_t>::max()) throw_unreadable(path, EFBIG);
  void* address = ::mmap(nullptr, length, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (address == MAP_FAILED) throw_unreadable(path, errno);
  bytes_ = {static_cast<const std::byte*>(address), static_cast<size_t>(length)};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace wgan
