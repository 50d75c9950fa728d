// NPY and NPZ files of NumPy 1.24 are read, the written bytes are NumPy's own, and what is not
// supported is refused with the way out. The fixtures were made by numpy.save and numpy.savez.
#include "wgan/io/npy.h"

#include <cstring>

#include "wgan/io/gzip.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/io/zip.h"

namespace wgan {
namespace {

using Shape = std::vector<int64_t>;

// An NPY file with this dictionary and data; the header is padded as NumPy pads it.
std::string npy(std::string dictionary, const std::string& data, int major = 1) {
  const size_t start = major == 1 ? 10 : 12;
  while ((start + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  std::string file = std::string("\x93NUMPY") + static_cast<char>(major) + '\0';
  for (size_t i = 0; i < start - 8; ++i) {
    file += static_cast<char>(dictionary.size() >> (8 * i) & 0xff);
  }
  return file + dictionary + data;
}

// numpy.arange(6, dtype='<f4').reshape(2, 3)
const std::string kFloats = from_hex(
    "934e554d5059010076007b276465736372273a20273c6634272c2027666f727472616e5f6f7264657227"
    "3a2046616c73652c20277368617065273a2028322c2033292c207d202020202020202020202020202020"
    "202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "200a000000000000803f0000004000004040000080400000a040");
// numpy.array([1, 2, 3], dtype='u1'), in format version 2
const std::string kBytesVersion2 = from_hex(
    "934e554d50590200740000007b276465736372273a20277c7531272c2027666f727472616e5f6f726465"
    "72273a2046616c73652c20277368617065273a2028332c292c207d202020202020202020202020202020"
    "202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "200a010203");

class Npy : public testing::Test {
 protected:
  void expect_refused(const std::string& file, const char* why) {
    write_test_file(path_, file);
    expect_error(ErrorKind::kData, why, [&] { map_npy(path_); });
    expect_error(ErrorKind::kData, "x.npy", [&] { map_npy(path_); });
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.npy";
};

TEST_F(Npy, ReadsNumpysFloats) {
  write_test_file(path_, kFloats);
  const NpyArray array = map_npy(path_);
  EXPECT_EQ(array.type, NpyType::kFloat32);
  EXPECT_EQ(array.shape, (Shape{2, 3}));
  ASSERT_EQ(array.bytes.size(), 24u);
  for (size_t i = 0; i < 6; ++i) {
    float value = -1;
    std::memcpy(&value, array.bytes.data() + 4 * i, 4);
    EXPECT_EQ(value, static_cast<float>(i));
  }
}

TEST_F(Npy, ReadsVersionsTwoAndThreeScalarsEmptyArraysAndEveryType) {
  write_test_file(path_, kBytesVersion2);
  EXPECT_EQ(text_of(map_npy(path_).bytes), "\x01\x02\x03");
  const std::string order = ", 'fortran_order': False, 'shape': ";
  const auto shape_of = [&](const std::string& file) {
    write_test_file(path_, file);
    return map_npy(path_).shape;
  };
  EXPECT_EQ(shape_of(npy("{'descr': '|u1'" + order + "(2, 1), }", "ab", 3)), (Shape{2, 1}));
  EXPECT_EQ(shape_of(npy("{'descr': '<i8'" + order + "(), }", "12345678")), Shape{});
  EXPECT_EQ(shape_of(npy("{'descr': '<f8'" + order + "(0, 7), }", "")), (Shape{0, 7}));
  EXPECT_EQ(shape_of(npy("{'shape': (1,), 'descr': \"<i4\", 'fortran_order': True}", "1234")),
            (Shape{1}));
}

// numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)) as uint8, and its first two rows as >u2.
TEST_F(Npy, TurnsFortranOrderAndBigEndianNumbersRound) {
  std::string columns;
  for (int c = 0; c < 4; ++c) {
    for (int b = 0; b < 3; ++b) {
      for (int a = 0; a < 2; ++a) columns += static_cast<char>(a * 12 + b * 4 + c);
    }
  }
  write_test_file(path_,
                  npy("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 4), }", columns));
  std::string counting;
  for (int i = 0; i < 24; ++i) counting += static_cast<char>(i);
  EXPECT_EQ(text_of(map_npy(path_).bytes), counting);
  write_test_file(path_, npy("{'descr': '>u2', 'fortran_order': False, 'shape': (2,), }",
                             from_hex("0102 fffe")));
  EXPECT_EQ(map_npy(path_).type, NpyType::kUint16);
  EXPECT_EQ(text_of(map_npy(path_).bytes), from_hex("0201 feff"));
  write_test_file(path_, npy("{'descr': '>u2', 'fortran_order': True, 'shape': (2, 2), }",
                             from_hex("0001 0003 0002 0004")));
  EXPECT_EQ(text_of(map_npy(path_).bytes), from_hex("0100 0200 0300 0400"));
}

// numpy.array(["ab", "c"]) and numpy.array([b"ab", b"c"]).
TEST_F(Npy, ReadsTextsAsCharacters) {
  const std::string rest = ", 'fortran_order': False, 'shape': (2,), }";
  const std::string utf32 = from_hex("61000000 62000000 63000000 00000000");
  const std::string swapped = from_hex("00000061 00000062 00000063 00000000");
  for (const std::string& file :
       {npy("{'descr': '<U2'" + rest, utf32), npy("{'descr': '>U2'" + rest, swapped),
        npy("{'descr': '|S2'" + rest, from_hex("61626300"))}) {
    write_test_file(path_, file);
    const NpyArray array = map_npy(path_);
    EXPECT_EQ(array.type, NpyType::kCharacter);
    EXPECT_EQ(array.shape, (Shape{2, 2}));
    EXPECT_EQ(text_of(array.bytes), utf32);
  }
  expect_refused(npy("{'descr': '<U99999999999999999999'" + rest, utf32), "elements of type");
  expect_refused(npy("{'descr': '<U0'" + rest, ""), "elements of type");
}

TEST_F(Npy, RefusesOtherElementTypesAndSaysWhich) {
  const std::string rest = ", 'fortran_order': False, 'shape': (1,), }";
  expect_refused(npy("{'descr': '|O'" + rest, "pickle"), "Python objects");
  expect_refused(npy("{'descr': '<f16'" + rest, "abcdefghabcdefgh"), "supported are bool");
  expect_refused(npy("{'descr': '<c8'" + rest, "abcdefgh"), "x.real");
  expect_refused(npy("{'descr': '<M8[s]'" + rest, "abcdefgh"), "elements of type '<M8[s]'");
  expect_refused(npy("{'descr': [('a', '<f4')]" + rest, "abcd"), "structured array");
  expect_refused(npy("{'descr': [('a', '<f4'), ('n', '<U3'), ('b', '|b1')]" + rest, "abcd"),
                 "structured_to_unstructured(x[['a', 'b']])");
  expect_refused(npy("{'descr': [('a', '<f4'), ('b', '<f8', (2,))]" + rest, "abcd"),
                 "structured_to_unstructured(x))");
  expect_refused(npy("{'descr': [('a', [('b', '<f8')])]" + rest, "abcd"), "structured array");
  expect_refused(npy("{'descr': [", ""), "structured array");
  expect_refused(npy("{'descr': '|O', 'fortran_order': False, 'shape': (), }", "pickle"),
                 "**x.item()");
}

TEST_F(Npy, RefusesMalformedHeaders) {
  for (const char* dictionary :
       {"", "{", "{}", "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} x",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': (1,)}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1.0,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1 1)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': [1]}",
        "{'descr': '|u1, 'fortran_order': False, 'shape': (1,)}"}) {
    SCOPED_TRACE(dictionary);
    expect_refused(npy(dictionary, "a"), "the NPY header");
  }
  std::string many = "(";
  for (int i = 0; i < 33; ++i) many += "1, ";
  expect_refused(npy("{'descr': '|u1', 'fortran_order': False, 'shape': " + many + ")}", "a"),
                 "more than 32 dimensions");
  expect_refused("PK\x03\x04", "no NPY file");
  std::string version = kFloats;
  version[6] = 4;
  expect_refused(version, "version 4.0");
}

TEST_F(Npy, RefusesHeadersThatLieAboutTheirLengths) {
  const auto with_shape = [](const std::string& shape, const std::string& data) {
    return npy("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", data);
  };
  expect_refused(with_shape("(2,)", "1234567"), "promise 8 bytes of data, it holds 7");
  expect_refused(with_shape("(2,)", "123456789"), "promise 8 bytes of data, it holds 9");
  expect_refused(with_shape("(4294967296, 4294967296)", ""), "more than 2^63");
  expect_refused(with_shape("(4611686018427387904,)", ""), "more than 2^63");
  expect_refused(from_hex("934e554d50590200 ffffffff") + "{}", "promises an NPY header of 42949");
}

TEST_F(Npy, RefusesEveryTruncationAndSurvivesDamage) {
  const auto read = [&] { map_npy(path_); };
  const std::string fortran =
      npy("{'descr': '>i2', 'fortran_order': True, 'shape': (1, 2), }", "abcd");
  for (const std::string& file : {kFloats, kBytesVersion2, fortran}) {
    expect_every_truncation_refused(ErrorKind::kData, file, path_, read);
    expect_no_crash_on_damage(file, path_, read);
  }
}

TEST_F(Npy, WritesTheBytesThatNumpyWrites) {
  NpyWriter writer(path_, NpyType::kFloat32, Shape{2, 3});
  writer.append(bytes_of(kFloats).subspan(128, 12));
  EXPECT_FALSE(std::filesystem::exists(path_));
  writer.append(bytes_of(kFloats).subspan(140, 12));
  writer.commit();
  EXPECT_EQ(read_test_file(path_), kFloats);
}

TEST_F(Npy, ReadsBackWhatItWritesWithAlignedData) {
  for (const Shape& shape : {Shape{}, Shape{8}, Shape{2, 4}, Shape{1, 2, 2, 2}, Shape{0, 3},
                             Shape{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 8}}) {
    const std::string data(shape.empty() ? 8 : shape[0] == 0 ? 0 : 64, 'd');
    write_npy(path_, NpyType::kFloat64, shape, bytes_of(data));
    const NpyArray array = map_npy(path_);
    EXPECT_EQ(array.type, NpyType::kFloat64);
    EXPECT_EQ(array.shape, shape);
    EXPECT_EQ(text_of(array.bytes), data);
    EXPECT_EQ((read_test_file(path_).size() - data.size()) % 64, 0u);
  }
}

TEST_F(Npy, WritersRefuseTooFewAndTooManyBytesAndLeaveNothing) {
  expect_error(ErrorKind::kInternal, "more data",
               [&] { write_npy(path_, NpyType::kUint8, Shape{2}, bytes_of("abc")); });
  expect_error(ErrorKind::kInternal, "never written",
               [&] { write_npy(path_, NpyType::kUint8, Shape{2}, bytes_of("a")); });
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

// numpy.savez(x=numpy.array([[1, 2], [3, 4]], 'u1'), y=numpy.array([0.5], '<f4')), stored ...
const std::string kStored = from_hex(
    "504b030414000000000000002100825f58eb840000008400000005001400782e6e707901001000840000"
    "00000000008400000000000000934e554d5059010076007b276465736372273a20277c7531272c202766"
    "6f727472616e5f6f72646572273a2046616c73652c20277368617065273a2028322c2032292c207d2020"
    "202020202020202020202020202020202020202020202020202020202020202020202020202020202020"
    "20202020202020202020202020200a01020304504b0304140000000000000021001aaed4488400000084"
    "00000005001400792e6e70790100100084000000000000008400000000000000934e554d505901007600"
    "7b276465736372273a20273c6634272c2027666f727472616e5f6f72646572273a2046616c73652c2027"
    "7368617065273a2028312c292c207d202020202020202020202020202020202020202020202020202020"
    "2020202020202020202020202020202020202020202020202020202020202020200a0000003f504b0102"
    "140314000000000000002100825f58eb8400000084000000050000000000000000000000800100000000"
    "782e6e7079504b01021403140000000000000021001aaed4488400000084000000050000000000000000"
    "0000008001bb000000792e6e7079504b0506000000000200020066000000760100000000");
// ... and numpy.savez_compressed of the same.
const std::string kDeflated = from_hex(
    "504b030414000000080000002100825f58eb4a0000008400000005001400782e6e707901001000840000"
    "00000000004a000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a05e536aa8aea3a09e"
    "965f54529498179f5f94920a12774bcc294e058a17672416a402f91a463a0a469a3a0ab50a64032e4626"
    "661600504b0304140000000800000021001aaed448480000008400000005001400792e6e707901001000"
    "840000000000000048000000000000009bec17ea1b10c9c850c650ad9e925a9c5ca46ea5a06e9366a2ae"
    "a3a09e965f54529498179f5f94920a12774bcc294e058a17672416a402f91a863a9a3a0ab50a14002e06"
    "06067b00504b0102140314000000080000002100825f58eb4a0000008400000005000000000000000000"
    "0000800100000000782e6e7079504b01021403140000000800000021001aaed448480000008400000005"
    "0000000000000000000000800181000000792e6e7079504b050600000000020002006600000000010000"
    "0000");

class Npz : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_zlib()) GTEST_SKIP() << "built without zlib";
  }
  void expect_refused(const std::string& file, const char* why, size_t limit = 1000) {
    write_test_file(path_, file);
    expect_error(ErrorKind::kData, why, [&] { read_npz(path_, limit); });
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.npz";
};

TEST_F(Npz, ReadsStoredAndCompressedArchives) {
  for (const std::string& file : {kStored, kDeflated}) {
    write_test_file(path_, file);
    const auto arrays = read_npz(path_, 1000);
    ASSERT_EQ(arrays.size(), 2u);
    EXPECT_EQ(arrays[0].first, "x");
    EXPECT_EQ(arrays[0].second.shape, (Shape{2, 2}));
    EXPECT_EQ(text_of(arrays[0].second.bytes), "\x01\x02\x03\x04");
    EXPECT_EQ(arrays[1].first, "y");
    EXPECT_EQ(arrays[1].second.type, NpyType::kFloat32);
    EXPECT_EQ(text_of(arrays[1].second.bytes), from_hex("0000003f"));
  }
}

TEST_F(Npz, RefusesEveryTruncationAndSurvivesDamage) {
  for (const std::string& file : {kStored, kDeflated}) {
    expect_every_truncation_refused(ErrorKind::kData, file, path_, [&] { read_npz(path_, 1000); });
    expect_no_crash_on_damage(file, path_, [&] { read_npz(path_, 1000); });
  }
}

TEST_F(Npz, HoldsTheLimitOverAllMembers) {
  write_test_file(path_, kDeflated);
  EXPECT_NO_THROW(read_npz(path_, 264));  // two members of 132 bytes
  expect_refused(kDeflated, "'y.npy' alone 132, 131 were left", 263);
}

TEST_F(Npz, NamesAZipArchiveOfOtherFilesAsWhatItIs) {
  write_zip(path_, std::vector<ZipMember>{{"a.png", bytes_of("picture"), nullptr},
                                          {"b.png", bytes_of("picture"), nullptr}});
  expect_error(ErrorKind::kData, "zip archive of 2 files, 'a.png'", [&] { read_npz(path_, 0); });
  expect_error(ErrorKind::kData, "unzip '", [&] { read_npz(path_, 0); });
}

// The arrays of kStored and kDeflated.
std::vector<std::pair<std::string, NpyArray>> two_arrays() {
  static const std::string x = "\x01\x02\x03\x04", y = from_hex("0000003f");
  return {{"x", {.type = NpyType::kUint8, .shape = {2, 2}, .bytes = bytes_of(x), .owner = {}}},
          {"y", {.type = NpyType::kFloat32, .shape = {1}, .bytes = bytes_of(y), .owner = {}}}};
}

// With zlib or without.
class NpzWriting : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.npz";
};

TEST_F(NpzWriting, IsReadAsItWasWritten) {
  std::vector<std::pair<std::string, NpyArray>> written = two_arrays();
  const std::string many(100'000, 'z');
  written.push_back(
      {"empty", {.type = NpyType::kInt64, .shape = {0, 3}, .bytes = {}, .owner = {}}});
  written.push_back({"many", {.shape = {100'000}, .bytes = bytes_of(many), .owner = {}}});
  write_npz(path_, written);
  const auto read = read_npz(path_, 200'000);
  ASSERT_EQ(read.size(), written.size());
  for (size_t i = 0; i < read.size(); ++i) {
    EXPECT_EQ(read[i].first, written[i].first);
    EXPECT_EQ(read[i].second.type, written[i].second.type);
    EXPECT_EQ(read[i].second.shape, written[i].second.shape);
    EXPECT_EQ(text_of(read[i].second.bytes), text_of(written[i].second.bytes));
  }
  EXPECT_EQ(std::filesystem::file_size(path_) < 3000, has_zlib()) << "is compressed";
  write_npz(path_, {});
  EXPECT_TRUE(read_npz(path_, 0).empty());
}

// NumPy leaves the sizes of the local header to a zip64 field and sets the same directory.
TEST_F(Npz, WritesTheDirectoryThatNumPyWrites) {
  write_npz(path_, two_arrays());
  const std::string file = read_test_file(path_);
  const auto entry_of = [](const std::string& archive, const char* name) {
    const size_t at = archive.rfind(std::string(name)) - 46;
    return archive.substr(at, 20) + archive.substr(at + 24, 18);  // not compressed size and place
  };
  for (const char* name : {"x.npy", "y.npy"}) {
    EXPECT_EQ(entry_of(file, name), entry_of(kDeflated, name));
  }
  expect_every_truncation_refused(ErrorKind::kData, file, path_, [&] { read_npz(path_, 1000); });
}

TEST_F(NpzWriting, RefusesWhatDoesNotFitAndLeavesNothing) {
  auto arrays = two_arrays();
  arrays[1].second.shape = {2};
  expect_error(ErrorKind::kInternal, "do not fit", [&] { write_npz(path_, arrays); });
  arrays = two_arrays();
  arrays[1].first = "x";
  expect_error(ErrorKind::kInternal, "comes twice", [&] { write_npz(path_, arrays); });
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(Npz, RefusesDirectoriesThatLie) {
  const size_t entry = kDeflated.size() - 22 - 102;  // two entries of 51 bytes, the end record
  const auto with = [&](size_t offset, const char* hex) {
    std::string file = kDeflated;
    const std::string bytes = from_hex(hex);
    file.replace(offset, bytes.size(), bytes);
    return file;
  };
  expect_refused(with(entry + 24, "85000000"), "promises 133 bytes");
  expect_refused(with(entry + 24, "feffffff"), "compressed bytes can hold", size_t{1} << 40);
  expect_refused(with(entry + 24, "ffffffff"), "zip64");
  expect_refused(with(entry + 20, "ffff0000"), "the file ends at");
  expect_refused(with(entry + 16, "00000000"), "has the checksum");
  expect_refused(with(entry + 10, "0c00"), "compressed by method 12");
  expect_refused(with(entry + 8, "0100"), "encrypted");
  expect_refused(with(entry + 42, "10000000"), "does not begin where");
  expect_refused(with(entry + 42, "81000000"), "another name");
  expect_refused(with(entry + 46, "79"), "two members named 'y.npy'");
  const size_t end = kDeflated.size() - 22;
  expect_refused(with(end + 8, "01000100"), "promises 1 member, its directory holds more");
  expect_refused(with(end + 8, "03000300"), "damaged directory");
  expect_refused(with(end + 12, "65000000"), "promises a directory");
  expect_refused("PK\x05\x06", "no zip archive");
}

}  // namespace
}  // namespace wgan
