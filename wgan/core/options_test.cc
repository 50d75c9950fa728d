// Option values survive a round trip through text, and bad ones are refused by name.
#include "wgan/core/options.h"

#include <gtest/gtest.h>

namespace wgan {
namespace {

enum class Colour { kRed, kBlue };

}  // namespace

template <>
struct EnumNames<Colour> {
  static constexpr std::pair<Colour, const char*> kNames[] = {{Colour::kRed, "red"},
                                                              {Colour::kBlue, "blue"}};
};

namespace {

struct Sample {
  double rate = 0.1;
  int64_t count = 3;
  bool flag = false;
  Colour colour = Colour::kRed;
  std::string text = "a \"quoted\" text";
  Duration time{90};
  PictureSize size = 64;

  Fields fields() & {
    return {{{"rate", "r"}, rate},     {{"count", "c"}, count}, {{"flag", "f"}, flag},
            {{"colour", "c"}, colour}, {{"text", "t"}, text},   {{"time", "t"}, time},
            {{"size", "s"}, size}};
  }
};

TEST(Options, SurviveARoundTripThroughJson) {
  Sample sample{1.0 / 3, -7, true, Colour::kBlue, "x", {3661.5}, {96, 64}};
  const Sample back = options_from_json<Sample>(options_to_json(sample));
  EXPECT_EQ(back.rate, sample.rate);
  EXPECT_EQ(back.count, sample.count);
  EXPECT_EQ(back.flag, sample.flag);
  EXPECT_EQ(back.colour, sample.colour);
  EXPECT_EQ(back.text, sample.text);
  EXPECT_EQ(back.time, sample.time);
  EXPECT_EQ(back.size, sample.size);
}

TEST(Options, RefuseUnknownKeysAndBadValues) {
  auto json = options_to_json(Sample{});
  json["surprise"] = "1";
  EXPECT_THROW(options_from_json<Sample>(json), Error);
  for (const auto& [key, text] : {std::pair{"rate", "fast"},
                                  {"rate", "nan"},
                                  {"count", "1.5"},
                                  {"flag", "maybe"},
                                  {"colour", "green"},
                                  {"time", "3x"},
                                  {"size", "64x"}}) {
    auto bad = options_to_json(Sample{});
    bad[key] = text;
    try {
      options_from_json<Sample>(bad);
      ADD_FAILURE() << key << " = " << text << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      EXPECT_NE(std::string(error.what()).find(key), std::string::npos) << error.what();
    }
  }
}

TEST(Durations, AreReadInEveryFormAndWrittenBack) {
  for (const auto& [text, seconds] : {std::pair{"90", 90.0},
                                      {"90s", 90.0},
                                      {"3m", 180.0},
                                      {"1h30m", 5400.0},
                                      {"0.5s", 0.5},
                                      {"1.5m", 90.0}}) {
    const Duration duration = parse_duration("time", text);
    EXPECT_EQ(duration.seconds, seconds) << text;
    EXPECT_EQ(parse_duration("time", format_duration(duration)), duration) << text;
  }
  for (const char* text : {"", "m", "-1s", "3 m", "1..2s"}) {
    EXPECT_THROW(parse_duration("time", text), Error) << text;
  }
}

TEST(PictureSizes, AreSquaresUnlessTheHeightIsGivenToo) {
  const auto read = [](const char* text) {
    PictureSize size;
    read_field("size", text, size);
    return size;
  };
  EXPECT_EQ(read("64"), PictureSize(64, 64));
  EXPECT_EQ(read("96x64"), PictureSize(96, 64));
  EXPECT_EQ(read("96X64"), PictureSize(96, 64));
  EXPECT_EQ(read("0"), PictureSize());
  EXPECT_EQ(read("96x64").width, 96);
  EXPECT_EQ(field_text(PictureSize(96, 64)), "96x64");
  EXPECT_EQ(field_text(PictureSize(64, 64)), "64");
  EXPECT_EQ(field_text(PictureSize()), "0");
  for (const char* text : {"", "x", "96x", "x64", "96x64x3", "-8", "96x-64", "64 x 64", "0x64"}) {
    EXPECT_THROW(read(text), Error) << text;
  }
}

TEST(NearestName, FindsTheTypoAndNothingForNonsense) {
  const std::string known[] = {"train", "sample", "interpolate", "doctor"};
  EXPECT_EQ(nearest_name("tarin", known), "train");
  EXPECT_EQ(nearest_name("smaple", known), "sample");
  EXPECT_EQ(nearest_name("interpolat", known), "interpolate");
  EXPECT_EQ(nearest_name("quux", known), "");
}

TEST(NearestName, FindsWhatTheTextBeginsOrIsBegunBy) {
  const std::string known[] = {"--no-out", "--out", "--evaluate-every", "--evaluate-n", "--lr"};
  EXPECT_EQ(nearest_name("--outdirectory", known), "--out");
  EXPECT_EQ(nearest_name("--eval", known), "--evaluate-n") << "the shortest";
  EXPECT_EQ(nearest_name("--ev", known), "") << "two letters say little";
  EXPECT_EQ(nearest_name("--gpu", known), "") << "of three letters one may be wrong";
  EXPECT_EQ(nearest_name("--", known), "");
  EXPECT_EQ(nearest_name("", known), "");
}

TEST(NearestName, FindsWhatSharesWords) {
  const std::string known[] = {"--no-mirror", "--feature-resize", "--size", "--samples-every",
                               "--tick-every"};
  EXPECT_EQ(nearest_name("--image-size", known), "--size");
  EXPECT_EQ(nearest_name("--sample-interval", known), "--samples-every");
  EXPECT_EQ(nearest_name("--sample-every-step", known), "--samples-every") << "two words of it";
  EXPECT_EQ(nearest_name("--no-blur", known), "") << "short words do not count";
}

}  // namespace
}  // namespace wgan
