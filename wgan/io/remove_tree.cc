// Walks the folder from its leaves up (POSIX).
#include "wgan/io/remove_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string_view>

namespace wgan {
namespace {

// Keeps the first error.
void note(int result, std::error_code& error) {
  if (result != 0 && errno != ENOENT && !error) error.assign(errno, std::generic_category());
}

// name: in the folder open as `parent`.
void remove_below(int parent, const char* name, std::error_code& error) {
  if (::unlinkat(parent, name, 0) == 0) return;
  const int reason = errno;
  const int descriptor = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (descriptor < 0) {  // no folder, or one that cannot be read
    if (errno == ENOTDIR || errno == ELOOP) errno = reason;
    note(-1, error);
    return;
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::fdopendir(descriptor), ::closedir);
  if (folder == nullptr) {
    note(-1, error);
    ::close(descriptor);
    return;
  }
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view inner = entry->d_name;
    if (inner != "." && inner != "..") remove_below(descriptor, entry->d_name, error);
  }
  note(::unlinkat(parent, name, AT_REMOVEDIR), error);
}

}  // namespace

std::error_code remove_tree(const std::filesystem::path& path) {
  std::error_code error;
  remove_below(AT_FDCWD, path.c_str(), error);
  return error;
}

}  // namespace wgan
