// Writes to a temporary name with write(2), fsync(2) and rename(2).
#include "wgan/io/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"

namespace wgan {
namespace {

constexpr size_t kBufferBytes = 1 << 16;

// Makes the rename itself durable.
void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw output_error("sync the folder " + folder.string(), errno);
  const int error_number = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // EINVAL: a file system that cannot sync folders.
  if (error_number != 0 && error_number != EINVAL) {
    throw output_error("sync the folder " + folder.string(), error_number);
  }
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(path) {
  std::error_code ignored;  // a path that cannot be asked about fails below, in open
  const std::filesystem::file_status status = std::filesystem::status(path_, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    throw Error(
        ErrorKind::kOutput,
        fmt::format("cannot write {}: it is there and is not a regular file", path_.string()),
        "choose another name");
  }
  // O_EXCL and a free number: two writers of one target never share a temporary file.
  for (int number = 0; descriptor_ < 0; ++number) {
    temporary_ = path_;
    temporary_ += fmt::format(".{}-{}.tmp", ::getpid(), number);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor_ < 0 && errno != EEXIST) throw output_error("write " + path_.string(), errno);
  }
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
}

void AtomicFile::write(std::string_view text) {
  if (descriptor_ < 0) throw Error(ErrorKind::kInternal, path_.string() + ": write after commit");
  if (buffer_.size() + text.size() <= kBufferBytes) {
    buffer_ += text;
    return;
  }
  flush();
  write_through(text);
}

void AtomicFile::write_through(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw output_error("write " + path_.string(), errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void AtomicFile::flush() {
  write_through(buffer_);
  buffer_.clear();
}

void AtomicFile::commit() {
  if (descriptor_ < 0) throw Error(ErrorKind::kInternal, path_.string() + ": committed twice");
  flush();
  if (::fsync(descriptor_) != 0) throw output_error("write " + path_.string(), errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) {
    throw output_error("write " + path_.string(), errno);
  }
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    throw output_error("write " + path_.string(), errno);
  }
  temporary_.clear();
  const std::filesystem::path folder = path_.parent_path();
  sync_folder(folder.empty() ? "." : folder);
}

void publish_folder(const std::filesystem::path& temporary, const std::filesystem::path& target) {
  sync_folder(temporary);
  const bool there = std::filesystem::exists(target);
  const bool exchanged = there && ::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, target.c_str(),
                                              RENAME_EXCHANGE) == 0;
  std::filesystem::path old = temporary;  // the name that the folder there takes
  if (there && !exchanged) {
    old += "-old";
    if (std::rename(target.c_str(), old.c_str()) != 0) {
      throw output_error("write " + target.string(), errno);
    }
  }
  if (!exchanged && std::rename(temporary.c_str(), target.c_str()) != 0) {
    const int error_number = errno;
    if (there) static_cast<void>(std::rename(old.c_str(), target.c_str()));  // as it was
    throw output_error("write " + target.string(), error_number);
  }
  sync_folder(target.parent_path());
  if (there) remove_tree(old);  // if it cannot be removed, it does no harm
}

void write_file_atomically(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

}  // namespace wgan
