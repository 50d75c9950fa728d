// IDX files are read plain and compressed, and refused where the header and the data disagree.
#include "wgan/io/idx.h"

#include <algorithm>
#include <cstdlib>

#include "wgan/io/gzip.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

// 2 x 1 x 3 unsigned bytes, plain and as Python's gzip compresses it.
const std::string kPlain = from_hex("00000803 00000002 00000001 00000003 010203 0a0b0c");
const std::string kCompressed =
    from_hex("1f8b08000000000002036360e060666060600262462066666462e6e2e601002aaab88a16000000");

class Idx : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "images-idx3-ubyte";
};

TEST_F(Idx, ReadsShapeAndBytes) {
  write_test_file(path_, kPlain);
  const IdxArray array = read_idx(path_);
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 1, 3}));
  EXPECT_EQ(text_of(array.bytes), from_hex("0102030a0b0c"));
}

TEST_F(Idx, ReadsCompressedFilesWhateverTheirName) {
  if (!has_zlib()) GTEST_SKIP() << "built without zlib";
  write_test_file(path_, kCompressed);
  const IdxArray array = read_idx(path_);
  EXPECT_EQ(array.shape, (std::vector<int64_t>{2, 1, 3}));
  EXPECT_EQ(text_of(array.bytes), from_hex("0102030a0b0c"));
  expect_error(ErrorKind::kData, "more than 21 bytes", [&] { read_idx(path_, 21); });
  expect_every_truncation_refused(ErrorKind::kData, kCompressed, path_, [&] { read_idx(path_); });
}

TEST_F(Idx, RefusesEveryTruncationAndSurvivesDamage) {
  const auto read = [&] { read_idx(path_); };
  expect_every_truncation_refused(ErrorKind::kData, kPlain, path_, read);
  expect_no_crash_on_damage(kPlain, path_, read);
}

TEST_F(Idx, RefusesHeadersThatLie) {
  const auto refuses = [&](const char* hex, const char* why) {
    write_test_file(path_, from_hex(hex));
    expect_error(ErrorKind::kData, why, [&] { read_idx(path_); });
  };
  refuses("00000801 00000003 0102", "promises 3 bytes of data, it holds 2");
  refuses("00000801 00000003 01020304", "promises 3 bytes of data, it holds 4");
  refuses("00000803 ffffffff ffffffff ffffffff 01", "promises more than 2^63 bytes");
  refuses("00000800 01", "promises 0 dimensions");
  refuses("000008ff 00000001 01", "promises 255 dimensions");
  refuses("00000d01 00000001 00000000", "IDX type 0x0d");
  refuses("89504e47 0d0a1a0a", "no IDX file");
}

TEST_F(Idx, ReadsMnist) {
  const char* data = std::getenv("WGAN_DATA");
  if (data == nullptr || !has_zlib()) GTEST_SKIP() << "needs WGAN_DATA and zlib";
  const std::filesystem::path mnist = std::filesystem::path(data) / "mnist";
  const IdxArray images = read_idx(mnist / "t10k-images-idx3-ubyte.gz");
  const IdxArray labels = read_idx(mnist / "t10k-labels-idx1-ubyte.gz");
  EXPECT_EQ(images.shape, (std::vector<int64_t>{10000, 28, 28}));
  EXPECT_EQ(labels.shape, (std::vector<int64_t>{10000}));
  // The published count of the test set's sevens, and its first label.
  EXPECT_EQ(std::count(labels.bytes.begin(), labels.bytes.end(), std::byte{7}), 1028);
  EXPECT_EQ(labels.bytes[0], std::byte{7});
}

}  // namespace
}  // namespace wgan
