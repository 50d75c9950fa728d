// Maps errno to a hint.
#include "wgan/io/output_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace wgan {
namespace {

const char* output_hint(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another place with --out";
    case EFBIG:
      return "raise the limit on file sizes (ulimit -f) or choose another place with --out";
    case EACCES:
    case EPERM:
      return "check the permissions of the folder or choose another place with --out";
    case EROFS:
      return "the file system is read-only: check its permissions or choose another place with "
             "--out";
    case ENOENT:
    case ENOTDIR:
      return "check that the folder exists, or choose another place with --out";
    default:
      return "check the disk or choose another place with --out";
  }
}

}  // namespace

Error output_error(const std::string& doing, int error_number) {
  return Error(ErrorKind::kOutput, fmt::format("cannot {}: {}", doing, std::strerror(error_number)),
               output_hint(error_number));
}

}  // namespace wgan
