// Compressed input is read whole or refused. The fixtures were made by Python's gzip and zlib.
#include "wgan/io/gzip.h"

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

const std::string kText = "hello hello hello";
const std::string kMember = from_hex("1f8b0800000000000203cb48cdc9c957c84090008088f9e511000000");
const std::string kRaw = kMember.substr(10, kMember.size() - 18);  // without header and trailer

class Gzip : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_zlib()) GTEST_SKIP() << "built without zlib";
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.gz";
};

TEST_F(Gzip, ReadsOneMemberAndSeveral) {
  write_test_file(path_, kMember);
  EXPECT_EQ(text_of(read_gzip(path_, 1000)), kText);
  write_test_file(path_, kMember + kMember);
  EXPECT_EQ(text_of(read_gzip(path_, 1000)), kText + kText);
}

TEST_F(Gzip, HoldsTheLimitToTheByte) {
  write_test_file(path_, kMember);
  EXPECT_EQ(text_of(read_gzip(path_, kText.size())), kText);
  for (const size_t limit : {size_t{0}, size_t{1}, kText.size() - 1}) {
    expect_error(ErrorKind::kData, "more than", [&] { read_gzip(path_, limit); });
  }
}

TEST_F(Gzip, RefusesTruncationDamageAndTrailingBytes) {
  expect_every_truncation_refused(ErrorKind::kData, kMember, path_,
                                  [&] { read_gzip(path_, 1000); });
  expect_no_crash_on_damage(kMember, path_, [&] { read_gzip(path_, 1000); });
  std::string wrong_checksum = kMember;
  wrong_checksum[kMember.size() - 6] ^= 1;
  write_test_file(path_, wrong_checksum);
  expect_error(ErrorKind::kData, "incorrect data check", [&] { read_gzip(path_, 1000); });
  write_test_file(path_, kMember + "garbage");
  expect_error(ErrorKind::kData, "x.gz", [&] { read_gzip(path_, 1000); });
}

TEST_F(Gzip, InflatesRawStreamsOfExactlyTheirSize) {
  EXPECT_EQ(text_of(inflate_raw(bytes_of(kRaw), kText.size(), "x")), kText);
  expect_error(ErrorKind::kData, "holds more",
               [&] { inflate_raw(bytes_of(kRaw), kText.size() - 1, "x"); });
  expect_error(ErrorKind::kData, "promises 18 bytes, its compressed data holds 17",
               [&] { inflate_raw(bytes_of(kRaw), kText.size() + 1, "x"); });
  expect_error(ErrorKind::kData, "more than 10 compressed bytes can hold",
               [&] { inflate_raw(bytes_of(kRaw), size_t{1} << 60, "x"); });
  for (size_t length = 0; length < kRaw.size(); ++length) {
    EXPECT_THROW(inflate_raw(bytes_of(kRaw).first(length), kText.size(), "x"), Error) << length;
  }
}

TEST_F(Gzip, InflatesWhatItDeflated) {
  for (const std::string& text : {std::string(), kText, std::string(300'000, 'x')}) {
    const std::vector<std::byte> deflated = deflate_raw(bytes_of(text));
    EXPECT_LT(deflated.size(), text.size() / 100 + 30);
    EXPECT_EQ(text_of(inflate_raw(deflated, text.size(), "x")), text);
  }
}

TEST_F(Gzip, ComputesTheChecksumOfTheStandard) {
  EXPECT_EQ(crc32(bytes_of("123456789")), 0xcbf43926u);  // the check value of CRC-32/ISO-HDLC
}

}  // namespace
}  // namespace wgan
