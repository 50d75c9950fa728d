// Ten thousand random mutations of valid files of each kind end in an answer or a clean error.
#include <gtest/gtest.h>

#include <random>

#include "fuzz/readers.h"
#include "wgan/core/error.h"
#include "wgan/io/temporary_folder.h"

namespace wgan::fuzz {
namespace {

using Random = std::mt19937_64;

size_t below(Random& random, size_t bound) { return random() % bound; }

// One to eight changes: bits, bytes, numbers at their limits, cuts, insertions and moved pieces.
std::string mutated(std::string bytes, Random& random) {
  for (size_t left = 1 + below(random, 8); left > 0; --left) {
    if (bytes.empty()) bytes = "x";
    const size_t place = below(random, bytes.size());
    switch (below(random, 6)) {
      case 0:
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << below(random, 8)));
        break;
      case 1:
        bytes[place] = static_cast<char>(random());
        break;
      case 2: {
        constexpr const char* kLimits[] = {"\xff\xff\xff\xff", "\x7f\xff\xff\xff",
                                           "\xff\xff\xff\x7f", "\x80\x80\x80\x80"};
        bytes.replace(place, 4, kLimits[below(random, 4)]);
        break;
      }
      case 3:
        bytes.resize(place);
        break;
      case 4:
        bytes.insert(place, bytes.substr(below(random, bytes.size()), 1 + below(random, 16)));
        break;
      default:
        bytes.erase(place, 1 + below(random, 4));
    }
  }
  return bytes;
}

struct Mutations : testing::TestWithParam<size_t> {};

TEST_P(Mutations, EndInAnAnswerOrACleanError) {
  constexpr int kMutations = 10'000;
  const Reader& reader = readers()[GetParam()];
#ifdef __SANITIZE_THREAD__
  if (reader.name == "image") GTEST_SKIP() << "libvips' threads are unknown to ThreadSanitizer";
#endif
  const TemporaryFolder folder;
  const auto seeds = reader.seeds();
  if (seeds.empty()) GTEST_SKIP() << "this build cannot read such files";
  for (const std::string& seed : seeds) {
    EXPECT_NO_THROW(read_bytes(reader, seed, folder.path()));
  }
  Random random(GetParam());
  for (int i = 0; i < kMutations; ++i) {
    const std::string bytes = mutated(seeds[below(random, seeds.size())], random);
    try {
      read_bytes(reader, bytes, folder.path());
    } catch (const std::exception& error) {
      FAIL() << "mutation " << i << ": " << error.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(OfEveryReader, Mutations, testing::Range<size_t>(0, readers().size()),
                         [](const auto& reader) { return readers()[reader.param].name; });

}  // namespace
}  // namespace wgan::fuzz
