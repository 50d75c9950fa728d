// Lines of configuration files are read as TOML has them, and everything else is refused.
#include "wgan/io/config_file.h"

#include <gtest/gtest.h>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

namespace wgan {
namespace {

struct ConfigFile : testing::Test {
  TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "run.toml";

  // "key|text" of each line.
  std::vector<std::string> read(std::string_view toml) const {
    write_test_file(file, toml);
    std::vector<std::string> lines;
    for (const Setting& line : read_config_file(file)) lines.push_back(line.name + "|" + line.text);
    return lines;
  }
  void expect_refused(std::string_view toml, std::string_view fragment) const {
    SCOPED_TRACE(toml);
    write_test_file(file, toml);
    expect_error(ErrorKind::kUsage, fragment, [&] { read_config_file(file); });
  }
};

TEST_F(ConfigFile, GivesTables) {
  write_test_file(file, "a = 1\n[one]\nb = 2\nb = 3\n[two-2_x]  \n# nothing\n");
  const auto tables = read_config_tables(file);
  ASSERT_EQ(tables.size(), 3u);
  EXPECT_EQ(tables[0].name, "");
  EXPECT_EQ(tables[0].lines[0].name, "a");
  EXPECT_EQ(tables[1].name, "one");
  ASSERT_EQ(tables[1].lines.size(), 1u);
  EXPECT_EQ(tables[1].lines[0].text, "3");
  EXPECT_EQ(tables[2].name, "two-2_x");
  EXPECT_TRUE(tables[2].lines.empty());
  for (const char* bad : {"[", "[]", "[a", "[a]b", "[a b]", "[a.b]", "[[a]]", "[a]\n[a]\n"}) {
    write_test_file(file, bad);
    expect_error(ErrorKind::kUsage, "line", [&] { read_config_tables(file); });
  }
}

TEST_F(ConfigFile, GivesKeysAndValues) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(read(""), Lines{});
  EXPECT_EQ(read("# nothing\n\n  \t\n"), Lines{});
  EXPECT_EQ(read("steps = 40\nmirror=false  # flag\r\n\ttime =  3m"),
            (Lines{"steps|40", "mirror|false", "time|3m"}));
  EXPECT_EQ(read("a = \"b # \\\"c\\\" \\u00e9 \\\\\"  # d\n"), Lines{"a|b # \"c\" \xc3\xa9 \\"});
  EXPECT_EQ(read("a = 'b # \\'  # c\n"), Lines{"a|b # \\"});
  EXPECT_EQ(read("a = \"\"\nb = ''\n"), (Lines{"a|", "b|"}));
  EXPECT_EQ(read("a = 1\nb = 2\na = 3\n"), (Lines{"b|2", "a|3"}));
}

TEST_F(ConfigFile, RefusesTheRestOfToml) {
  expect_refused("a = 1\n[train]\n", "run.toml, line 2: '[train]' is not KEY = VALUE");
  expect_refused("steps 3\n", "line 1");
  expect_refused("a = [1, 2]\n", "no single value");
  expect_refused("a = {b = 1}\n", "no single value");
  expect_refused("a =\n", "no single value");
  expect_refused("a = # b\n", "no single value");
}

TEST_F(ConfigFile, RefusesTextsThatDoNotEnd) {
  for (const char* value : {"\"", "'", "\"b", "'b", "\"b\\\"", "\"b\\", "\"b\" c", "'b' 'c'",
                            "\"\\x\"", "\"\xff\"", "\"\\ud800\""}) {
    expect_refused(std::string("a = ") + value + "\n", "no whole text in quotes");
  }
}

TEST_F(ConfigFile, RefusesWhatCannotBeRead) {
  for (const auto& path : {folder.path(), folder.path() / "none"}) {
    expect_error(ErrorKind::kUsage, "cannot be read", [&] { read_config_file(path); });
  }
}

}  // namespace
}  // namespace wgan
