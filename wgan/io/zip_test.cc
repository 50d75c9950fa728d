// Members are handed out one by one within a limit, from archives in zip64 form too.
#include "wgan/io/zip.h"

#include <gtest/gtest.h>

#include "wgan/io/gzip.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

std::string little(uint64_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i, value >>= 8) text += static_cast<char>(value & 0xff);
  return text;
}

// An archive with one stored member whose sizes and place stand in a zip64 field, and whose
// directory is found through a zip64 record (APPNOTE.TXT 6.3, 4.3.14, 4.3.15 and 4.5.3).
std::string zip64_of(const std::string& name, const std::string& data) {
  const std::string none(4, '\xff');
  const std::string checked = little(crc32(bytes_of(data)), 4);
  const std::string local = "PK\x03\x04" + little(45, 2) + little(0, 8) + checked + none + none +
                            little(name.size(), 2) + little(0, 2) + name + data;
  const std::string field =
      little(1, 2) + little(24, 2) + little(data.size(), 8) + little(data.size(), 8) + little(0, 8);
  const std::string other = little(0x5455, 2) + little(1, 2) + "t";  // a field to be passed over
  const std::string entry = "PK\x01\x02" + little(45, 2) + little(45, 2) + little(0, 8) + checked +
                            none + none + little(name.size(), 2) +
                            little(other.size() + field.size(), 2) + little(0, 10) + none + name +
                            other + field;
  const std::string record = "PK\x06\x06" + little(44, 8) + little(45, 2) + little(45, 2) +
                             little(0, 8) + little(1, 8) + little(1, 8) + little(entry.size(), 8) +
                             little(local.size(), 8);
  const std::string locator =
      "PK\x06\x07" + little(0, 4) + little(local.size() + entry.size(), 8) + little(1, 4);
  return local + entry + record + locator + "PK\x05\x06" + little(0, 4) + little(0xffff, 2) +
         little(0xffff, 2) + none + none + little(0, 2);
}

class Zip : public testing::Test {
 protected:
  std::string first_member() const { return text_of(read_zip(path_, 1000).at(0).bytes); }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.zip";
};

TEST_F(Zip, ReadsZip64AndRefusesEveryTruncationOfIt) {
  const std::string archive = zip64_of("a.png", "content");
  write_test_file(path_, archive);
  EXPECT_EQ(zip_names(path_), std::vector<std::string>{"a.png"});
  EXPECT_EQ(first_member(), "content");
  expect_every_truncation_refused(ErrorKind::kData, archive, path_, [&] { first_member(); });
}

TEST_F(Zip, RefusesZip64RecordsThatLie) {
  const std::string archive = zip64_of("a.png", "content");
  const auto refuses = [&](const char* after, size_t offset, const char* why) {
    std::string damaged = archive;
    damaged[archive.find(after) + offset] = '\x7f';
    write_test_file(path_, damaged);
    expect_error(ErrorKind::kData, why, [&] { first_member(); });
  };
  refuses("PK\x06\x07", 8, "no zip64 record where it says");
  refuses("PK\x06\x07", 15, "no zip64 record where it says");
  refuses("PK\x06\x06", 40, "promises a directory");
  refuses("PK\x06\x06", 55, "promises a directory");
  refuses("PK\x06\x06", 32, "damaged directory");
  refuses("PK\x01\x02", 46 + 5 + 5, "lacks its zip64 field");
  refuses("PK\x01\x02", 46 + 5 + 5 + 4 + 7, "yet takes");
}

TEST_F(Zip, HandsOutWhatIsWantedWithinTheLimit) {
  const std::string small(10, 's'), large(1000, 'l');
  write_zip(path_, std::vector<ZipMember>{{"large", bytes_of(large), nullptr},
                                          {"small", bytes_of(small), nullptr}});
  std::string seen;
  const auto see = [&](const ZipMember& member) { seen += member.name; };
  for_each_in_zip(
      path_, 10, [](const auto& name) { return name == "small"; }, see);
  EXPECT_EQ(seen, "small");
  expect_error(ErrorKind::kData, "more than 1009 bytes", [&] {
    for_each_in_zip(
        path_, 1009, [](const auto&) { return true; }, see);
  });
  EXPECT_EQ(seen, "small");
  for_each_in_zip(
      path_, 1010, [](const auto&) { return true; }, see);
  EXPECT_EQ(seen, "smalllargesmall");
}

}  // namespace
}  // namespace wgan
