// Logs grow by whole lines, survive crashes in the middle of a line, and are read back.
#include "wgan/io/json_lines.h"

#include <limits>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

class JsonLinesFile : public testing::Test {
 protected:
  TemporaryFolder folder_;
  std::filesystem::path path_ = folder_.path() / "metrics.jsonl";
};

TEST_F(JsonLinesFile, HoldsEachLineAsSoonAsItIsAppended) {
  JsonLines lines(path_, false);
  EXPECT_TRUE(read_json_lines(path_).empty());
  lines.append({{"step", 1}, {"a", 0.5}});
  EXPECT_EQ(read_test_file(path_), "{\"step\":1,\"a\":0.5}\n");
  lines.append({{"text", "two\nlines \xff"}, {"bad", std::numeric_limits<double>::quiet_NaN()}});
  const std::vector<Json> values = read_json_lines(path_);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[1]["text"], "two\nlines \xef\xbf\xbd");  // U+FFFD for the stray byte
  EXPECT_TRUE(values[1]["bad"].is_null());
}

TEST_F(JsonLinesFile, GoesOnOrBeginsAgain) {
  write_test_file(path_, "1\n2\n");
  JsonLines(path_, true).append(3);
  EXPECT_EQ(read_test_file(path_), "1\n2\n3\n");
  JsonLines(path_, false).append(4);
  EXPECT_EQ(read_test_file(path_), "4\n");
}

TEST_F(JsonLinesFile, IgnoresAPartialLastLineAndCutsItBeforeGoingOn) {
  for (const auto& [before, after] : {std::pair{"1\n{\"st", "1\n7\n"}, {"{\"st", "7\n"}}) {
    write_test_file(path_, before);
    EXPECT_EQ(read_json_lines(path_).size(), std::string_view(before).starts_with('1') ? 1u : 0u);
    JsonLines(path_, true).append(7);
    EXPECT_EQ(read_test_file(path_), after);
  }
}

TEST_F(JsonLinesFile, ReadsEveryTruncationAsItsCompleteLines) {
  const std::string whole = "{\"step\":1}\n{\"step\":2}\n";
  for (size_t length = 0; length <= whole.size(); ++length) {
    write_test_file(path_, whole.substr(0, length));
    EXPECT_EQ(read_json_lines(path_).size(), length / 11) << length;
  }
}

TEST_F(JsonLinesFile, NamesTheLineThatIsNoJson) {
  for (const char* text : {"1\n{\n3\n", "1\n\n3\n", "1\n\xff\n", "1\n1 2\n"}) {
    write_test_file(path_, text);
    expect_error(ErrorKind::kData, "metrics.jsonl: line 2 is no JSON",
                 [&] { read_json_lines(path_); });
  }
  write_test_file(path_, std::string(200'000, '[') + "\n");
  expect_error(ErrorKind::kData, "line 1", [&] { read_json_lines(path_); });
  write_test_file(path_, std::string(200'000, '[') + std::string(200'000, ']') + "\n");
  EXPECT_EQ(read_json_lines(path_).size(), 1u);
}

TEST_F(JsonLinesFile, ReportsWhatCannotBeWritten) {
  expect_error(ErrorKind::kOutput, "/dev/null/x: Not a directory",
               [] { JsonLines lines("/dev/null/x", false); });
  JsonLines full("/dev/full", false);
  expect_error(ErrorKind::kOutput, "/dev/full: No space left", [&] { full.append(1); });
  expect_error(ErrorKind::kOutput, "free some space", [&] { full.append(1); });
}

TEST(JsonLines, AreCutBehindTheLastGoodOne) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "m.jsonl";
  const auto small = [](const nlohmann::ordered_json& line) { return line.at("n") < 3; };
  EXPECT_NO_THROW(cut_json_lines(path, small));  // nothing there
  const std::string good = "{\"n\":1}\n{\"n\":2}\n";
  const std::string zeros(7, '\0');  // as a lost power leaves them
  for (const std::string& rest :
       {std::string(), std::string("{\"n\":3}\n{\"n\":1}\n"), std::string("{\"n\":"),
        std::string("no json\n{\"n\":1}\n"), zeros, zeros + "\n"}) {
    write_test_file(path, good + rest);
    cut_json_lines(path, small);
    EXPECT_EQ(read_test_file(path), good) << rest;
  }
}

}  // namespace
}  // namespace wgan
