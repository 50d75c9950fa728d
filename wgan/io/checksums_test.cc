// Checksums find every changed byte, and agree with sha256sum.
#include "wgan/io/checksums.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

struct Checksums : testing::Test {
  TemporaryFolder folder;
  std::vector<std::string> files{"a", "b"};

  void SetUp() override {
    write_test_file(folder.path() / "a", "some bytes");
    write_test_file(folder.path() / "b", "");
    write_checksums(folder.path(), files);
  }
  void expect_refused(const std::string& fragment) const {
    expect_error(ErrorKind::kIncompatible, fragment,
                 [&] { check_checksums(folder.path(), files); });
  }
};

TEST_F(Checksums, AreThoseOfSha256sum) {
  EXPECT_NO_THROW(check_checksums(folder.path(), files));
  const std::string command = "cd '" + folder.path().string() + "' && sha256sum -c SHA256SUMS";
  EXPECT_EQ(std::system((command + " >/dev/null 2>&1").c_str()), 0);
}

TEST_F(Checksums, FindEveryFlippedBit) {
  for (const char* name : {"a", "SHA256SUMS"}) {
    const std::string good = read_test_file(folder.path() / name);
    for (size_t i = 0; i < good.size() * 8; ++i) {
      std::string bad = good;
      bad[i / 8] = static_cast<char>(bad[i / 8] ^ (1 << (i % 8)));
      write_test_file(folder.path() / name, bad);
      SCOPED_TRACE(std::string(name) + ", bit " + std::to_string(i));
      expect_refused("damaged");
    }
    write_test_file(folder.path() / name, good);
  }
}

TEST_F(Checksums, FindWhatIsMissing) {
  write_test_file(folder.path() / "b", "longer");
  expect_refused("b is damaged: its checksum");
  fs::remove(folder.path() / "b");
  expect_refused("b is missing");
  files.push_back("c");
  write_test_file(folder.path() / "b", "");
  expect_refused("does not list c");
  fs::remove(folder.path() / "SHA256SUMS");
  expect_refused("no SHA256SUMS");
}

}  // namespace
}  // namespace wgan
