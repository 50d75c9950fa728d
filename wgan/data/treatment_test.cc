// Pictures keep their own levels where these are usable, and are spread where they are not.
#include "wgan/data/treatment.h"

#ifdef WGAN_WITH_VIPS

#include <algorithm>
#include <cmath>
#include <limits>

#include "wgan/core/utf8.h"
#include "wgan/data/inspect.h"
#include "wgan/data/picture_test_support.h"

namespace wgan {
namespace {

class Treatments : public Pictures {
 protected:
  // A grey picture of 16 bits, all of one value.
  void sixteen(const std::string& name, int value) const {
    write_test_image(file(name), {.bands = 1,
                                  .interpretation = VIPS_INTERPRETATION_GREY16,
                                  .sixteen_bits = true,
                                  .value = [value](int, int, int) { return value; }});
  }
  // A grey TIFF of floats, all of one value.
  void floats(const std::string& name, float value, int bands = 1) const {
    const std::vector<float> values(static_cast<size_t>(256 * bands), value);
    VipsImage* image = vips_image_new_from_memory(values.data(), values.size() * 4, 16, 16, bands,
                                                  VIPS_FORMAT_FLOAT);
    ASSERT_EQ(vips_tiffsave(image, file(name).c_str(), nullptr), 0);
    g_object_unref(image);
  }
};

TEST_F(Treatments, SpreadTheTwelveBitsOfACameraFromBlackToWhite) {
  sixteen("0.tif", 480);
  sixteen("1.png", 480 + 1788);
  sixteen("2.tif", 480 + 3576);
  plain("3.png", 77);
  const Dataset dataset = open();
  EXPECT_EQ(levels(dataset), (std::vector<int>{0, 128, 255, 77}));
  EXPECT_TRUE(notes(dataset, "3 images of 16 bits use the levels 480 to 4056 only"));
  EXPECT_EQ(inspect_image_folder(source(), options_).notes, dataset.notes);
}

TEST_F(Treatments, LeaveSixteenBitsAsTheyAreWhereHalfOfThemIsUsed) {
  sixteen("0.tif", 1000);
  sixteen("1.tif", 1000 + 32768);
  const Dataset dataset = open();
  EXPECT_EQ(levels(dataset), (std::vector<int>{4, 131}));
  EXPECT_TRUE(dataset.notes.empty());
}

TEST_F(Treatments, SpreadFloatingPointFromItsLeastToItsGreatestValue) {
  for (const auto& [low, high] : {std::pair{0.F, 1.F}, {0.F, 255.F}, {-1000.F, 3000.F}}) {
    floats("0.tif", low);
    floats("1.tif", (low + high) / 2);
    floats("2.tif", high, 3);
    const Dataset dataset = open();
    EXPECT_EQ(levels(dataset), (std::vector<int>{0, 128, 255})) << low;
    EXPECT_TRUE(notes(dataset, "of open-ended numbers"));
  }
}

TEST_F(Treatments, PassOverWhatIsNotFinite) {
  floats("0.tif", 2);
  floats("1.tif", 4);
  floats("2.tif", std::numeric_limits<float>::infinity());
  floats("3.tif", std::numeric_limits<float>::quiet_NaN());
  EXPECT_EQ(levels(open()), (std::vector<int>{0, 255, 255, 0}));
}

TEST_F(Treatments, CountAnimationsAndPages) {
  std::vector<Image> frames;
  for (const int level : {90, 20, 200}) {
    frames.push_back({16, 16, 3, std::vector<uint8_t>(768, static_cast<uint8_t>(level))});
  }
  write_animation(file("0.gif"), frames, 10);
  write_animation(file("1.webp"), frames, 10);
  plain("2.png", 5);
  EXPECT_TRUE(notes(open(), "2 images have more than one frame or page, of which the first is"));
}

TEST_F(Treatments, NameFormatsThatAreNotReadAndAcceptTheCopiesThatTheHintMakes) {
  text("it's/0.bmp", "BM" + std::string(12, '\0') + std::string("\x28\0\0\0", 4) + "......");
  text("1.PPM", "P6\n1 1\n255\n...");
  for (const auto& [name, start] : {std::pair{"2.heic", "....ftypheic"},
                                    {"3.avif", "....ftypavif"},
                                    {"4.svg", "<svg/>"},
                                    {"5.psd", "8BPS"}}) {
    text(name, start);
  }
  const Inspection seen = inspect_image_folder(source(), options_);
  ASSERT_EQ(seen.unreadable.size(), 6u);
  EXPECT_EQ(seen.unreadable[0].reason, "PPM images are not read");
  EXPECT_EQ(seen.unreadable[1].reason, "HEIC images are not read");
  EXPECT_EQ(seen.unreadable[2].reason, "AVIF images are not read");
  EXPECT_EQ(seen.unreadable[3].reason, "SVG images are not read");
  EXPECT_EQ(seen.unreadable[4].reason, "PSD images are not read");
  EXPECT_EQ(seen.unreadable[5].reason, "BMP images are not read");
  try {
    open();
    ADD_FAILURE() << "was read";
  } catch (const Error& error) {
    EXPECT_EQ(error.hint(),
              "ImageMagick makes PNG copies of AVIF, BMP, HEIC, PPM, PSD, SVG images beside them: "
              "find " +
                  source().string() +
                  " '(' -iname '*.avif' -o -iname '*.bmp' -o -iname '*.heic' -o -iname '*.ppm' -o "
                  "-iname '*.psd' -o -iname '*.svg' ')' -exec convert '{}[0]' '{}.png' ';'");
  }
  for (const char* copy : {"it's/0.bmp.png", "1.PPM.png"}) plain(copy, 9);
  EXPECT_EQ(levels(open()), (std::vector<int>{9, 9}));
}

TEST_F(Treatments, KeepNamesThatAreNotUtf8) {
  plain("caf\xe9/0.png", 1);
  plain("th\xc3\xa9/1.png", 2);
  text("caf\xe9/2.png", "no picture");
  const Dataset dataset = open();
  EXPECT_EQ(dataset.class_names, (std::vector<std::string>{"caf\\xe9", "th\xc3\xa9"}));
  EXPECT_EQ(dataset.skipped.at(0).file, "caf\\xe9/2.png");
  std::filesystem::create_directory_symlink("source", folder_.path() /
                                                          "b\xe4"
                                                          "d");
  options_.data = (folder_.path() /
                   "b\xe4"
                   "d")
                      .string();
  EXPECT_EQ(open().identity, dataset.identity);
  options_.data = utf8_text(options_.data);  // as runs note it
  EXPECT_EQ(open().identity, dataset.identity);
}

}  // namespace
}  // namespace wgan

#endif
