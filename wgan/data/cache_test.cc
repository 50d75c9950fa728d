// A folder is prepared once, anew when it changes, and what was not used for long makes room.
#include "wgan/data/cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/io/image_test_support.h"

namespace wgan {
namespace {

// Sets an environment variable for the length of a test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() { ::setenv(name_, old_.c_str(), 1); }

 private:
  const char* name_;
  std::string old_;
};

class Cache : public testing::Test {
 protected:
  void SetUp() override {
    options_.size = 16;
    for (const char* name : {"one", "two", "three"}) {
      std::filesystem::create_directory(folder_.path() / name);
      for (int i = 0; i < 3; ++i) write(name, std::to_string(i) + ".png", 10 * i);
    }
  }
  void write(const std::string& source, const std::string& name, int level) {
    write_test_image(folder_.path() / source / name,
                     {.value = [level](int, int, int) { return level; }});
  }
  // Whether the folder had to be prepared.
  bool prepares(const std::string& source, const DataOptions& options) {
    bool told = false;
    last_ = cached_image_folder(folder_.path() / source, options,
                                [&](int64_t, int64_t) { told = true; });
    return told;
  }

  TemporaryFolder folder_;
  Environment place_{"WGAN_CACHE", (folder_.path() / "cache").string()};
  DataOptions options_;
  PreparedFolder last_;
};

TEST_F(Cache, PreparesOnceAndAgainWhenImagesOrOptionsChange) {
  EXPECT_TRUE(prepares("one", options_));
  EXPECT_FALSE(prepares("one", options_));
  EXPECT_EQ(last_.manifest.shape[0], 3);
  DataOptions other = options_;
  other.split = Split::kTest;
  other.channels = Channels::kRgb;  // what auto has found
  EXPECT_FALSE(prepares("one", other));
  for (int change = 0; change < 5; ++change) {
    DataOptions changed = options_;
    if (change == 0) changed.size = 24;
    if (change == 1) changed.fit = Fit::kPad;
    if (change == 2) changed.channels = Channels::kGrey;
    if (change == 3) changed.background = "black";
    if (change == 4) changed.max_pixels = 1000;
    EXPECT_TRUE(prepares("one", changed)) << change;
  }
  write("one", "1.png", 200);
  EXPECT_TRUE(prepares("one", options_));
  write("one", "new.png", 200);
  EXPECT_TRUE(prepares("one", options_));
  EXPECT_EQ(last_.manifest.shape[0], 4);
  EXPECT_FALSE(prepares("one", options_));
}

TEST_F(Cache, RemovesTheLeastRecentlyUsedFirst) {
  EXPECT_TRUE(prepares("one", options_));
  const int64_t bytes = list_cache().at(0).bytes;
  EXPECT_GT(bytes, 3 * 768);
  EXPECT_TRUE(prepares("two", options_));
  EXPECT_FALSE(prepares("one", options_));  // now two is the older one
  const Environment limit("WGAN_CACHE_LIMIT", std::to_string(2 * bytes + bytes / 2));
  EXPECT_TRUE(prepares("three", options_));
  const std::vector<CacheEntry> entries = list_cache();
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].source, (folder_.path() / "three").string());
  EXPECT_EQ(entries[1].source, (folder_.path() / "one").string());
  EXPECT_EQ(entries[0].shape, (std::vector<int64_t>{3, 16, 16, 3}));
  const Environment none("WGAN_CACHE_LIMIT", "0");
  EXPECT_TRUE(prepares("two", options_));  // larger than the limit: still there, alone
  EXPECT_EQ(list_cache().size(), 1u);
}

TEST_F(Cache, PreparesAgainWhatWasDamaged) {
  EXPECT_TRUE(prepares("one", options_));
  write_test_file(last_.images, "cut");
  EXPECT_EQ(list_cache().at(0).source, "");
  EXPECT_TRUE(prepares("one", options_));
  EXPECT_FALSE(prepares("one", options_));
}

TEST_F(Cache, RefusesSkippedImagesWhereAsked) {
  write_test_file(folder_.path() / "one" / "bad.png", "no image");
  EXPECT_TRUE(prepares("one", options_));
  DataOptions strict = options_;
  strict.on_error = OnError::kFail;
  expect_error(ErrorKind::kData, "bad.png", [&] { prepares("one", strict); });
  EXPECT_FALSE(prepares("one", options_));
  clear_cache();
  expect_error(ErrorKind::kData, "bad.png", [&] { prepares("one", strict); });
  EXPECT_TRUE(list_cache().empty());
}

TEST_F(Cache, ClearsOnlyWhatIsItsOwn) {
  EXPECT_EQ(clear_cache(), 0);
  EXPECT_TRUE(prepares("one", options_));
  const int64_t bytes = list_cache().at(0).bytes;
  write_test_file(cache_folder() / "mine.txt", "precious");
  std::filesystem::create_directory(cache_folder() / (std::string(64, 'a') + ".17-0.tmp"));
  EXPECT_EQ(clear_cache(), bytes);
  int left = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(cache_folder())) {
    ++left;
  }
  EXPECT_EQ(left, 1);
  EXPECT_EQ(read_test_file(cache_folder() / "mine.txt"), "precious");
}

TEST_F(Cache, ReadsItsPlaceAndLimitFromTheEnvironment) {
  EXPECT_EQ(cache_folder(), folder_.path() / "cache");
  const Environment no_place("WGAN_CACHE", "");
  const Environment home("HOME", "/home/someone");
  const Environment none("XDG_CACHE_HOME", "");
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/wgan");
  const Environment shared("XDG_CACHE_HOME", "/var/shared");
  EXPECT_EQ(cache_folder(), "/var/shared/wgan");
  for (const auto& [text, bytes] : {std::pair<const char*, int64_t>{"", 20'000'000'000},
                                    {"123", 123},
                                    {"5K", 5'000},
                                    {"2M", 2'000'000},
                                    {"20G", 20'000'000'000}}) {
    const Environment limit("WGAN_CACHE_LIMIT", text);
    EXPECT_EQ(cache_limit(), bytes);
  }
  for (const char* text : {"x", "-1", "1.5G", "5T", "99999999999G", "9223372036854775808"}) {
    const Environment limit("WGAN_CACHE_LIMIT", text);
    expect_error(ErrorKind::kUsage, "WGAN_CACHE_LIMIT", [] { cache_limit(); });
  }
}

}  // namespace
}  // namespace wgan

#endif
