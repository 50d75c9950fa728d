// CIFAR-10 batches are read as pixels and labels, and files of another size are refused.
#include "wgan/io/cifar.h"

#include <array>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

// A record whose byte p of plane c is (7 c + p) mod 251.
std::string record(char label) {
  std::string bytes(1, label);
  for (int c = 0; c < 3; ++c) {
    for (int p = 0; p < 1024; ++p) bytes += static_cast<char>((7 * c + p) % 251);
  }
  return bytes;
}

class Cifar : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "data_batch_1.bin";
};

TEST_F(Cifar, GivesLabelsAndInterleavedPixels) {
  write_test_file(path_, record(3) + record(9));
  const CifarFile file(path_);
  ASSERT_EQ(file.size(), 2);
  EXPECT_EQ(file.label(0), 3);
  EXPECT_EQ(file.label(1), 9);
  std::array<std::byte, 3072> pixels{};
  file.copy_pixels(1, pixels);
  for (size_t p = 0; p < 1024; ++p) {
    for (size_t c = 0; c < 3; ++c) {
      ASSERT_EQ(std::to_integer<size_t>(pixels[3 * p + c]), (7 * c + p) % 251) << p << " " << c;
    }
  }
  expect_error(ErrorKind::kInternal, "record 2 of 2", [&] { file.copy_pixels(2, pixels); });
}

TEST_F(Cifar, RefusesEveryTruncation) {
  expect_every_truncation_refused(ErrorKind::kData, record(1), path_,
                                  [&] { CifarFile file(path_); });
}

TEST_F(Cifar, RefusesPartsOfRecordsAndLabelsOfOtherSets) {
  const auto refuses = [&](const std::string& bytes, const char* why) {
    write_test_file(path_, bytes);
    expect_error(ErrorKind::kData, why, [&] { CifarFile file(path_); });
  };
  refuses("", "has 0 bytes");
  refuses(record(1) + "x", "has 3074 bytes");
  refuses(record(1) + record(10), "record 1 has the label 10");
  refuses(record(1) + record('\xff'), "record 1 has the label 255");
}

TEST_F(Cifar, TakesTheFineLabelsOfAHundredClasses) {
  write_test_file(path_, '\x07' + record(99) + '\x13' + record(42));
  const CifarFile file(path_, 100);
  ASSERT_EQ(file.size(), 2);
  EXPECT_EQ(file.label(0), 99);
  EXPECT_EQ(file.label(1), 42);
  std::array<std::byte, 3072> pixels{};
  file.copy_pixels(1, pixels);
  EXPECT_EQ(std::to_integer<int>(pixels[0]), 0);
  EXPECT_EQ(std::to_integer<int>(pixels[1]), 7);
  write_test_file(path_, '\x07' + record(100));
  expect_error(ErrorKind::kData, "labels 0 to 99", [&] { CifarFile(path_, 100); });
}

TEST_F(Cifar, ReadsTenClassNamesOrNone) {
  EXPECT_TRUE(read_cifar_class_names(folder_.path()).empty());
  const auto meta = folder_.path() / "batches.meta.txt";
  write_test_file(meta, "a\nb\nc\r\nd\ne\nf\ng\nh\ni\nlast one\n\n");
  const std::vector<std::string> names = read_cifar_class_names(folder_.path());
  ASSERT_EQ(names.size(), 10u);
  EXPECT_EQ(names[2], "c");
  EXPECT_EQ(names[9], "last one");
  for (const std::string& bad : {std::string("a\nb\n"), std::string(), std::string(5000, 'a'),
                                 std::string("a\nb\nc\nd\ne\nf\ng\nh\ni\n\0\n", 20)}) {
    write_test_file(meta, bad);
    expect_error(ErrorKind::kData, "batches.meta.txt",
                 [&] { read_cifar_class_names(folder_.path()); });
  }
}

}  // namespace
}  // namespace wgan
