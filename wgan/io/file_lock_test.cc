// A lock is held by one process, and dies with it.
#include "wgan/io/file_lock.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

TEST(FileLock, IsHeldOnceAndFreedWithItsObject) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  {
    const FileLock lock(file, "this run");
    expect_error(ErrorKind::kUsage, "at work in this run", [&] { FileLock(file, "this run"); });
  }
  EXPECT_NO_THROW(FileLock(file, "this run"));
}

TEST(FileLock, DiesWithAKilledOwner) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(file, "this run");
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  expect_error(ErrorKind::kUsage, "at work", [&] { FileLock(file, "this run"); });
  ::kill(child, SIGKILL);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_NO_THROW(FileLock(file, "this run"));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, SaysWhereItCannotBe) {
  const TemporaryFolder folder;
  expect_error(ErrorKind::kOutput, "lock", [&] { FileLock(folder.path() / "no" / "lock", "x"); });
}

}  // namespace
}  // namespace wgan
