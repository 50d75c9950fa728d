// Hints fit the reason for which something could not be written.
#include "wgan/io/output_error.h"

#include <cerrno>

#include "wgan/io/test_support.h"

namespace wgan {
namespace {

TEST(OutputError, SaysTheReasonAndAHintThatFits) {
  for (const auto& [number, reason, hint] :
       {std::tuple{ENOSPC, "cannot write x: No space left on device", "free some space"},
        {EDQUOT, "quota", "free some space"},
        {EACCES, "Permission denied", "check the permissions"},
        {EROFS, "Read-only file system", "permissions"},
        {ENOENT, "No such file", "folder exists"}}) {
    expect_error(ErrorKind::kOutput, reason, [n = number] { throw output_error("write x", n); });
    expect_error(ErrorKind::kOutput, hint, [n = number] { throw output_error("write x", n); });
  }
}

}  // namespace
}  // namespace wgan
