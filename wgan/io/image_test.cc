// Every kind of picture comes out upright, flat, in sRGB and of the asked size; bad ones are told.
#include "wgan/io/image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <thread>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"

#ifdef WGAN_WITH_VIPS
#include "wgan/io/image_test_support.h"
#endif

namespace wgan {
namespace {

TEST(Colours, AreReadByNameAndAsHexadecimalDigits) {
  EXPECT_EQ(parse_colour("white"), (Colour{255, 255, 255}));
  EXPECT_EQ(parse_colour("black"), (Colour{0, 0, 0}));
  EXPECT_EQ(parse_colour("ff8001"), (Colour{255, 128, 1}));
  EXPECT_EQ(parse_colour("#00FF10"), (Colour{0, 255, 16}));
  for (const char* text : {"", "red", "ff80", "ff80012", "gg0000", "##ff80"}) {
    expect_error(ErrorKind::kUsage, "background", [&] { parse_colour(text); });
  }
}

TEST(Grid, LaysTilesOutWithGutters) {
  const std::vector<uint8_t> tiles = {1, 2, 3, 4, 5, 6};  // three tiles of 1x2
  const Image grid = make_grid(tiles, 1, 2, 1, 2, 1);
  EXPECT_EQ(grid.height, 5);
  EXPECT_EQ(grid.width, 7);
  const uint8_t g = 128;
  EXPECT_EQ(grid.pixels, (std::vector<uint8_t>{g, g, g, g, g, g, g,  //
                                               g, 1, 2, g, 3, 4, g,  //
                                               g, g, g, g, g, g, g,  //
                                               g, 5, 6, g, g, g, g,  //
                                               g, g, g, g, g, g, g}));
  EXPECT_EQ(make_grid(std::vector<uint8_t>(10 * 3), 1, 1, 3).width, 4 * 3 + 2);
  EXPECT_THROW(make_grid(tiles, 2, 2, 1), Error);
}

TEST(Grid, ShowsACheckerboardThroughTransparentTiles) {
  std::vector<uint8_t> tile(16 * 16 * 4);
  const auto pixel = [&](int64_t x, int64_t y) {
    return &tile[static_cast<size_t>(4 * (16 * y + x))];
  };
  std::copy_n(std::array<uint8_t, 4>{10, 20, 30, 255}.begin(), 4, pixel(1, 0));
  std::copy_n(std::array<uint8_t, 4>{255, 0, 51, 51}.begin(), 4, pixel(2, 0));  // a fifth
  const Image grid = make_grid(tile, 16, 16, 4, 1, 0);
  EXPECT_EQ(grid.channels, 3);
  const auto shown = [&](int64_t x, int64_t y) {
    const uint8_t* rgb = &grid.pixels[static_cast<size_t>(3 * (16 * y + x))];
    return std::vector<int>(rgb, rgb + 3);
  };
  EXPECT_EQ(shown(0, 0), (std::vector<int>{204, 204, 204}));
  EXPECT_EQ(shown(8, 0), (std::vector<int>{153, 153, 153}));
  EXPECT_EQ(shown(8, 8), (std::vector<int>{204, 204, 204}));
  EXPECT_EQ(shown(1, 0), (std::vector<int>{10, 20, 30}));
  EXPECT_EQ(shown(2, 0), (std::vector<int>{214, 163, 173}));  // 204 * 4 / 5 + a fifth of it
}

#ifdef WGAN_WITH_VIPS

class Images : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) const { return folder_.path() / name; }
  TemporaryFolder folder_;
};

// The value of a pixel.
int at(const Image& image, int64_t x, int64_t y, int64_t channel = 0) {
  return image.pixels[(y * image.width + x) * image.channels + channel];
}

void expect_colour(const Image& image, int64_t x, int64_t y, const std::vector<int>& colour,
                   int tolerance = 1) {
  ASSERT_EQ(image.channels, static_cast<int64_t>(colour.size()));
  for (size_t channel = 0; channel < colour.size(); ++channel) {
    EXPECT_NEAR(at(image, x, y, channel), colour[channel], tolerance)
        << "at " << x << ", " << y << ", channel " << channel;
  }
}

// Left half red, right half blue; in the JPEG's case, after compression.
int red_blue(int x, int width, int band) {
  const int red_or_blue = 2 * x < width ? 0 : 2;
  return band == red_or_blue ? 255 : 0;
}

TEST_F(Images, RoundTripThroughPngUnchanged) {
  for (const int64_t channels : {1, 3, 4}) {
    Image image{16, 16, channels, {}};
    for (int64_t i = 0; i < 256 * channels; ++i) image.pixels.push_back(i * 37 % 255 + 1);
    write_png(file("x.png"), image);
    const Image back = load_image(file("x.png"), {.size = 16, .channels = channels});
    EXPECT_EQ(back.pixels, image.pixels);
  }
}

// Opaque red on the left, on the right green that no one can see.
int red_and_hidden_green(int x, int, int band) {
  const bool red = x % 2 == 0;
  return band == 3 || band == 0 ? 255 * red : band == 1 ? 255 * !red : 0;
}

TEST_F(Images, KeepAlphaAndNoColourBelowIt) {
  write_test_image(file("8.png"),
                   {.width = 32, .height = 32, .bands = 4, .value = red_and_hidden_green});
  write_test_image(file("16.png"), {.width = 32,
                                    .height = 32,
                                    .bands = 4,
                                    .interpretation = VIPS_INTERPRETATION_RGB16,
                                    .sixteen_bits = true,
                                    .value = [](int x, int y, int band) {
                                      return 257 * red_and_hidden_green(x, y, band);
                                    }});
  write_test_image(file("a.webp"), {.width = 32,
                                    .height = 32,
                                    .bands = 4,
                                    .options = "[lossless]",
                                    .value = red_and_hidden_green});
  for (const char* name : {"8.png", "16.png", "a.webp"}) {
    SCOPED_TRACE(name);
    const Image same = load_image(file(name), {.size = 32, .channels = 4});
    expect_colour(same, 10, 5, {255, 0, 0, 255});
    expect_colour(same, 11, 5, {0, 0, 0, 0}, 0);
    EXPECT_TRUE(has_transparency(same));
    // Half of every pixel is red and half is nothing: half-transparent red, and no green.
    for (const PictureSize& size : {PictureSize(16, 16), PictureSize(16, 32)}) {
      const Image half =
          load_image(file(name), {.size = size, .channels = 4, .fit = ImageFit::kStretch});
      expect_colour(half, 7, 5, {255, 0, 0, 128}, 2);
    }
  }
}

TEST_F(Images, WithoutAlphaAreOpaqueAndPaddedWithNothing) {
  write_test_image(file("rgb.png"), {.height = 8, .value = [](int, int, int) { return 200; }});
  write_test_image(file("grey.png"), {.height = 8,
                                      .bands = 1,
                                      .interpretation = VIPS_INTERPRETATION_B_W,
                                      .value = [](int, int, int) { return 200; }});
  for (const char* name : {"rgb.png", "grey.png"}) {
    const Image cut = load_image(file(name), {.size = 8, .channels = 4});
    expect_colour(cut, 3, 3, {200, 200, 200, 255}, 0);
    EXPECT_FALSE(has_transparency(cut));
    const Image padded = load_image(file(name), {.size = 16, .channels = 4, .fit = ImageFit::kPad});
    expect_colour(padded, 3, 3, {0, 0, 0, 0}, 0);
    expect_colour(padded, 3, 8, {200, 200, 200, 255}, 0);
  }
}

TEST_F(Images, AnimateWithAlphaWhichGifCutsAtOneHalf) {
  Image frame{16, 16, 4, {}};
  for (int i = 0; i < 256; ++i) {
    const int alpha = i % 16 < 4 ? 0 : i % 16 < 8 ? 100 : i % 16 < 12 ? 200 : 255;
    for (const int value : {alpha == 0 ? 0 : 250, 0, 0, alpha}) {
      frame.pixels.push_back(static_cast<uint8_t>(value));
    }
  }
  const std::vector<Image> frames = {frame, frame};
  for (const char* name : {"x.webp", "x.gif"}) write_animation(file(name), frames, 20);
  const Image webp = load_image(file("x.webp"), {.size = 16, .channels = 4});
  const Image gif = load_image(file("x.gif"), {.size = 16, .channels = 4});
  for (const int x : {1, 6, 10, 14}) {
    EXPECT_NEAR(at(webp, x, 8, 3), at(frame, x, 8, 3), 3) << x;
    EXPECT_EQ(at(gif, x, 8, 3), x < 8 ? 0 : 255) << x;
  }
  expect_colour(gif, 10, 8, {250, 0, 0, 255}, 10);
}

// A picture of 40x20 pixels whose columns are 0 to 39, times 5, and whose rows are in green.
TEST_F(Images, TakeAnyRectangleByEachFit) {
  write_test_image(file("wide.png"),
                   {.width = 40, .height = 20, .value = [](int x, int y, int band) {
                      return band == 0 ? x * 5 : band == 1 ? y * 5 : 255;
                    }});
  const auto loaded = [&](const PictureSize& size, ImageFit fit) {
    const Image image = load_image(file("wide.png"), {.size = size, .fit = fit, .background = {}});
    EXPECT_EQ(image.width, size.width);
    EXPECT_EQ(image.height, size.height);
    return image;
  };
  const Image half = loaded({20, 10}, ImageFit::kCrop);  // its own aspect: nothing is lost
  expect_colour(half, 0, 0, {2, 2, 255}, 3);
  expect_colour(half, 19, 9, {192, 92, 255}, 3);
  EXPECT_EQ(loaded({20, 10}, ImageFit::kPad).pixels, half.pixels);
  const Image tall = loaded({10, 20}, ImageFit::kCrop);  // the middle quarter of the columns
  expect_colour(tall, 0, 0, {75, 0, 255}, 3);
  expect_colour(tall, 9, 19, {120, 95, 255}, 3);
  const Image padded = loaded({40, 30}, ImageFit::kPad);  // five black rows above and below
  expect_colour(padded, 20, 4, {0, 0, 0});
  expect_colour(padded, 20, 5, {100, 0, 255});
  expect_colour(padded, 20, 24, {100, 95, 255});
  expect_colour(padded, 20, 25, {0, 0, 0});
  const Image stretched = loaded({20, 20}, ImageFit::kStretch);
  expect_colour(stretched, 19, 19, {192, 95, 255}, 3);
}

TEST_F(Images, GreyStaysTheSameInOneAndThreeChannels) {
  write_test_image(file("grey.png"), {.bands = 1,
                                      .interpretation = VIPS_INTERPRETATION_B_W,
                                      .value = [](int x, int y, int) { return y * 16 + x; }});
  const Image grey = load_image(file("grey.png"), {.size = 16, .channels = 1});
  const Image rgb = load_image(file("grey.png"), {.size = 16, .channels = 3});
  for (int i = 0; i < 256; ++i) {
    EXPECT_EQ(grey.pixels[i], i);
    for (int channel = 0; channel < 3; ++channel) EXPECT_EQ(rgb.pixels[3 * i + channel], i);
  }
}

TEST_F(Images, AreDescribedByTheirHeaders) {
  const auto expect_info = [&](const std::string& name, const TestImage& image, int64_t channels,
                               bool alpha, const std::string& format, const std::string& mode) {
    SCOPED_TRACE(name);
    write_test_image(file(name), image);
    const ImageInfo info = read_image_info(file(name));
    EXPECT_EQ(info.width, image.width);
    EXPECT_EQ(info.height, image.height);
    EXPECT_EQ(info.channels, channels);
    EXPECT_EQ(info.alpha, alpha);
    EXPECT_EQ(info.format, format);
    EXPECT_EQ(info.mode, mode);
  };
  expect_info("a.png", {.width = 20}, 3, false, "png", "rgb");
  expect_info("b.png", {.bands = 4}, 3, true, "png", "rgba");
  expect_info("c.png", {.bands = 1, .interpretation = VIPS_INTERPRETATION_B_W}, 1, false, "png",
              "grey");
  expect_info("d.png", {.bands = 2, .interpretation = VIPS_INTERPRETATION_B_W}, 1, true, "png",
              "greya");
  expect_info("e.png", {.options = "[palette]"}, 3, false, "png", "palette");
  expect_info("f.png", {.interpretation = VIPS_INTERPRETATION_RGB16, .sixteen_bits = true}, 3,
              false, "png", "rgb16");
  expect_info("g.jpg", {.bands = 4, .interpretation = VIPS_INTERPRETATION_CMYK}, 3, false, "jpeg",
              "cmyk");
  expect_info("h.jpg", {.bands = 1, .interpretation = VIPS_INTERPRETATION_B_W}, 1, false, "jpeg",
              "grey");
  expect_info("i.webp", {}, 3, false, "webp", "rgb");
  expect_info("j.tif", {}, 3, false, "tiff", "rgb");
}

TEST_F(Images, TransparencyShowsTheBackground) {
  const auto alpha = [](int full) {
    return [full](int x, int, int band) {
      return band < 3 ? full : x < 8 ? 0 : x < 12 ? full / 2 + 1 : full;
    };
  };
  write_test_image(file("8.png"), {.bands = 4, .value = alpha(255)});
  write_test_image(file("16.png"), {.bands = 4,
                                    .interpretation = VIPS_INTERPRETATION_RGB16,
                                    .sixteen_bits = true,
                                    .value = alpha(65535)});
  for (const char* name : {"8.png", "16.png"}) {
    SCOPED_TRACE(name);
    const Image image = load_image(file(name), {.size = 16, .background = {0, 100, 200}});
    expect_colour(image, 2, 5, {0, 100, 200});
    expect_colour(image, 10, 5, {128, 178, 228}, 2);
    expect_colour(image, 15, 5, {255, 255, 255});
  }
  write_test_image(file("palette.png"),
                   {.bands = 4, .options = "[palette]", .value = [](int x, int, int band) {
                      return x < 8 ? 0 : band == 0 || band == 3 ? 255 : 0;
                    }});
  const Image palette = load_image(file("palette.png"), {.size = 16});
  expect_colour(palette, 2, 5, {255, 255, 255}, 2);
  expect_colour(palette, 13, 5, {255, 0, 0}, 2);
  write_test_image(
      file("greya.png"),
      {.bands = 2, .interpretation = VIPS_INTERPRETATION_B_W, .value = [](int x, int, int band) {
         return band == 0 ? 60 : x < 8 ? 0 : 255;
       }});
  const Image grey =
      load_image(file("greya.png"), {.size = 16, .channels = 1, .background = {0, 0, 0}});
  expect_colour(grey, 2, 5, {0});
  expect_colour(grey, 13, 5, {60});
}

TEST_F(Images, SixteenBitsBecomeEight) {
  const auto value = [](int x, int, int) { return (x * 16) * 257; };
  write_test_image(
      file("rgb.png"),
      {.interpretation = VIPS_INTERPRETATION_RGB16, .sixteen_bits = true, .value = value});
  write_test_image(file("grey.png"), {.bands = 1,
                                      .interpretation = VIPS_INTERPRETATION_GREY16,
                                      .sixteen_bits = true,
                                      .value = value});
  for (int64_t x = 0; x < 16; ++x) {
    const int seen = static_cast<int>(x * 16);
    expect_colour(load_image(file("rgb.png"), {.size = 16}), x, 3, {seen, seen, seen});
    expect_colour(load_image(file("grey.png"), {.size = 16, .channels = 1}), x, 3, {seen});
  }
}

TEST_F(Images, ColourBecomesLuminance) {
  write_test_image(file("x.png"),
                   {.value = [](int, int y, int band) { return band == y / 6 ? 255 : 0; }});
  const Image image = load_image(file("x.png"), {.size = 16, .channels = 1});
  // CIE luminance of the sRGB primaries in linear light, through the sRGB transfer function.
  const auto grey = [](double linear) {
    return static_cast<int>(std::lround(255 * (1.055 * std::pow(linear, 1 / 2.4) - 0.055)));
  };
  EXPECT_NEAR(at(image, 5, 2), grey(0.2126), 6);
  EXPECT_NEAR(at(image, 5, 8), grey(0.7152), 6);
  EXPECT_NEAR(at(image, 5, 14), grey(0.0722), 20);
}

TEST_F(Images, CmykIsConverted) {
  // No ink at all, then full cyan, magenta, yellow and black, each a quarter of the height.
  write_test_image(file("cmyk.jpg"),
                   {.width = 40,
                    .height = 40,
                    .bands = 4,
                    .interpretation = VIPS_INTERPRETATION_CMYK,
                    .options = "[Q=100,subsample-mode=off]",
                    .value = [](int, int y, int band) { return band == y / 8 - 1 ? 255 : 0; }});
  const Image image = load_image(file("cmyk.jpg"), {.size = 40});
  expect_colour(image, 20, 4, {255, 255, 255}, 3);
  EXPECT_LT(at(image, 20, 12, 0), 60);  // cyan: no red
  EXPECT_GT(at(image, 20, 12, 2), 200);
  EXPECT_LT(at(image, 20, 20, 1), 60);  // magenta: no green
  EXPECT_LT(at(image, 20, 28, 2), 60);  // yellow: no blue
  EXPECT_GT(at(image, 20, 28, 1), 200);
  EXPECT_LT(at(image, 20, 36, 0), 70);  // black
}

TEST_F(Images, AreTurnedUpright) {
  // Stored: left red, right blue. 3: upside down. 6: turn clockwise: left becomes top.
  const auto write = [&](int orientation) {
    write_test_image(file("x.jpg"),
                     {.width = 32,
                      .height = 32,
                      .orientation = orientation,
                      .options = "[Q=100,subsample-mode=off]",
                      .value = [](int x, int, int band) { return red_blue(x, 32, band); }});
    return load_image(file("x.jpg"), {.size = 32});
  };
  const std::vector<int> red = {255, 0, 0}, blue = {0, 0, 255};
  expect_colour(write(1), 4, 16, red, 4);
  expect_colour(write(3), 4, 16, blue, 4);
  expect_colour(write(6), 16, 4, red, 4);
  expect_colour(write(8), 16, 4, blue, 4);
  write_test_image(file("tall.jpg"), {.width = 32, .height = 16, .orientation = 6});
  EXPECT_EQ(read_image_info(file("tall.jpg")).height, 32);
  EXPECT_EQ(read_image_info(file("tall.jpg")).width, 16);
}

TEST_F(Images, AreCroppedPaddedOrStretchedToTheSquare) {
  // 80x40 in four stripes of 20 columns: black, red, blue, white.
  const std::vector<std::vector<int>> stripes = {
      {0, 0, 0}, {255, 0, 0}, {0, 0, 255}, {255, 255, 255}};
  write_test_image(file("x.png"), {.width = 80, .height = 40, .value = [&](int x, int, int band) {
                                     return stripes[x / 20][band];
                                   }});
  const Image crop = load_image(file("x.png"), {.size = 40, .fit = ImageFit::kCrop});
  expect_colour(crop, 2, 20, stripes[1]);
  expect_colour(crop, 37, 20, stripes[2]);
  const Image stretch = load_image(file("x.png"), {.size = 40, .fit = ImageFit::kStretch});
  for (int stripe = 0; stripe < 4; ++stripe) {
    expect_colour(stretch, 10 * stripe + 5, 2, stripes[stripe], 3);
    expect_colour(stretch, 10 * stripe + 5, 37, stripes[stripe], 3);
  }
  const Image pad =
      load_image(file("x.png"), {.size = 40, .fit = ImageFit::kPad, .background = {9, 99, 199}});
  expect_colour(pad, 5, 9, {9, 99, 199});
  expect_colour(pad, 5, 30, {9, 99, 199});
  for (int stripe = 0; stripe < 4; ++stripe) {
    expect_colour(pad, 10 * stripe + 5, 12, stripes[stripe], 3);
    expect_colour(pad, 10 * stripe + 5, 27, stripes[stripe], 3);
  }
}

TEST_F(Images, AreAveragedWhenReducedAndEnlargedWhenSmall) {
  write_test_image(
      file("checks.png"),
      {.width = 128, .height = 128, .value = [](int x, int y, int) { return (x + y) % 2 * 255; }});
  const Image reduced = load_image(file("checks.png"), {.size = 16});
  for (int64_t x = 2; x < 14; ++x) expect_colour(reduced, x, 8, {128, 128, 128}, 3);
  write_test_image(file("small.png"), {.width = 8, .height = 8, .value = [](int x, int, int band) {
                                         return red_blue(x, 8, band);
                                       }});
  const Image enlarged = load_image(file("small.png"), {.size = 64});
  expect_colour(enlarged, 8, 32, {255, 0, 0}, 2);
  expect_colour(enlarged, 56, 32, {0, 0, 255}, 2);
}

TEST_F(Images, OfAnyShapeHaveTheExactSize) {
  for (const auto& [width, height] :
       {std::pair{8, 400}, {401, 9}, {33, 65}, {127, 129}, {64, 63}}) {
    for (const char* name : {"x.jpg", "x.png", "x.webp"}) {
      write_test_image(file(name), {.width = width, .height = height});
      for (const ImageFit fit : {ImageFit::kCrop, ImageFit::kPad, ImageFit::kStretch}) {
        const Image image = load_image(file(name), {.size = 31, .fit = fit});
        EXPECT_EQ(image.pixels.size(), 31u * 31 * 3) << width << "x" << height << " " << name;
      }
    }
  }
}

TEST_F(Images, AreKnownByContentNotByName) {
  write_test_image(file("lie.png"), {.width = 20, .value = [](int, int, int) { return 77; }},
                   "x.webp");
  EXPECT_EQ(read_image_info(file("lie.png")).format, "webp");
  expect_colour(load_image(file("lie.png"), {.size = 16}), 3, 3, {77, 77, 77}, 3);
  write_test_image(file("page[1].gif"), {.value = [](int, int, int) { return 255; }}, "x.gif");
  EXPECT_EQ(read_image_info(file("page[1].gif")).format, "gif");
  expect_colour(load_image(file("page[1].gif"), {.size = 16}), 3, 3, {255, 255, 255}, 1);
  write_test_image(file("scan"), {.value = [](int, int, int) { return 33; }}, "x.tif");
  expect_colour(load_image(file("scan"), {.size = 16}), 3, 3, {33, 33, 33}, 1);
}

TEST_F(Images, EmbeddedProfilesAreConvertedToSrgb) {
  write_test_image(file("p3.png"), {.options = "[profile=p3]", .value = [](int, int, int band) {
                                      return band == 0 ? 200 : 80;
                                    }});
  const auto linear = [](double v) {
    return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
  };
  const auto gamma = [](double v) {
    return static_cast<int>(std::lround(255 * (1.055 * std::pow(v, 1 / 2.4) - 0.055)));
  };
  const double r = linear(200 / 255.0), g = linear(80 / 255.0), b = g;
  // Display P3 to sRGB, both D65.
  const std::vector<int> expected = {gamma(1.2249 * r - 0.2247 * g),
                                     gamma(-0.0420 * r + 1.0419 * g),
                                     gamma(-0.0197 * r - 0.0786 * g + 1.0979 * b)};
  EXPECT_GT(expected[0], 210);
  expect_colour(load_image(file("p3.png"), {.size = 16}), 5, 5, expected, 3);
}

TEST_F(Images, DamagedProfilesAreIgnored) {
  for (const char* name : {"x.png", "x.jpg", "x.tif", "x.webp"}) {
    SCOPED_TRACE(name);
    write_test_image(file(name),
                     {.profile = std::string(500, 'x'), .value = [](int, int, int) { return 90; }});
    expect_colour(load_image(file(name), {.size = 16}), 5, 5, {90, 90, 90}, 2);
  }
}

TEST_F(Images, TruncatedFilesAreRefused) {
  for (const char* name : {"x.jpg", "x.png", "x.webp", "x.gif", "x.tif"}) {
    write_test_image(file(name), {.width = 200, .height = 200, .value = [](int x, int y, int band) {
                                    return (x * x + 3 * y * y * (band + 1) + x * y) % 251;
                                  }});
    const std::string bytes = read_test_file(file(name));
    for (const double part : {0.0, 0.01, 0.3, 0.6, 0.9}) {
      SCOPED_TRACE(testing::Message() << name << " cut to " << part);
      write_test_file(file(name), bytes.substr(0, static_cast<size_t>(part * bytes.size())));
      expect_error(ErrorKind::kData, name, [&] { load_image(file(name), {.size = 32}); });
      expect_error(ErrorKind::kData, name, [&] { load_image(file(name), {.size = 200}); });
    }
  }
}

TEST_F(Images, WhatIsNoImageIsRefused) {
  write_test_file(file("text.jpg"), "This is a text, whatever its name says.");
  expect_error(ErrorKind::kData, "text.jpg", [&] { load_image(file("text.jpg"), {}); });
  write_test_file(file("evil.png"),
                  "<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>");
  expect_error(ErrorKind::kData, "evil.png", [&] { load_image(file("evil.png"), {}); });
  expect_error(ErrorKind::kData, "missing.png", [&] { load_image(file("missing.png"), {}); });
  expect_error(ErrorKind::kData, folder_.path().filename().string(),
               [&] { load_image(folder_.path(), {}); });
  expect_error(ErrorKind::kUsage, "size", [&] { load_image(file("x.png"), {.size = 0}); });
}

TEST_F(Images, TinyAndHugeOnesAreRefusedByTheirHeaders) {
  for (const auto& [width, height] : {std::pair{1, 1}, {7, 100}, {100, 7}}) {
    write_test_image(file("tiny.png"), {.width = width, .height = height});
    expect_error(ErrorKind::kData, "below 8", [&] { load_image(file("tiny.png"), {}); });
  }
  write_test_image(file("eight.png"), {.width = 8, .height = 8});
  EXPECT_NO_THROW(load_image(file("eight.png"), {}));
  write_test_file(file("lie.png"), png_header_lie(30000, 30000));
  expect_error(ErrorKind::kData, "30000x30000", [&] { load_image(file("lie.png"), {}); });
  write_test_file(file("lie.png"), png_header_lie(9000, 9000));
  expect_error(ErrorKind::kData, "lie.png", [&] { load_image(file("lie.png"), {}); });
  VipsImage* black = nullptr;
  ASSERT_EQ(vips_black(&black, 12000, 12000, nullptr), 0);
  ASSERT_EQ(
      vips_pngsave(black, file("large.png").c_str(), "bitdepth", 1, "compression", 1, nullptr), 0);
  g_object_unref(black);
  expect_error(ErrorKind::kData, "12000x12000", [&] { load_image(file("large.png"), {}); });
  EXPECT_EQ(at(load_image(file("large.png"), {.max_pixels = 144'000'000}), 9, 9), 0);
  expect_error(ErrorKind::kData, "limit",
               [&] { load_image(file("large.png"), {.max_pixels = 143'999'999}); });
}

TEST_F(Images, FailuresInSeveralThreadsKeepTheirOwnReasons) {
  write_test_image(file("good.jpg"), {.width = 100, .height = 100});
  write_test_file(file("cut.jpg"), read_test_file(file("good.jpg")).substr(0, 2000));
  write_test_image(file("good.png"), {.width = 100, .height = 100});
  write_test_file(file("cut.png"), read_test_file(file("good.png")).substr(0, 2000));
  const auto reason = [&](const std::string& name) -> std::string {
    try {
      load_image(file(name), {});
      return "read";
    } catch (const Error& error) {
      return error.what();
    }
  };
  const std::vector<std::string> names = {"good.jpg", "cut.jpg", "good.png", "cut.png"};
  std::vector<std::string> alone(4);
  std::ranges::transform(names, alone.begin(), reason);
  EXPECT_EQ(alone[0], "read");
  EXPECT_NE(alone[1], alone[3]);
  std::vector<std::vector<std::string>> together(4, std::vector<std::string>(40));
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < 40; ++i) together[thread][i] = reason(names[(thread + i) % 4]);
      });
    }
  }
  for (int thread = 0; thread < 4; ++thread) {
    for (int i = 0; i < 40; ++i) EXPECT_EQ(together[thread][i], alone[(thread + i) % 4]);
  }
}

TEST_F(Images, AnimationsHoldEveryFrame) {
  std::vector<Image> frames;
  for (int i = 0; i < 5; ++i) {
    frames.push_back({16, 24, 3, std::vector<uint8_t>(16 * 24 * 3, static_cast<uint8_t>(50 * i))});
  }
  for (const char* name : {"x.webp", "x.gif"}) {
    SCOPED_TRACE(name);
    write_animation(file(name), frames, 20);
    VipsImage* image = vips_image_new_from_file(file(name).c_str(), "n", -1, nullptr);
    ASSERT_NE(image, nullptr);
    int pages = 0, delay_count = 0;
    int* delays = nullptr;
    ASSERT_EQ(vips_image_get_int(image, "n-pages", &pages), 0);
    ASSERT_EQ(vips_image_get_array_int(image, "delay", &delays, &delay_count), 0);
    EXPECT_EQ(pages, 5);
    EXPECT_EQ(vips_image_get_page_height(image), 16);
    EXPECT_EQ(delays[0], 50);
    double mean = 0;
    ASSERT_EQ(vips_avg(image, &mean, nullptr), 0);
    EXPECT_NEAR(mean, 100, image->Bands == 4 ? 60 : 3);
    g_object_unref(image);
  }
  expect_error(ErrorKind::kUsage, ".mp4", [&] { write_animation(file("x.mp4"), frames, 20); });
}

TEST_F(Images, ReadTheRealPhotographsAndSprites) {
  const char* data = std::getenv("WGAN_DATA");
  if (!data) GTEST_SKIP() << "WGAN_DATA is not set";
  for (const auto& [archive, expected] :
       {std::pair{"cats/cats-photos.tar", 338}, {"pokemon/pokemon.tar", 1114}}) {
    const auto target = file(std::filesystem::path(archive).stem().string());
    std::filesystem::create_directory(target);
    const std::string command = "tar xf '" + (std::filesystem::path(data) / archive).string() +
                                "' -C '" + target.string() + "'";
    ASSERT_EQ(std::system(command.c_str()), 0);
    int count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(target)) {
      if (!entry.is_regular_file()) continue;
      EXPECT_NO_THROW(load_image(entry.path(), {.size = 32})) << entry.path();
      ++count;
    }
    EXPECT_EQ(count, expected);
  }
}

#else

TEST(Images, AreRefusedWithoutLibvips) {
  EXPECT_FALSE(images_supported());
  expect_error(ErrorKind::kUsage, "libvips", [] { load_image("x.png", {}); });
}

#endif

}  // namespace
}  // namespace wgan
