// How a digit is written: control points, jitter, splines, a distorting hand, and antialiased ink.
#include "wgan/data/strokes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "wgan/core/random.h"

namespace wgan {
namespace {

struct Point {
  float x = 0, y = 0;
};

Point operator+(Point a, Point b) { return {a.x + b.x, a.y + b.y}; }
Point operator-(Point a, Point b) { return {a.x - b.x, a.y - b.y}; }
Point operator*(float s, Point p) { return {s * p.x, s * p.y}; }

// One way to write a digit. Points in the unit box, x to the right, y downwards. A stroke is a
// smooth curve through the points it names; strokes that share a point meet in a corner there.
struct Glyph {
  float width;  // of the box, as a part of its height
  std::vector<Point> points;
  std::vector<std::vector<int>> strokes;
};

using Styles = std::vector<Glyph>;

// clang-format off
const std::array<Styles, 10>& alphabet() {
  static const std::array<Styles, 10> kAlphabet = {
      Styles{
          {.75F, {{.62F, .03F}, {.28F, .10F}, {.07F, .50F}, {.22F, .90F}, {.55F, 1.F}, {.86F, .80F},
                  {.95F, .42F}, {.78F, .08F}, {.50F, .02F}}, {{0, 1, 2, 3, 4, 5, 6, 7, 8}}},
          {.60F, {{.45F, .00F}, {.15F, .18F}, {.06F, .55F}, {.25F, .93F}, {.60F, .98F}, {.92F, .66F},
                  {.90F, .25F}, {.62F, .00F}, {.36F, .06F}}, {{0, 1, 2, 3, 4, 5, 6, 7, 8}}}},
      Styles{
          {.25F, {{.5F, 0.F}, {.5F, .5F}, {.5F, 1.F}}, {{0, 1, 2}}},
          {.25F, {{.5F, 0.F}, {.5F, .5F}, {.5F, 1.F}}, {{0, 1, 2}}},
          {.40F, {{.05F, .27F}, {.40F, .14F}, {.66F, 0.F}, {.63F, .5F}, {.62F, 1.F}}, {{0, 1, 2}, {2, 3, 4}}},
          {.48F, {{.12F, .24F}, {.52F, 0.F}, {.52F, .5F}, {.5F, 1.F}, {.05F, 1.F}, {.95F, .99F}},
           {{0, 1}, {1, 2, 3}, {4, 3, 5}}}},
      Styles{
          {.72F, {{.08F, .24F}, {.28F, .04F}, {.62F, .02F}, {.82F, .24F}, {.68F, .54F}, {.38F, .80F},
                  {.04F, .99F}, {.50F, .96F}, {.98F, .98F}}, {{0, 1, 2, 3, 4, 5, 6}, {6, 7, 8}}},
          {.78F, {{.10F, .22F}, {.36F, .01F}, {.72F, .08F}, {.74F, .38F}, {.50F, .70F}, {.20F, .96F},
                  {.03F, .88F}, {.20F, .74F}, {.52F, .88F}, {.97F, .92F}}, {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}}}},
      Styles{
          {.66F, {{.10F, .14F}, {.42F, .00F}, {.78F, .14F}, {.70F, .38F}, {.36F, .47F}, {.74F, .54F},
                  {.92F, .75F}, {.68F, .96F}, {.34F, 1.F}, {.04F, .86F}},
           {{0, 1, 2, 3, 4}, {4, 5, 6, 7, 8, 9}}},
          {.66F, {{.08F, .04F}, {.46F, .03F}, {.86F, .02F}, {.64F, .22F}, {.40F, .42F}, {.76F, .48F},
                  {.92F, .72F}, {.68F, .96F}, {.34F, 1.F}, {.04F, .88F}},
           {{0, 1, 2}, {2, 3, 4}, {4, 5, 6, 7, 8, 9}}}},
      Styles{
          {.70F, {{.20F, .02F}, {.10F, .28F}, {.07F, .54F}, {.45F, .56F}, {.93F, .52F}, {.80F, .00F},
                  {.74F, .50F}, {.68F, 1.F}}, {{0, 1, 2}, {2, 3, 4}, {5, 6, 7}}},
          {.70F, {{.62F, 0.F}, {.32F, .34F}, {.03F, .64F}, {.46F, .66F}, {.97F, .64F}, {.66F, .50F},
                  {.66F, 1.F}}, {{0, 1, 2}, {2, 3, 4}, {0, 5, 6}}}},
      Styles{
          {.66F, {{.92F, .02F}, {.58F, .03F}, {.24F, .02F}, {.20F, .22F}, {.15F, .44F}, {.48F, .35F},
                  {.84F, .50F}, {.88F, .76F}, {.58F, .98F}, {.06F, .93F}},
           {{0, 1, 2}, {2, 3, 4}, {4, 5, 6, 7, 8, 9}}},
          {.70F, {{.96F, .00F}, {.66F, .06F}, {.36F, .08F}, {.22F, .28F}, {.40F, .42F}, {.70F, .56F},
                  {.76F, .80F}, {.48F, .99F}, {.06F, .95F}},
           {{0, 1, 2}, {2, 3, 4, 5, 6, 7, 8}}}},
      Styles{
          {.60F, {{.74F, .00F}, {.38F, .22F}, {.12F, .56F}, {.12F, .86F}, {.46F, 1.F}, {.84F, .86F},
                  {.84F, .62F}, {.54F, .52F}, {.14F, .76F}}, {{0, 1, 2, 3, 4, 5, 6, 7, 8}}},
          {.52F, {{.46F, .00F}, {.20F, .28F}, {.06F, .62F}, {.14F, .92F}, {.52F, 1.F}, {.90F, .84F},
                  {.78F, .62F}, {.44F, .60F}, {.10F, .80F}}, {{0, 1, 2, 3, 4, 5, 6, 7, 8}}}},
      Styles{
          {.66F, {{.05F, .06F}, {.46F, .05F}, {.92F, .03F}, {.66F, .44F}, {.44F, 1.F}}, {{0, 1, 2}, {2, 3, 4}}},
          {.66F, {{.06F, .20F}, {.10F, .05F}, {.50F, .05F}, {.94F, .02F}, {.66F, .46F}, {.52F, 1.F}},
           {{0, 1}, {1, 2, 3}, {3, 4, 5}}},
          {.66F, {{.05F, .04F}, {.46F, .05F}, {.92F, .03F}, {.66F, .46F}, {.42F, 1.F}, {.26F, .52F},
                  {.90F, .50F}}, {{0, 1, 2}, {2, 3, 4}, {5, 6}}}},
      Styles{
          {.60F, {{.80F, .12F}, {.48F, .00F}, {.16F, .14F}, {.26F, .38F}, {.66F, .56F}, {.86F, .80F},
                  {.50F, 1.F}, {.12F, .82F}, {.32F, .56F}, {.70F, .38F}, {.82F, .10F}},
           {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}}},
          {.60F, {{.54F, .48F}, {.20F, .34F}, {.22F, .08F}, {.58F, .00F}, {.84F, .18F}, {.78F, .38F},
                  {.46F, .49F}, {.12F, .66F}, {.16F, .92F}, {.50F, 1.F}, {.86F, .86F}, {.84F, .62F},
                  {.50F, .48F}}, {{0, 1, 2, 3, 4, 5, 6}, {6, 7, 8, 9, 10, 11, 12}}}},
      Styles{
          {.60F, {{.84F, .16F}, {.54F, .00F}, {.14F, .14F}, {.16F, .40F}, {.52F, .48F}, {.84F, .16F},
                  {.80F, .56F}, {.68F, 1.F}}, {{0, 1, 2, 3, 4, 5}, {5, 6, 7}}},
          {.60F, {{.88F, .22F}, {.60F, .00F}, {.18F, .10F}, {.12F, .38F}, {.46F, .50F}, {.86F, .26F},
                  {.86F, .62F}, {.62F, .95F}, {.16F, .96F}}, {{0, 1, 2, 3, 4, 5}, {5, 6, 7, 8}}}}};
  return kAlphabet;
}
// clang-format on

constexpr int kPieces = 5;  // line segments a span between two control points

struct Segment {
  Point from, to;
};

// The Catmull-Rom curve through the points of `stroke`, cut into segments.
void append_curve(const std::vector<Point>& points, const std::vector<int>& stroke,
                  std::vector<Segment>& segments) {
  const int last = static_cast<int>(stroke.size()) - 1;
  const auto at = [&](int i) {
    return points[static_cast<size_t>(stroke[static_cast<size_t>(i)])];
  };
  for (int i = 0; i < last; ++i) {
    const Point p1 = at(i), p2 = at(i + 1);
    const Point p0 = i > 0 ? at(i - 1) : 2.F * p1 - p2;
    const Point p3 = i + 1 < last ? at(i + 2) : 2.F * p2 - p1;
    Point from = p1;
    for (int piece = 1; piece <= kPieces; ++piece) {
      const float t = static_cast<float>(piece) / kPieces;
      const Point to =
          .5F * (2.F * p1 + t * (p2 - p0) + (t * t) * (2.F * p0 - 5.F * p1 + 4.F * p2 - p3) +
                 (t * t * t) * (3.F * p1 - p0 - 3.F * p2 + p3));
      segments.push_back({from, to});
      from = to;
    }
  }
}

// A hand: the linear map (aspect, slant, rotation) and the smooth waves it bends a digit by.
class Hand {
 public:
  Hand(float width, Draws& draws) {
    const float aspect = width * draws.uniform(.78F, 1.25F);
    const float slant = .16F + .22F * std::clamp(draws.normal(), -2.F, 2.F);
    const float angle = .09F * std::clamp(draws.normal(), -2.F, 2.F);
    const float c = std::cos(angle), s = std::sin(angle);
    // rotation * shear * aspect, about the middle of the box
    xx_ = c * aspect, xy_ = -c * slant - s;
    yx_ = s * aspect, yy_ = c - s * slant;
    for (Wave& wave : waves_) {
      wave.frequency = {draws.uniform(-4.F, 4.F), draws.uniform(-4.F, 4.F)};
      wave.phase = draws.uniform(0.F, 2.F * std::numbers::pi_v<float>);
      wave.shift = .022F * Point{draws.normal(), draws.normal()};
    }
  }

  Point operator()(Point p) const {
    const Point centred = p - Point{.5F, .5F};
    Point q = {xx_ * centred.x + xy_ * centred.y, yx_ * centred.x + yy_ * centred.y};
    for (const Wave& wave : waves_) {
      q = q + std::sin(wave.frequency.x * p.x + wave.frequency.y * p.y + wave.phase) * wave.shift;
    }
    return q;
  }

 private:
  struct Wave {
    Point frequency, shift;
    float phase = 0;
  };
  float xx_, xy_, yx_, yy_;
  std::array<Wave, 3> waves_;
};

// Scales and moves the segments into the picture: longer side `extent` pixels, centre of mass in
// the middle, but nothing nearer to the edge than `margin`.
void place(std::vector<Segment>& segments, float extent, float margin) {
  constexpr float kFar = std::numeric_limits<float>::max();
  Point low{kFar, kFar}, high{-kFar, -kFar}, mass;
  float length = 0;
  for (const Segment& s : segments) {
    for (const Point p : {s.from, s.to}) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const float piece = std::hypot(s.to.x - s.from.x, s.to.y - s.from.y);
    mass = mass + (.5F * piece) * (s.from + s.to);
    length += piece;
  }
  mass = (1.F / length) * mass;
  const float scale = extent / std::max({high.x - low.x, high.y - low.y, .1F});
  constexpr float kSide = static_cast<float>(kStrokesSide);
  const auto offset = [&](float centre, float lowest, float highest) {
    return std::clamp(.5F * kSide - scale * centre, margin - scale * lowest,
                      kSide - margin - scale * highest);
  };
  const Point move = {offset(mass.x, low.x, high.x), offset(mass.y, low.y, high.y)};
  for (Segment& s : segments) s = {scale * s.from + move, scale * s.to + move};
}

constexpr int kSide = static_cast<int>(kStrokesSide);
constexpr int kPitch = 32;  // floats a row of the canvas, so that boxes may be rounded to 4 columns
using Canvas = std::array<float, kSide * kPitch>;

constexpr float kSoft = .55F;  // pixels from half to no ink at a stroke's edge

// canvas = max(canvas, ink of a round pen of `radius` pixels drawn along the segment).
// The ink falls linearly in the squared distance from 1 at radius - kSoft to 0 at radius + kSoft.
void draw_segment(const Segment& s, float radius, Canvas& canvas) {
  const float reach = radius + kSoft;
  const float reach2 = reach * reach;
  const float gain = 1.F / (4.F * radius * kSoft);
  const Point d = s.to - s.from;
  const float inverse = 1.F / std::max(d.x * d.x + d.y * d.y, 1e-12F);
  const auto first = [&](float a, float b) {
    return std::max(0, static_cast<int>(std::min(a, b) - reach));
  };
  const auto last = [&](float a, float b) {
    return std::min(kSide - 1, static_cast<int>(std::max(a, b) + reach));
  };
  const int x0 = first(s.from.x, s.to.x) & ~3, x1 = (last(s.from.x, s.to.x) | 3) + 1;
  const int y0 = first(s.from.y, s.to.y), y1 = last(s.from.y, s.to.y) + 1;
  for (int y = y0; y < y1; ++y) {
    float* row = canvas.data() + static_cast<ptrdiff_t>(y) * kPitch;
    const float py = static_cast<float>(y) + .5F - s.from.y;
    for (int x = x0; x < x1; ++x) {
      const float px = static_cast<float>(x) + .5F - s.from.x;
      float t = (px * d.x + py * d.y) * inverse;
      t = t > 0.F ? t : 0.F;
      t = t < 1.F ? t : 1.F;
      const float ex = px - t * d.x, ey = py - t * d.y;
      const float ink = (reach2 - ex * ex - ey * ey) * gain;
      row[x] = row[x] > ink ? row[x] : ink;
    }
  }
}

Draws draws_of(uint64_t seed, int64_t row) {
  return Draws({seed, Stream::kSynthetic, 0, static_cast<uint64_t>(row)});
}

}  // namespace

int32_t strokes_label(uint64_t seed, int64_t row) {
  return static_cast<int32_t>(draws_of(seed, row).below(10));
}

void draw_strokes(uint64_t seed, int64_t row, std::span<std::byte> out) {
  Draws draws = draws_of(seed, row);
  const Styles& styles = alphabet()[draws.below(10)];
  const Glyph& glyph = styles[draws.below(static_cast<uint32_t>(styles.size()))];

  const Hand hand(glyph.width, draws);
  std::vector<Point> points = glyph.points;
  for (Point& p : points) p = p + .024F * Point{draws.normal() / glyph.width, draws.normal()};
  std::vector<Segment> segments;
  segments.reserve(points.size() * 2 * kPieces);
  for (const std::vector<int>& stroke : glyph.strokes) append_curve(points, stroke, segments);
  for (Segment& s : segments) s = {hand(s.from), hand(s.to)};

  const float radius = draws.uniform(.9F, 1.65F);
  place(segments, draws.uniform(17.5F, 21.F) - 1.2F * radius, radius + 1.5F);

  // The pen presses harder in some places: the radius varies by a slow wave along the digit.
  const float wavelength = draws.uniform(12.F, 30.F), phase = draws.uniform(0.F, 6.28F);
  Canvas canvas{};
  for (size_t i = 0; i < segments.size(); ++i) {
    const float pressure =
        1.F + .12F * std::sin(static_cast<float>(i) / wavelength * 6.28F + phase);
    draw_segment(segments[i], radius * pressure, canvas);
  }
  for (int y = 0; y < kSide; ++y) {
    const float* ink = canvas.data() + static_cast<ptrdiff_t>(y) * kPitch;
    std::byte* pixels = out.data() + static_cast<ptrdiff_t>(y) * kSide;
    for (int x = 0; x < kSide; ++x) {
      const float full = ink[x] < 1.F ? ink[x] : 1.F;
      pixels[x] = static_cast<std::byte>(static_cast<int>(full * 255.F + .5F));
    }
  }
}

}  // namespace wgan
