// The digests are those of the standard, in whatever pieces the bytes come.
#include "wgan/io/digest.h"

#include <string>

#include "wgan/io/test_support.h"

namespace wgan {
namespace {

TEST(Sha256, GivesTheStandardsAnswers) {  // NIST's examples for FIPS 180-4
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex(bytes_of(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PadsEveryLengthAroundABlock) {  // from Python's hashlib, chained as below
  Sha256 all;
  for (size_t length = 0; length <= 130; ++length) {
    all.update(bytes_of(sha256_hex(bytes_of(std::string(length, 'x')))));
  }
  EXPECT_EQ(all.hex(), "87aca1c44bc7ba8897768170211f0a02063de70801131ff86c7edb9ce32c6a50");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  const std::string text(300, 'q');
  const std::string whole = sha256_hex(bytes_of(text));
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    Sha256 digest;
    for (size_t at = 0; at < text.size(); at += piece) {
      digest.update(bytes_of(std::string_view(text).substr(at, piece)));
      if (at == 0) digest.hex();  // asking does not end it
    }
    EXPECT_EQ(digest.hex(), whole) << piece;
  }
}

}  // namespace
}  // namespace wgan
