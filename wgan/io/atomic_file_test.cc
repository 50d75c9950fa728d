// Files appear complete or not at all, also when the disk is full.
#include "wgan/io/atomic_file.h"

#include <sys/resource.h>

#include <csignal>
#include <optional>
#include <string>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

int count_entries(const std::filesystem::path& folder) {
  int count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

// Lets no file of this process grow beyond `bytes`: the stand-in for a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

TEST(AtomicFile, AppearsOnlyAtCommit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out.bin";
  write_test_file(path, "old");
  {
    AtomicFile file(path);
    file.write("new ");
    file.write(bytes_of("bytes"));
    EXPECT_EQ(read_test_file(path), "old");
    file.commit();
    EXPECT_EQ(read_test_file(path), "new bytes");
  }
  EXPECT_EQ(read_test_file(path), "new bytes");
  EXPECT_EQ(count_entries(folder.path()), 1);
}

TEST(AtomicFile, LeavesNothingBehindWithoutCommit) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out.bin";
  {
    AtomicFile file(path);
    file.write(std::string(1 << 20, 'x'));
    EXPECT_EQ(count_entries(folder.path()), 1);  // the temporary
  }
  EXPECT_EQ(count_entries(folder.path()), 0);
}

TEST(AtomicFile, KeepsTheOrderOfSmallAndLargeWrites) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out.bin";
  std::string expected;
  AtomicFile file(path);
  for (int i = 0; i < 200; ++i) {
    const std::string piece(static_cast<size_t>(i % 7 == 0 ? 100'000 : i), char('a' + i % 26));
    expected += piece;
    file.write(piece);
  }
  file.commit();
  EXPECT_TRUE(read_test_file(path) == expected);
}

TEST(AtomicFile, GivesTwoWritersOfOneTargetTheirOwnTemporaries) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out.bin";
  AtomicFile first(path);
  AtomicFile second(path);
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  EXPECT_EQ(read_test_file(path), "first");
}

TEST(AtomicFile, ReportsAFullDiskAndKeepsTheOldFile) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "out.bin";
  write_test_file(path, "old");
  for (const size_t bytes : {size_t{5000}, size_t{1} << 20}) {  // buffered until commit, and not
    expect_error(ErrorKind::kOutput, "out.bin: File too large", [&] {
      AtomicFile file(path);
      const FileSizeLimit limit(4096);
      file.write(std::string(bytes, 'x'));
      file.commit();
    });
    EXPECT_EQ(read_test_file(path), "old");
    EXPECT_EQ(count_entries(folder.path()), 1);
  }
}

TEST(AtomicFile, RefusesFoldersThatCannotBeWrittenAndTargetsThatAreNoFiles) {
  const TemporaryFolder folder;
  const auto refuses = [](const std::filesystem::path& path, const char* why) {
    expect_error(ErrorKind::kOutput, why, [&] { write_file_atomically(path, "x"); });
  };
  refuses("/dev/null/x", "/dev/null/x: Not a directory");
  refuses(folder.path() / "missing" / "x", "check that the folder exists");
  refuses("/dev/null", "not a regular file");
  refuses(folder.path(), "not a regular file");
}

TEST(AtomicFile, IsWrittenByOneCall) {
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "x.txt", "text\n");
  EXPECT_EQ(read_test_file(folder.path() / "x.txt"), "text\n");
}

TEST(PublishFolder, TakesTheNameAndReplacesWhatHadIt) {
  const TemporaryFolder folder;
  const auto from = folder.path() / "new", to = folder.path() / "there";
  for (const char* text : {"first", "second"}) {
    std::filesystem::create_directory(from);
    write_test_file(from / "file", text);
    publish_folder(from, to);
    EXPECT_EQ(read_test_file(to / "file"), text);
    EXPECT_FALSE(std::filesystem::exists(from));
  }
  expect_error(ErrorKind::kOutput, "there2",
               [&] { publish_folder(to, folder.path() / "no" / "there2"); });
  EXPECT_EQ(read_test_file(to / "file"), "second");
}

}  // namespace
}  // namespace wgan
