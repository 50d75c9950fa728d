// Safetensors files survive a round trip and are refused wherever header and data disagree.
#include "wgan/io/safetensors.h"

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

// A file with this header and data.
std::string file_of(const std::string& header, const std::string& data) {
  std::string file;
  for (size_t i = 0; i < 8; ++i) file += static_cast<char>(header.size() >> (8 * i) & 0xff);
  return file + header + data;
}

class Safetensors : public testing::Test {
 protected:
  void expect_refused(const std::string& file, const char* why) {
    write_test_file(path_, file);
    expect_error(ErrorKind::kIncompatible, why, [&] { SafetensorsFile read(path_); });
    expect_error(ErrorKind::kIncompatible, "x.safetensors", [&] { SafetensorsFile read(path_); });
  }
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "x.safetensors";
};

TEST_F(Safetensors, SurviveARoundTrip) {
  const std::string floats(24, 'f');
  const std::string longs(16, 'l');
  const TensorView tensors[] = {{"mask", "U8", {3}, bytes_of("abc")},
                                {"conv.weight", "F32", {2, 1, 3}, bytes_of(floats)},
                                {"scale", "F64", {}, bytes_of("12345678")},
                                {"none", "F32", {0, 4}, {}},
                                {"steps", "I64", {2}, bytes_of(longs)}};
  const std::map<std::string, std::string> metadata{{"format", "pt"}, {"say \"é\"", "a\nb"}};
  write_safetensors(path_, tensors, metadata);
  const SafetensorsFile file(path_);
  EXPECT_EQ(file.metadata(), metadata);
  ASSERT_EQ(file.tensors().size(), 5u);
  for (const TensorView& written : tensors) {
    const TensorView& read = file.find(written.name);
    EXPECT_EQ(read.dtype, written.dtype);
    EXPECT_EQ(read.shape, written.shape);
    EXPECT_EQ(text_of(read.bytes), text_of(written.bytes));
  }
}

TEST_F(Safetensors, AlignEveryArrayToItsElements) {
  const TensorView tensors[] = {{"u", "U8", {3}, bytes_of("abc")},
                                {"f", "F32", {1}, bytes_of("1234")},
                                {"d", "F64", {1}, bytes_of("12345678")}};
  write_safetensors(path_, tensors, {});
  const SafetensorsFile file(path_);
  const auto address = [&](const char* name) {
    return reinterpret_cast<uintptr_t>(file.find(name).bytes.data());
  };
  EXPECT_EQ(address("d") % 8, 0u);
  EXPECT_EQ(address("f") % 4, 0u);
}

TEST_F(Safetensors, AreWrittenByteForByteAsTheFormatSays) {
  const TensorView tensors[] = {{"a", "U8", {2}, bytes_of("xy")}};
  write_safetensors(path_, tensors, {{"k", "v"}});
  EXPECT_EQ(read_test_file(path_),
            file_of("{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"U8\",\"shape\":[2],"
                    "\"data_offsets\":[0,2]}}  ",
                    "xy"));
}

TEST_F(Safetensors, ReadFilesOfOtherWriters) {
  // Entries out of the order of their data, an unpadded header, no metadata.
  write_test_file(path_, file_of(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},)"
                                 R"( "a":{"shape":[2],"data_offsets":[0,2],"dtype":"U8"}})",
                                 "xyz"));
  const SafetensorsFile file(path_);
  EXPECT_EQ(file.tensors()[0].name, "a");
  EXPECT_EQ(text_of(file.find("a").bytes), "xy");
  EXPECT_EQ(text_of(file.find("b").bytes), "z");
  write_test_file(path_, file_of("{}", ""));
  EXPECT_TRUE(SafetensorsFile(path_).tensors().empty());
}

TEST_F(Safetensors, NameWhatIsThereWhereATensorIsMissing) {
  const TensorView tensors[] = {{"first", "U8", {1}, bytes_of("x")},
                                {"second", "U8", {1}, bytes_of("y")}};
  write_safetensors(path_, tensors, {});
  const SafetensorsFile file(path_);
  expect_error(ErrorKind::kIncompatible, "no tensor 'third'; it has: first, second",
               [&] { file.find("third"); });
}

TEST_F(Safetensors, RefuseEveryTruncationAndSurviveDamage) {
  const TensorView tensors[] = {{"a", "F32", {2}, bytes_of("12345678")},
                                {"b", "U8", {1}, bytes_of("y")}};
  write_safetensors(path_, tensors, {{"k", "v"}});
  const std::string valid = read_test_file(path_);
  const auto read = [&] { SafetensorsFile file(path_); };
  expect_every_truncation_refused(ErrorKind::kIncompatible, valid, path_, read);
  expect_no_crash_on_damage(valid, path_, read);
}

TEST_F(Safetensors, RefuseHeadersThatLie) {
  const auto one = [](const char* dtype, const char* shape, const char* offsets) {
    return "{\"a\":{\"dtype\":\"" + std::string(dtype) + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}}";
  };
  expect_refused(file_of(one("U8", "[4]", "[0,4]"), "abc"), "the data has 3 bytes");
  expect_refused(file_of(one("U8", "[3]", "[0,3]"), "abcd"), "take 3 bytes, the file holds 4");
  expect_refused(file_of(one("U8", "[3]", "[1,4]"), "abcd"), "begins at byte 1");
  expect_refused(file_of(one("U8", "[3]", "[3,0]"), "abc"), "data_offsets [3, 0]");
  expect_refused(file_of(one("U8", "[2]", "[0,3]"), "abc"), "takes 2 bytes");
  expect_refused(file_of(one("F32", "[4294967296,4294967296]", "[0,3]"), "abc"), "more than 2^63");
  expect_refused(file_of(one("U8", "[-3]", "[0,3]"), "abc"), "has -3 where");
  expect_refused(file_of(one("U8", "[3.0]", "[0,3]"), "abc"), "has 3.0 where");
  expect_refused(file_of(one("U8", "[99999999999999999999]", "[0,3]"), "abc"), "where a whole");
  expect_refused(file_of(one("U8", "3", "[0,3]"), "abc"), "no list");
  expect_refused(file_of(one("BF16", "[1]", "[0,2]"), "ab"), "dtype 'BF16'; supported are F32");
}

TEST_F(Safetensors, RefuseOverlapsDuplicatesAndDeepNesting) {
  const std::string a = R"("a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]})";
  const std::string b = R"("b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]})";
  expect_refused(file_of("{" + a + "," + b + "}", "xyz"), "'b' begins at byte 1");
  expect_refused(file_of("{" + a + "," + a + "}", "xy"), "has 'a' twice");
  expect_refused(file_of(R"({"__metadata__":{"k":"1","k":"2"}})", ""), "has 'k' twice");
  expect_refused(file_of("{\"a\":" + std::string(100'000, '[') + "}", ""), "nested too deeply");
  expect_refused(file_of("{\"a\":[[[1]]]}", ""), "nested too deeply");
}

TEST_F(Safetensors, RefuseHeadersThatAreNoHeader) {
  expect_refused("", "only 0 bytes");
  expect_refused("\xff\xff\xff\xff\xff\xff\xff\xff{}", "promises a header of 18446744073709551615");
  expect_refused(file_of("", ""), "does not begin with '{'");
  expect_refused(file_of("[]", ""), "does not begin with '{'");
  expect_refused(file_of("{\"a\":", ""), "no JSON");
  expect_refused(file_of("{\"a\xff\":1}", ""), "no JSON");
  expect_refused(file_of("{\"a\":1}", ""), "not described by");
  expect_refused(file_of(R"({"__metadata__":{"k":1}})", ""), "is no text");
  expect_refused(file_of(R"({"__metadata__":[]})", ""), "no JSON object");
}

TEST_F(Safetensors, AreNotWrittenFromNonsense) {
  const auto refuses = [&](std::vector<TensorView> tensors) {
    expect_error(ErrorKind::kInternal, "cannot be saved",
                 [&] { write_safetensors(path_, tensors, {}); });
  };
  refuses({{"a", "U8", {2}, bytes_of("x")}});
  refuses({{"a", "BF16", {1}, bytes_of("xy")}});
  refuses({{"a", "U8", {1}, bytes_of("x")}, {"a", "U8", {1}, bytes_of("x")}});
  refuses({{"__metadata__", "U8", {1}, bytes_of("x")}});
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Safetensors, ReportMissingFilesAndFoldersThatCannotBeWritten) {
  expect_error(ErrorKind::kData, "No such file", [&] { SafetensorsFile file(path_); });
  expect_error(ErrorKind::kOutput, "/dev/null/x", [] { write_safetensors("/dev/null/x", {}, {}); });
}

}  // namespace
}  // namespace wgan
