// An inspection counts what the folder was made of.
#include "wgan/data/inspect.h"

#include <gtest/gtest.h>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

#ifdef WGAN_WITH_VIPS

#include "wgan/io/image_test_support.h"

namespace wgan {
namespace {

class Inspections : public testing::Test {
 protected:
  void write(const std::string& name, const TestImage& image) const {
    const auto path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    write_test_image(path, image);
  }
  TemporaryFolder folder_;
};

TEST_F(Inspections, CountEveryKindOfImageAndFile) {
  write("a/1.png", {.width = 20, .height = 10});
  write("a/2.png", {.width = 20, .height = 10, .bands = 4});
  write("b/3.jpg", {.width = 30, .height = 40});
  write("b/4.webp", {.width = 20, .height = 10});
  write("b/tiny.png", {.width = 5, .height = 10});
  std::filesystem::copy_file(folder_.path() / "a/1.png", folder_.path() / "b/same.png");
  write_test_file(folder_.path() / "b/huge.png", png_header_lie(30000, 20000));
  write_test_file(folder_.path() / "b/cut.png",
                  read_test_file(folder_.path() / "a/1.png").substr(0, 60));
  write_test_file(folder_.path() / "b/text.jpg", "no image");
  write_test_file(folder_.path() / "notes.txt", "no image");
  write_test_file(folder_.path() / ".hidden", "no image");
  DataOptions options;
  options.size = 16;
  for (const int threads : {1, 3}) {
    const Inspection seen = inspect_image_folder(folder_.path(), options, {}, 4, threads);
    EXPECT_EQ(seen.count, 9);
    EXPECT_EQ(seen.usable, 5);
    EXPECT_EQ(seen.other_files, 1);
    EXPECT_EQ(seen.hidden_files, 1);
    using Sizes = std::map<std::pair<int64_t, int64_t>, int64_t>;
    EXPECT_EQ(seen.sizes, (Sizes{{{20, 10}, 4}, {{30, 40}, 1}}));
    using Counts = std::map<std::string, int64_t>;
    EXPECT_EQ(seen.modes, (Counts{{"rgb", 4}, {"rgba", 1}}));
    EXPECT_EQ(seen.formats, (Counts{{"png", 3}, {"jpeg", 1}, {"webp", 1}}));
    EXPECT_EQ(seen.classes, (std::vector<std::pair<std::string, int64_t>>{{"a", 2}, {"b", 3}}));
    ASSERT_EQ(seen.tiny.size(), 1u);
    EXPECT_EQ(seen.tiny[0].file, "b/tiny.png");
    ASSERT_EQ(seen.huge.size(), 1u);
    EXPECT_EQ(seen.huge[0].file, "b/huge.png");
    ASSERT_EQ(seen.unreadable.size(), 2u);
    EXPECT_EQ(seen.unreadable[0].file, "b/cut.png");
    EXPECT_EQ(seen.unreadable[1].file, "b/text.jpg");
    EXPECT_EQ(seen.duplicates, (std::vector<std::vector<std::string>>{{"a/1.png", "b/same.png"}}));
    EXPECT_EQ(seen.preview.width, 2 * 16 + 3 * 2);
    EXPECT_EQ(seen.preview.height, 2 * 16 + 3 * 2);
    const auto json = inspection_to_json(seen);
    EXPECT_EQ(json["sizes"]["distinct"], 2);
    EXPECT_EQ(json["sizes"]["smallest_side"], 10);
    EXPECT_EQ(json["sizes"]["commonest"][0]["count"], 4);
    EXPECT_EQ(json["classes"]["b"], 3);
    EXPECT_EQ(json["unreadable"][1]["file"], "b/text.jpg");
  }
}

TEST_F(Inspections, CountImagesThatAreSeenThrough) {
  for (int i = 0; i < 3; ++i) {
    write(std::to_string(i) + ".png", {.bands = 4, .value = [i](int x, int, int band) {
                                         return band == 3 && x < 8 ? 85 * i + 85 : 255;
                                       }});
  }
  for (const Channels asked : {Channels::kAuto, Channels::kRgb}) {
    DataOptions options;
    options.size = {16, 8};
    options.channels = asked;
    const Inspection seen = inspect_image_folder(folder_.path(), options);
    EXPECT_EQ(seen.transparent, 2);
    EXPECT_EQ(seen.channels, asked == Channels::kAuto ? 4 : 3);
    EXPECT_EQ(seen.preview.channels, 3) << "on a checkerboard";
    EXPECT_EQ(inspection_to_json(seen)["transparent"], 2);
  }
}

TEST_F(Inspections, OfNothingUsableAreNoError) {
  write_test_file(folder_.path() / "text.jpg", "no image");
  const Inspection seen = inspect_image_folder(folder_.path(), {});
  EXPECT_EQ(seen.usable, 0);
  EXPECT_TRUE(seen.preview.pixels.empty());
  EXPECT_EQ(inspection_to_json(seen)["unreadable"].size(), 1u);
}

}  // namespace
}  // namespace wgan

#endif
