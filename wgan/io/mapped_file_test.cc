// Mapped files show the bytes of the file and refuse what is no readable regular file.
#include "wgan/io/mapped_file.h"

#include <sys/stat.h>

#include <utility>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

TEST(MappedFile, ShowsTheBytesOfTheFileAndSurvivesMoves) {
  const TemporaryFolder folder;
  write_test_file(folder.path() / "a", "hello");
  write_test_file(folder.path() / "b", "there");
  MappedFile first(folder.path() / "a");
  EXPECT_EQ(text_of(first.bytes()), "hello");
  MappedFile second(std::move(first));
  EXPECT_EQ(text_of(second.bytes()), "hello");
  second = MappedFile(folder.path() / "b");
  EXPECT_EQ(text_of(second.bytes()), "there");
}

TEST(MappedFile, IsEmptyForAnEmptyFile) {
  const TemporaryFolder folder;
  write_test_file(folder.path() / "empty", "");
  EXPECT_TRUE(MappedFile(folder.path() / "empty").bytes().empty());
}

TEST(MappedFile, RefusesMissingFilesFoldersDevicesAndPipes) {
  const TemporaryFolder folder;
  const auto refuses = [](const std::filesystem::path& path, const char* why) {
    expect_error(ErrorKind::kData, why, [&] { MappedFile file(path); });
  };
  refuses(folder.path() / "missing.npy", "missing.npy: No such file");
  refuses(folder.path(), "it is a folder");
  refuses("/dev/null", "a regular file is wanted");
  refuses("/dev/null/x", "/dev/null/x: Not a directory");
  ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
  refuses(folder.path() / "pipe", "a regular file is wanted");
}

TEST(TemporaryFolder, IsRemovedWithItsContents) {
  std::filesystem::path kept;
  {
    const TemporaryFolder folder;
    kept = folder.path();
    std::filesystem::create_directories(kept / "deep" / "deeper");
    write_test_file(kept / "deep" / "file", "x");
  }
  EXPECT_FALSE(std::filesystem::exists(kept));
}

}  // namespace
}  // namespace wgan
