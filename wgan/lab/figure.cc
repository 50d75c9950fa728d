// Runs gnuplot on figures, and writes what it drew beside the numbers.
#include "wgan/lab/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "wgan/core/error.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/base64.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/lab/csv.h"
#include "wgan/lab/gnuplot.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

std::string bytes_of_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void keep(const std::string& name, const fs::path& drawn, const fs::path& target) {
  const std::string bytes = bytes_of_file(drawn);
  if (bytes.empty()) {
    throw Error(ErrorKind::kInternal, fmt::format("gnuplot drew nothing of {}", name));
  }
  write_file_atomically(target, bytes);
}

// The numbers of row i, nothing where a series has none.
void add_csv_row(std::string& text, size_t panel, size_t number, const Series& series, size_t i) {
  text += fmt::format("{},{},{}", panel, number, csv_cell(series.title));
  for (const auto* column :
       {&series.x, &series.y, &series.z, &series.dx, &series.dy, &series.low, &series.high}) {
    text += column->empty() ? std::string(",") : fmt::format(",{}", (*column)[i]);
  }
  text += '\n';
}

void add_csv_surface(std::string& text, size_t panel, const Surface& surface) {
  const auto place = [](double low, double high, int64_t i, int64_t count) {
    return count < 2 ? low
                     : low + (high - low) * static_cast<double>(i) / static_cast<double>(count - 1);
  };
  for (int64_t row = 0; row < surface.rows; ++row) {
    for (int64_t column = 0; column < surface.columns; ++column) {
      text += fmt::format("{},0,\"surface\",{},{},{},,,,\n", panel,
                          place(surface.left, surface.right, column, surface.columns),
                          place(surface.bottom, surface.top, row, surface.rows),
                          surface.values[static_cast<size_t>(row * surface.columns + column)]);
    }
  }
}

// One long table: docs/formats.md.
std::string csv(const Figure& figure) {
  std::string text = "panel,series,title,x,y,z,dx,dy,low,high\n";
  for (size_t p = 0; p < figure.panels.size(); ++p) {
    const Panel& panel = figure.panels[p];
    if (panel.surface) add_csv_surface(text, p + 1, *panel.surface);
    for (size_t s = 0; s < panel.series.size(); ++s) {
      for (size_t i = 0; i < panel.series[s].x.size(); ++i) {
        add_csv_row(text, p + 1, s + 1, panel.series[s], i);
      }
    }
  }
  return text;
}

// An SVG of the picture's size around its PNG.
std::string svg_of_png(const Image& picture, const std::string& png) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\"><rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
      "<image width=\"{0}\" height=\"{1}\" href=\"data:image/png;base64,{2}\"/></svg>\n",
      picture.width, picture.height, base64(png));
}

// A PNG file with its own pixels.
Image read_png(const fs::path& path) {
  const ImageInfo info = read_image_info(path);
  return load_image(path, {.size = {info.width, info.height}, .channels = 3});
}

}  // namespace

void draw(const Figure& figure, const fs::path& folder) {
  const fs::path png = folder / (figure.name + ".png"), svg = folder / (figure.name + ".svg");
  if (figure.picture) {
    write_png(png, *figure.picture);
    write_file_atomically(svg, svg_of_png(*figure.picture, bytes_of_file(png)));
    return;
  }
  const TemporaryFolder temporary;
  const fs::path drawn_png = temporary.path() / "figure.png";
  const fs::path drawn_svg = temporary.path() / "figure.svg";
  run_gnuplot(figure.name,
              gnuplot_commands(figure, drawn_png) + gnuplot_commands(figure, drawn_svg),
              temporary.path());
  keep(figure.name, drawn_png, png);
  keep(figure.name, drawn_svg, svg);
  write_file_atomically(folder / (figure.name + ".csv"), csv(figure));
}

void draw(const Animation& animation, const fs::path& folder) {
  const TemporaryFolder temporary;
  const auto file_of = [&](size_t frame) {
    return temporary.path() / fmt::format("frame{}.png", frame);
  };
  std::string commands;
  for (size_t i = 0; i < animation.frames.size(); ++i) {
    if (!animation.frames[i].picture) commands += gnuplot_commands(animation.frames[i], file_of(i));
  }
  if (!commands.empty()) run_gnuplot(animation.name, commands, temporary.path());
  std::vector<Image> frames;
  for (size_t i = 0; i < animation.frames.size(); ++i) {
    const Figure& frame = animation.frames[i];
    frames.push_back(frame.picture ? *frame.picture : read_png(file_of(i)));
  }
  write_animation(folder / (animation.name + ".gif"), frames, animation.fps);
}

}  // namespace wgan
