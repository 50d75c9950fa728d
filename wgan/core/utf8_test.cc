// What is UTF-8 stays as it is; other bytes become visible, each by itself.
#include "wgan/core/utf8.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

TEST(Utf8, KeepsCharactersOfEveryLength) {
  for (const char* text : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x90\xb1"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(utf8_text(text), text);
  }
}

TEST(Utf8, ShowsEveryOtherByteAsANumber) {
  EXPECT_EQ(utf8_text("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(bytes_of_utf8_text("caf\\xe9 \\x"), "caf\xe9 \\x");
  EXPECT_EQ(utf8_text("\xe2\x82!"), "\\xe2\\x82!");
  // A lone continuation, overlong forms, a surrogate, beyond U+10FFFF.
  for (const char* bytes : {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xf0\x80\x80\x80", "\xed\xa0\x80",
                            "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80"}) {
    EXPECT_FALSE(is_utf8(bytes));
    EXPECT_TRUE(is_utf8(utf8_text(bytes)));
  }
}

}  // namespace
}  // namespace wgan
