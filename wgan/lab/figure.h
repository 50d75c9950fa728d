// Figures as data, and their drawing: gnuplot makes PNG and SVG of them, run as a process.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "wgan/io/image.h"

namespace wgan {

enum class Mark {
  kLine,
  kDashed,
  kPoints,
  kDots,   // small, for clouds of many points
  kSteps,  // as a histogram's outline
  kBars,
  kArrows,
};

struct Series {
  std::string title = {};  // in the key; empty: not in it
  Mark mark = Mark::kLine;
  std::vector<double> x = {};            // [N]
  std::vector<double> y = {};            // [N]; a value that is not finite breaks a line
  std::vector<double> z = {};            // [N]; where given, the panel is drawn in three dimensions
  std::vector<double> dx = {}, dy = {};  // [N], of kArrows: from (x, y) to (x + dx, y + dy)
  std::vector<double> low = {}, high = {};  // [N]: a band around the line
  int colour = -1;  // number in the palette; below 0: its place in the panel
};

// Values over a rectangle, as colours and, where asked for, level lines.
struct Surface {
  int64_t rows = 0, columns = 0;
  double left = 0, right = 1, bottom = 0, top = 1;  // of the outermost values
  std::vector<double> values = {};                  // [rows * columns], the bottom row first
  int64_t levels = 0;                               // lines; 0: none
  bool colours = true;
};

struct Axis {
  std::string label = {};
  bool log = false;
  std::optional<double> low = {}, high = {};  // where not given: what the data needs
};

struct Panel {
  std::string title = {};
  Axis x = {}, y = {};
  std::vector<Series> series = {};
  std::optional<Surface> surface = {};
  bool equal_axes = false;  // one unit is as long on both
};

// Panels in rows of `columns`, or a picture of samples.
struct Figure {
  std::string name;         // of its files, without ending
  std::string caption;      // what to see in it
  std::string alternative;  // what it shows, for those who do not see it
  std::vector<Panel> panels = {};
  int64_t columns = 1;
  int64_t panel_width = 480, panel_height = 360;  // pixels
  std::optional<Image> picture = {};
};

// Frames of one layout after another.
struct Animation {
  std::string name, caption, alternative;
  std::vector<Figure> frames = {};
  double fps = 4;
};

// The commands that draw the panels onto `file`, its ending (png, svg) the kind. Text is shown as
// it is: nothing in a title is a command.
std::string gnuplot_commands(const Figure& figure, const std::filesystem::path& file);

// FOLDER/NAME.png and FOLDER/NAME.svg, on a white ground, and FOLDER/NAME.csv: the numbers of all
// series and surfaces (of pictures there are none). Throws Error(kOutput) where they cannot be
// written, Error(kUsage) where there is no gnuplot, Error(kInternal) with its message where it
// fails.
void draw(const Figure& figure, const std::filesystem::path& folder);

// FOLDER/NAME.gif. Throws the same.
void draw(const Animation& animation, const std::filesystem::path& folder);

}  // namespace wgan
