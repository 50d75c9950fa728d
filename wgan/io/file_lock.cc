// flock(2): the system frees it when the process ends, however it ends.
#include "wgan/io/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "wgan/io/output_error.h"

namespace wgan {

FileLock::FileLock(const std::filesystem::path& file, const std::string& what) {
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw output_error("lock " + file.string(), errno);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const int error_number = errno;
  ::close(descriptor_);
  if (error_number != EWOULDBLOCK) throw output_error("lock " + file.string(), error_number);
  throw Error(ErrorKind::kUsage, fmt::format("another process is at work in {}", what),
              "wait for it, or stop it (kill -TERM saves first)");
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace wgan
