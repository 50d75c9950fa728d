// A figure's panels as commands for gnuplot: data inline, text quoted so that none of it is a
// command.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "wgan/core/error.h"
#include "wgan/lab/figure.h"
#include "wgan/lab/gnuplot.h"

namespace wgan {
namespace {

// Okabe and Ito's palette, which the colour-blind can tell apart, its yellow darkened for white.
constexpr std::array<const char*, 8> kPalette = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                 "#E69F00", "#56B4E9", "#333333", "#B5A300"};
constexpr std::array<int, 8> kPointTypes = {7, 5, 9, 13, 11, 7, 5, 9};
// Numbers of an axis that ends below or above these are as wide as the space between its tics.
constexpr double kManyDecimals = 0.1, kManyDigits = 1000;

std::string colour_of(const Series& series, size_t place) {
  return kPalette[(series.colour < 0 ? place : static_cast<size_t>(series.colour)) %
                  kPalette.size()];
}

int point_type(const Series& series, size_t place) {
  return kPointTypes[(series.colour < 0 ? place : static_cast<size_t>(series.colour)) %
                     kPointTypes.size()];
}

bool in_space(const Panel& panel) {
  return std::ranges::any_of(panel.series, [](const Series& s) { return !s.z.empty(); });
}

// The distance between neighbours, of which bars take the most.
double bar_width(const std::vector<double>& x) {
  std::vector<double> sorted = x;
  std::ranges::sort(sorted);
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = 1; i < sorted.size(); ++i) {
    if (sorted[i] > sorted[i - 1]) least = std::min(least, sorted[i] - sorted[i - 1]);
  }
  return std::isfinite(least) ? 0.8 * least : 0.8;
}

// Writes a panel: first its data, then what is plotted of them.
class PanelWriter {
 public:
  PanelWriter(const Panel& panel, size_t number, int64_t width)
      : panel_(panel), number_(number), width_(width), space_(in_space(panel)) {}

  // Blocks of data, and those that gnuplot itself makes: before the page begins.
  std::string blocks() {
    std::string text;
    if (panel_.surface) text += surface_blocks(*panel_.surface);
    size_t bars = 0;
    for (size_t i = 0; i < panel_.series.size(); ++i) {
      const Series& series = panel_.series[i];
      if (!series.low.empty()) add_block(text, block_name("band", i), band_rows(series));
      add_block(text, block_name("data", i), rows(series, bars));
      if (series.mark == Mark::kBars) ++bars;
    }
    return text;
  }

  std::string commands() const {
    std::string text = "reset\n";
    text +=
        "set border 3 lw 0.8 lc rgb '#999999'\n"
        "set tics nomirror scale 0.5 textcolor rgb '#444444' font ',9'\n"
        "set grid lw 0.6 lc rgb '#E4E4E4' lt 1\n"
        // Below the labels of the axis, apart from them by the height that it has above its lines.
        "set key bmargin center horizontal Left reverse noenhanced font ',10' "
        "textcolor rgb '#222222' samplen 2 width 1 height 1.6\n";
    if (!panel_.title.empty()) {
      text += fmt::format("set title {} noenhanced font ',12' textcolor rgb '#111111'\n",
                          literal_lines(panel_.title, characters_in_line()));
    }
    text += axis("x", panel_.x) + axis("y", panel_.y);
    if (space_) {
      text += "set border 31\nset xyplane relative 0\nset view 62, 35\n";
      text += few_tics("x", &Series::x) + few_tics("y", &Series::y) + few_tics("z", &Series::z);
    } else if (const double end = extent(&Series::x).second;
               !panel_.x.log && (end < kManyDecimals || end >= kManyDigits)) {
      text += few_tics("x", &Series::x);
    }
    if (panel_.equal_axes && space_) text += "set view equal xy\n";
    if (panel_.equal_axes && !space_) {
      text += "set size ratio -1\n" + few_tics("x", &Series::x) + few_tics("y", &Series::y);
    }
    if (panel_.surface) text += surface_style();
    return text + (space_ ? "splot " : "plot ") + plots() + "\n";
  }

 private:
  size_t characters_in_line() const {
    return static_cast<size_t>(std::max<int64_t>(12, width_ / 9));
  }

  std::string block_name(const char* kind, size_t place = 0) const {
    return fmt::format("${}_{}_{}", kind, number_, place);
  }

  static void add_block(std::string& text, const std::string& name, const std::string& rows) {
    if (!rows.empty()) text += name + " << EOD\n" + rows + "EOD\n";
  }

  std::string rows(const Series& series, size_t bars_before) const {
    const auto bars =
        static_cast<double>(std::ranges::count(panel_.series, Mark::kBars, &Series::mark));
    const double width = bar_width(series.x) / std::max(1.0, bars);
    const double shift = (static_cast<double>(bars_before) - (bars - 1) / 2) * width;
    std::string text;
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (space_) {
        add_row(text, {series.x[i], series.y[i], series.z.empty() ? 0 : series.z[i]});
      } else if (series.mark == Mark::kArrows) {
        add_row(text, {series.x[i], series.y[i], series.dx[i], series.dy[i]});
      } else if (series.mark == Mark::kBars) {
        add_row(text, {series.x[i] + shift, series.y[i], width});
      } else {
        add_row(text, {series.x[i], series.y[i]});
      }
    }
    return text;
  }

  static std::string band_rows(const Series& series) {
    std::string text;
    for (size_t i = 0; i < series.x.size(); ++i) {
      add_row(text, {series.x[i], series.low[i], series.high[i]});
    }
    return text;
  }

  // The values as a matrix, and their level lines as gnuplot finds them.
  std::string surface_blocks(const Surface& surface) {
    std::string matrix;
    for (int64_t row = 0; row < surface.rows; ++row) {
      for (int64_t column = 0; column < surface.columns; ++column) {
        const double value = surface.values[static_cast<size_t>(row * surface.columns + column)];
        const bool finite = std::isfinite(value);
        if (finite) least_ = std::min(least_, value), most_ = std::max(most_, value);
        matrix += finite ? fmt::format("{:.6g} ", value) : std::string("NaN ");
      }
      matrix.back() = '\n';
    }
    std::string text;
    add_block(text, block_name("surface"), matrix);
    has_levels_ = surface.levels > 0 && most_ > least_;
    if (!has_levels_) return text;
    text += "reset\nset contour base\nunset surface\nset cntrparam levels discrete ";
    for (int64_t i = 1; i <= surface.levels; ++i) {
      const double share = static_cast<double>(i) / static_cast<double>(surface.levels + 1);
      text += fmt::format("{}{:.9g}", i > 1 ? "," : "", least_ + share * (most_ - least_));
    }
    return text + fmt::format("\nset table {}\nsplot {} with lines\nunset table\n",
                              block_name("levels"), surface_source());
  }

  // The matrix with the coordinates of its places.
  std::string surface_source() const {
    const Surface& s = *panel_.surface;
    const auto step = [](double low, double high, int64_t count) {
      return (high - low) / static_cast<double>(std::max<int64_t>(1, count - 1));
    };
    return fmt::format("{} matrix using ({:.9g}+$1*{:.9g}):({:.9g}+$2*{:.9g}):3",
                       block_name("surface"), s.left, step(s.left, s.right, s.columns), s.bottom,
                       step(s.bottom, s.top, s.rows));
  }

  // Colours from dark blue to yellow, as even to the eye as matplotlib's viridis, whose they are.
  std::string surface_style() const {
    return (least_ < most_ ? fmt::format("set cbrange [{:.9g}:{:.9g}]\n", least_, most_)
                           : std::string()) +
           "set palette defined (0 '#440154', 1 '#472D7B', 2 '#3B528B', 3 '#2C728E', "
           "4 '#21918C', 5 '#28AE80', 6 '#5EC962', 7 '#ADDC30', 8 '#FDE725')\n"
           "set colorbox noborder\nset cbtics scale 0\nunset grid\n";
  }

  std::string axis(const char* name, const Axis& axis) const {
    std::string text;
    if (!axis.label.empty()) {
      text += fmt::format("set {}label {} noenhanced font ',11' textcolor rgb '#222222'\n", name,
                          literal(axis.label));
    }
    if (axis.log) text += fmt::format("set logscale {0}\nset format {0} '%g'\n", name);
    const auto bound = [](std::optional<double> value) {
      return value ? fmt::format("{:.9g}", *value) : std::string("*");
    };
    if (axis.low || axis.high || !has_data()) {
      text += has_data()
                  ? fmt::format("set {}range [{}:{}]\n", name, bound(axis.low), bound(axis.high))
                  : fmt::format("set {}range [{:.9g}:{:.9g}]\n", name,
                                axis.low.value_or(axis.log ? 0.1 : 0), axis.high.value_or(1));
    } else if (*name == 'y' && from_zero() && !axis.log) {
      text += "set yrange [0:*]\n";
    } else if (panel_.surface || (*name == 'x' && only_lines())) {
      text += fmt::format("set {}range [*:*] noextend\n", name);
    }
    return text;
  }

  // Least and largest of all that is finite in the series; not low < high where there is none.
  std::pair<double, double> extent(std::vector<double> Series::*member) const {
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (const Series& series : panel_.series) {
      for (const double value : series.*member) {
        if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
      }
    }
    return {low, high};
  }

  // Where gnuplot's own tics crowd.
  std::string few_tics(const char* name, std::vector<double> Series::*member) const {
    const auto [low, high] = extent(member);
    return low < high ? fmt::format("set {}tics {:.9g}\n", name, tic_distance(low, high)) : "";
  }

  // Bars stand on zero.
  bool from_zero() const {
    return std::ranges::any_of(panel_.series,
                               [](const Series& s) { return s.mark == Mark::kBars; }) &&
           std::ranges::all_of(panel_.series, [](const Series& s) {
             return std::ranges::all_of(s.y, [](double y) { return !(y < 0); });
           });
  }

  bool only_lines() const {
    return std::ranges::all_of(panel_.series, [](const Series& s) {
      return s.mark == Mark::kLine || s.mark == Mark::kDashed;
    });
  }

  bool has_data() const {
    return (panel_.surface && !panel_.surface->values.empty()) ||
           std::ranges::any_of(panel_.series, [&](const Series& s) { return !rows(s, 0).empty(); });
  }

  std::string plots() const {
    std::vector<std::string> parts;
    if (!has_data()) parts.push_back("NaN notitle");  // keys alone are no plot
    if (panel_.surface) add_surface(parts);
    for (size_t i = 0; i < panel_.series.size(); ++i) {
      const Series& series = panel_.series[i];
      if (!space_ && !series.low.empty() && !band_rows(series).empty()) {
        parts.push_back(
            fmt::format("{} using 1:2:3 with filledcurves fc rgb '{}' fs transparent solid 0.18 "
                        "noborder notitle",
                        block_name("band", i), colour_of(series, i)));
      }
    }
    for (size_t i = 0; i < panel_.series.size(); ++i) add_series(parts, i);
    return fmt::format("{}", fmt::join(parts, ", \\\n  "));
  }

  void add_surface(std::vector<std::string>& parts) const {
    const Surface& surface = *panel_.surface;
    if (surface.colours) {
      parts.push_back(surface_source() + (space_ ? " with pm3d notitle" : " with image notitle"));
    }
    if (!has_levels_ || space_) return;
    parts.push_back(fmt::format("{} using 1:2:3 with lines lw 1 lc {} notitle",
                                block_name("levels"),
                                surface.colours ? "rgb '#50ffffff'" : "palette z"));
  }

  // The marks, and the entry of the key with a sample that is easy to see.
  void add_series(std::vector<std::string>& parts, size_t place) const {
    const Series& series = panel_.series[place];
    const std::string look = style(series, place, /*in_key=*/false);
    if (!rows(series, 0).empty()) {
      parts.push_back(
          fmt::format("{} using {} {} notitle", block_name("data", place), columns(series), look));
    }
    if (!series.title.empty()) {
      parts.push_back(fmt::format("keyentry {} title {}", style(series, place, /*in_key=*/true),
                                  literal(series.title)));
    }
  }

  std::string columns(const Series& series) const {
    if (space_ || (series.mark == Mark::kBars)) return "1:2:3";
    return series.mark == Mark::kArrows ? "1:2:3:4" : "1:2";
  }

  std::string style(const Series& series, size_t place, bool in_key) const {
    const std::string colour = fmt::format("lc rgb '{}'", colour_of(series, place));
    const int type = point_type(series, place);
    switch (series.mark) {
      case Mark::kLine:
        return "with lines lw 2 " + colour;
      case Mark::kDashed:
        return "with lines lw 2 dt (9,6) " + colour;
      case Mark::kPoints:
        return fmt::format("with points pt {} ps 0.8 {}", type, colour);
      case Mark::kDots:
        return fmt::format("with points pt 7 ps {} {}", in_key ? 0.7 : 0.22, colour);
      case Mark::kSteps:
        return (in_key || space_ ? "with lines lw 2 " : "with histeps lw 2 ") + colour;
      case Mark::kBars:
        if (space_) return "with impulses lw 4 " + colour;
        return fmt::format("with boxes fs solid 0.85 noborder {}", colour);
      case Mark::kArrows:
        if (in_key || space_) return "with lines lw 1.4 " + colour;
        return "with vectors head filled size screen 0.008,20 lw 1.4 " + colour;
    }
    return "";
  }

  const Panel& panel_;
  const size_t number_;
  const int64_t width_;
  const bool space_;
  bool has_levels_ = false;
  double least_ = std::numeric_limits<double>::infinity(), most_ = -least_;  // of the surface
};

void check_lengths(const Figure& figure) {
  for (const Panel& panel : figure.panels) {
    const std::optional<Surface>& surface = panel.surface;
    bool fits = !surface ||
                (surface->rows >= 2 && surface->columns >= 2 &&
                 static_cast<int64_t>(surface->values.size()) == surface->rows * surface->columns);
    for (const Series& s : panel.series) {
      for (const auto* more : {&s.z, &s.dx, &s.dy, &s.low, &s.high}) {
        fits = fits && (more->empty() || more->size() == s.x.size());
      }
      fits = fits && s.y.size() == s.x.size() && s.dx.size() == s.dy.size() &&
             s.low.size() == s.high.size() &&
             (s.mark != Mark::kArrows || s.dx.size() == s.x.size());
    }
    if (!fits) {
      throw Error(
          ErrorKind::kInternal,
          fmt::format("figure {}, panel '{}': lengths that do not fit", figure.name, panel.title));
    }
  }
}

}  // namespace

std::string gnuplot_commands(const Figure& figure, const std::filesystem::path& file) {
  check_lengths(figure);
  const int64_t count = std::max<int64_t>(1, static_cast<int64_t>(figure.panels.size()));
  const int64_t columns = std::clamp<int64_t>(figure.columns, 1, count);
  const int64_t rows = (count + columns - 1) / columns;
  const std::string size = fmt::format("size {},{} background rgb '#ffffff' noenhanced",
                                       columns * figure.panel_width, rows * figure.panel_height);
  std::string text = "set encoding utf8\n", pages;
  for (size_t i = 0; i < figure.panels.size(); ++i) {
    PanelWriter writer(figure.panels[i], i, figure.panel_width);
    text += writer.blocks();
    pages += writer.commands();
  }
  text += "reset\n";
  if (file.extension() == ".svg") {
    text += "set terminal svg " + size + " fontscale 1.3 font 'Helvetica,Arial,sans-serif,10'\n";
  } else {
    text += fmt::format(
        "if (strstrt(GPVAL_TERMINALS, ' pngcairo ') > 0) {{\n"
        "set terminal pngcairo {0} font 'sans,10'\n}} else {{\n"
        "set terminal png {0}\n}}\n",
        size);
  }
  // Absolute: a name that begins with | would be a command.
  text += "set output " + literal(std::filesystem::absolute(file).string()) + "\n";
  return text + fmt::format("set multiplot layout {},{}\n", rows, columns) + pages +
         "unset multiplot\nset output\n";
}

}  // namespace wgan
