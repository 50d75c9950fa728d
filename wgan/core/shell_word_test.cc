// What a shell makes of words and paths.
#include "wgan/core/shell_word.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace wgan {
namespace {

TEST(ShellPath, LeavesPlainPathsAlone) {
  for (const char* path : {"runs/00003-mnist-wgan-gp", "/tmp/a_b.npy", "../x@2:1,5+%=3", "./-a"}) {
    EXPECT_EQ(shell_path(path), path);
  }
}

TEST(ShellPath, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_path(""), "''");
  EXPECT_EQ(shell_path("my runs/a"), "'my runs/a'");
  EXPECT_EQ(shell_path("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_path("-x"), "./-x");
  EXPECT_EQ(shell_path("-x y"), "'./-x y'");
  EXPECT_EQ(shell_word("-5"), "-5");
  EXPECT_EQ(shell_path("~/a"), "'~/a'");
  EXPECT_EQ(shell_path("Größe/猫"), "'Größe/猫'");
  EXPECT_EQ(shell_path("a\nb"), "$'a\\012b'");
  EXPECT_EQ(shell_path("it's \xFF\\"), "$'it\\'s \\377\\\\'");
}

// Every byte, each followed by a digit, which must not become part of an escape.
TEST(ShellPath, ComesThroughBashAsItIs) {
  if (std::system("bash -c '' 2>/dev/null") != 0) GTEST_SKIP() << "no bash";
  std::string all = "é漢\xED\xA0\x80\xC0\xAF";
  for (int byte = 1; byte < 256; ++byte) all += {static_cast<char>(byte), '7'};
  for (const std::string& path :
       {all, std::string("a b;$(c)`d`\"'\\!*?[e]{f,g}#&|<>"), std::string()}) {
    const std::string script = "bash -c \"$WGAN_SCRIPT\"";
    ::setenv("WGAN_SCRIPT", ("printf %s " + shell_path(path)).c_str(), 1);
    FILE* const pipe = ::popen(script.c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string read;
    std::array<char, 4096> buffer{};
    for (size_t count = 0; (count = std::fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
      read.append(buffer.data(), count);
    }
    EXPECT_EQ(::pclose(pipe), 0);
    EXPECT_EQ(read, path) << shell_path(path);
  }
}

}  // namespace
}  // namespace wgan
