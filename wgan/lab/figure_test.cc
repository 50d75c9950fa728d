// Figures: what gnuplot is told, and what comes of it.
#include "wgan/lab/figure.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/lab/gnuplot.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

Figure figure_of(const std::vector<Panel>& panels, int64_t columns = 1) {
  return {.name = "drawn",
          .caption = "what to see",
          .alternative = "what it shows",
          .panels = panels,
          .columns = columns};
}

Panel curve(const std::string& title = "a curve") {
  return {.title = title, .series = {{.title = title, .x = {0, 1, 2, 3}, .y = {0, 1, 4, 9}}}};
}

Surface hills() {
  Surface surface{.rows = 6, .columns = 8, .levels = 4};
  for (int i = 0; i < 48; ++i) surface.values.push_back(std::sin(0.3 * i) + std::cos(i % 8));
  return surface;
}

struct Drawing : testing::Test {
  fs::path file(const char* name) const { return folder.path() / name; }
  std::string text(const char* name) const { return read_test_file(file(name)); }
  TemporaryFolder folder;
};

TEST(Gnuplot, TakesTextLiterally) {
  EXPECT_EQ(literal("it's"), "'it''s'");
  EXPECT_EQ(literal("`rm x` \"$(y)\" @z \\"), "'`rm x` \"$(y)\" @z \\'");
  EXPECT_EQ(literal("a\nset output 'b\r\x7f\xc2\x85"), "'a set output ''b   '");
  EXPECT_EQ(literal("\xe2\x88\x87 f"), "'\xe2\x88\x87 f'");
}

TEST(Gnuplot, WrapsTextAtBlanks) {
  EXPECT_EQ(literal_lines("one two three", 4), "'one two'.\"\\n\".'three'");
  EXPECT_EQ(literal_lines("short", 40), "'short'");
}

TEST(Gnuplot, BreaksALineOnceWhereNumbersAreNone) {
  std::string block;
  add_row(block, {kNone, 1});
  add_row(block, {1, 2});
  add_row(block, {2, std::numeric_limits<double>::infinity()});
  add_row(block, {3, kNone});
  add_row(block, {4, 0.1});
  EXPECT_EQ(block, "1 2\n\n4 0.1\n");
}

TEST(Gnuplot, PutsTicsAtRoundDistances) {
  EXPECT_DOUBLE_EQ(tic_distance(0, 4), 1);
  EXPECT_DOUBLE_EQ(tic_distance(-1, 1), 0.5);
  EXPECT_DOUBLE_EQ(tic_distance(0, 700), 200);
}

TEST(Gnuplot, LeavesRoomBetweenWideNumbersOfTheXAxis) {
  const auto commands = [](double last) {
    const Figure figure{.name = "",
                        .caption = "",
                        .alternative = "",
                        .panels = {{.series = {{.x = {0, last}, .y = {0, 1}}}}}};
    return gnuplot_commands(figure, "out.png");
  };
  EXPECT_NE(commands(10'000).find("set xtics 5000\n"), std::string::npos);
  EXPECT_NE(commands(0.01).find("set xtics 0.005\n"), std::string::npos);
  EXPECT_EQ(commands(100).find("set xtics"), std::string::npos);
}

TEST_F(Drawing, DoesNothingThatATitleSays) {
  const fs::path victim = file("victim");
  const std::string hostile = "`touch " + victim.string() + "`'; system('touch " + victim.string() +
                              "'); set output '|touch " + victim.string() + "\n!touch " +
                              victim.string() + "\nEOD\n{/Symbol a}_b^c %s \\";
  Panel panel = curve(hostile);
  panel.x.label = panel.y.label = hostile;
  draw(figure_of({panel}), folder.path());
  EXPECT_FALSE(fs::exists(victim));
  EXPECT_TRUE(fs::exists(file("drawn.png")));
  EXPECT_NE(text("drawn.svg").find("{/Symbol a}_b^c %s \\"), std::string::npos);
}

TEST_F(Drawing, GivesAPngAndAnSvgOfTheSameSize) {
  draw(figure_of({curve(), curve("another"), curve("the last")}, 2), folder.path());
  const ImageInfo info = read_image_info(file("drawn.png"));
  EXPECT_EQ(info.format, "png");
  EXPECT_EQ(info.width, 960);
  EXPECT_EQ(info.height, 720);
  const Image image = load_image(file("drawn.png"), {.size = 960, .fit = ImageFit::kPad});
  EXPECT_EQ(image.pixels[0], 255) << "the ground is white";
  EXPECT_NE(text("drawn.svg").find("width=\"960\" height=\"720\""), std::string::npos);
  EXPECT_EQ(text("drawn.svg").substr(0, 5), "<?xml");
  EXPECT_LT(fs::file_size(file("drawn.png")), 100'000u);
}

TEST_F(Drawing, DrawsEveryMark) {
  std::vector<Panel> panels;
  for (const Mark mark : {Mark::kLine, Mark::kDashed, Mark::kPoints, Mark::kDots, Mark::kSteps,
                          Mark::kBars, Mark::kArrows}) {
    Panel panel = curve("mark " + std::to_string(static_cast<int>(mark)));
    Series& series = panel.series[0];
    series.mark = mark;
    series.dx = series.dy = {1, 0, -1, 0.5};
    series.low = series.high = series.y;
    panels.push_back(panel);
    series.z = {3, 2, 1, 0};
    panels.push_back(panel);
  }
  panels[0].x.log = panels[0].y.log = true;  // its first point has no logarithm
  panels[1].x = {.label = "x", .low = -1, .high = 5};
  panels[2].equal_axes = panels[3].equal_axes = true;
  draw(figure_of(panels, 4), folder.path());
  EXPECT_EQ(read_image_info(file("drawn.png")).width, 4 * 480);
}

TEST_F(Drawing, DrawsSurfacesAndTheirLevelLines) {
  Panel colours{.title = "colours", .surface = hills()}, lines = colours, space = colours;
  colours.surface->values[3] = kNone;
  lines.surface->colours = false;
  space.series = {{.title = "over it", .x = {0, 1}, .y = {0, 1}, .z = {0, 2}}};
  Panel flat = colours;
  flat.surface->values.assign(48, 1.0);  // has no level lines
  draw(figure_of({colours, lines, space, flat}, 2), folder.path());
  EXPECT_EQ(read_image_info(file("drawn.png")).height, 720);
}

TEST_F(Drawing, DrawsPanelsWithoutNumbers) {
  Panel none = curve();
  none.series[0].y.assign(4, kNone);
  Panel log = none;
  log.y.log = true;
  draw(figure_of({none, log, Panel{}}), folder.path());
  EXPECT_TRUE(fs::exists(file("drawn.png")));
  draw(figure_of({}), folder.path());
}

TEST_F(Drawing, WritesItsNumbers) {
  Panel panel{.title = "p",
              .series = {{.title = "say \"x\"", .x = {0, 0.1}, .y = {kNone, 1e-20}},
                         {.x = {5}, .y = {6}, .low = {4}, .high = {7}}},
              .surface = Surface{.rows = 2,
                                 .columns = 2,
                                 .left = -1,
                                 .right = 1,
                                 .bottom = 0,
                                 .top = 3,
                                 .values = {1, 2, 3, 4}}};
  draw(figure_of({panel}), folder.path());
  EXPECT_EQ(text("drawn.csv"),
            "panel,series,title,x,y,z,dx,dy,low,high\n"
            "1,0,\"surface\",-1,0,1,,,,\n1,0,\"surface\",1,0,2,,,,\n"
            "1,0,\"surface\",-1,3,3,,,,\n1,0,\"surface\",1,3,4,,,,\n"
            "1,1,\"say \"\"x\"\"\",0,nan,,,,,\n1,1,\"say \"\"x\"\"\",0.1,1e-20,,,,,\n"
            "1,2,\"\",5,6,,,,4,7\n");
}

TEST_F(Drawing, KeepsThePixelsOfAPicture) {
  Figure figure = figure_of({});
  figure.picture = Image{.height = 9, .width = 12, .channels = 3, .pixels = {}};
  for (int i = 0; i < 9 * 12 * 3; ++i) figure.picture->pixels.push_back(static_cast<uint8_t>(i));
  draw(figure, folder.path());
  const ImageInfo info = read_image_info(file("drawn.png"));
  EXPECT_EQ(info.width, 12);
  EXPECT_EQ(info.height, 9);
  EXPECT_NE(text("drawn.svg").find("href=\"data:image/png;base64,iVBORw0KGgo"), std::string::npos);
  EXPECT_NE(text("drawn.svg").find("width=\"12\" height=\"9\""), std::string::npos);
  EXPECT_FALSE(fs::exists(file("drawn.csv")));
}

TEST_F(Drawing, MovesThroughTheFramesOfAnAnimation) {
  Animation animation{.name = "moves", .caption = "c", .alternative = "a"};
  for (int i = 0; i < 3; ++i) animation.frames.push_back(figure_of({curve(std::to_string(i))}));
  draw(animation, folder.path());
  const ImageInfo info = read_image_info(file("moves.gif"));
  EXPECT_EQ(info.format, "gif");
  EXPECT_EQ(info.width, 480);
  const std::string gif = text("moves.gif");
  int frames = 0;
  for (size_t at = 0; (at = gif.find("\x21\xf9\x04", at)) != std::string::npos; ++at) ++frames;
  EXPECT_EQ(frames, 3);
}

TEST_F(Drawing, SaysWhatToInstallWithoutGnuplot) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", folder.path().c_str(), 1);
  expect_error(ErrorKind::kUsage, "gnuplot-nox",
               [&] { draw(figure_of({curve()}), folder.path()); });
  expect_error(ErrorKind::kUsage, "gnuplot-nox", [] { want_gnuplot(); });
  EXPECT_EQ(gnuplot_version(), "");
  ::setenv("PATH", path.c_str(), 1);
  EXPECT_EQ(gnuplot_version().substr(0, 8), "gnuplot ");
  EXPECT_FALSE(fs::exists(file("drawn.png")));
}

TEST_F(Drawing, TellsWhatGnuplotRefused) {
  expect_error(ErrorKind::kInternal, "no_such_function",
               [&] { run_gnuplot("x", "plot no_such_function(x)\n", folder.path()); });
}

TEST_F(Drawing, RefusesLengthsThatDoNotFit) {
  const auto refused = [&](auto change) {
    Panel panel = curve();
    change(panel);
    expect_error(ErrorKind::kInternal, "lengths", [&] { draw(figure_of({panel}), folder.path()); });
  };
  refused([](Panel& p) { p.series[0].y.pop_back(); });
  refused([](Panel& p) { p.series[0].z = {1}; });
  refused([](Panel& p) { p.series[0].low = {1, 2, 3, 4}; });
  refused([](Panel& p) { p.series[0].mark = Mark::kArrows; });
  refused([](Panel& p) { p.surface = Surface{.rows = 2, .columns = 2, .values = {1, 2, 3}}; });
}

TEST_F(Drawing, RefusesAFolderThatIsNone) {
  expect_error(ErrorKind::kOutput, "drawn.png",
               [&] { draw(figure_of({curve()}), file("missing")); });
}

}  // namespace
}  // namespace wgan
