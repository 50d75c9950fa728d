// min over x, max over y of x y: simultaneous gradient steps spiral away, others do not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"

namespace wgan {
namespace {

constexpr double kNashExact = 1e-12;  // of a factor a step: some roundings
constexpr double kLargest = 600;      // of the logarithm of a distance, so that it stays a double
constexpr size_t kFrames = 40;

struct Point {
  double x = 1, y = 1;
  double distance() const { return std::hypot(x, y); }
  // Kept by alternating steps.
  double invariant(double eta) const { return x * x - eta * x * y + y * y; }
};

using Path = std::vector<Point>;

// The place of both players after each of the steps, from (1, 1).
Path played(Point (*step)(const Point&, double), double eta, size_t steps) {
  Path path = {Point()};
  while (path.size() <= steps) path.push_back(step(path.back(), eta));
  return path;
}

Point simultaneous(const Point& at, double eta) { return {at.x - eta * at.y, at.y + eta * at.x}; }

// y answers to where x has gone already.
Point alternating(const Point& at, double eta) {
  const double x = at.x - eta * at.y;
  return {x, at.y + eta * x};
}

// Steps with the gradient of where a simultaneous step would lead (Korpelevich 1976).
Point extragradient(const Point& at, double eta) {
  const Point ahead = simultaneous(at, eta);
  return {at.x - eta * ahead.y, at.y + eta * ahead.x};
}

// How far the path is from growing by this factor in each step, and at most.
double off_factor(const Path& path, double factor) {
  double largest = 0;
  for (size_t i = 1; i < path.size(); ++i) {
    const double growth = path[i].distance() / path[i - 1].distance();
    largest = std::max(largest, std::abs(growth - factor));
  }
  return largest;
}

std::vector<double> along(const Path& path, const std::function<double(const Point&)>& value) {
  std::vector<double> values;
  for (const Point& at : path) values.push_back(value(at));
  return values;
}

double x_of(const Point& at) { return at.x; }
double y_of(const Point& at) { return at.y; }
double distance_of(const Point& at) { return at.distance(); }

struct Paths {
  Path simultaneous, alternating, extragradient;
};

Panel in_the_plane(const std::string& title, const std::vector<Series>& paths, double reach) {
  return {.title = title,
          .x = {.label = "x", .low = -reach, .high = reach},
          .y = {.label = "y", .low = -reach, .high = reach},
          .series = paths,
          .equal_axes = true};
}

Series trace(const std::string& title, const Path& path, int colour) {
  return curve(title, along(path, x_of), along(path, y_of), Mark::kLine, colour);
}

Figure figure(const Paths& paths, double eta) {
  const Path& away = paths.simultaneous;
  const auto steps = static_cast<double>(away.size() - 1);
  const std::vector<double> step = evenly(0, steps, away.size());
  const double reach = 1.05 * away.back().distance();
  const Series equilibrium = curve("equilibrium", {0}, {0}, Mark::kPoints, 3);
  return {
      .name = "nash",
      .caption = fmt::format(
          "$min_x max_y x y$ with $eta = {:g}$. Above: x and y of simultaneous steps "
          "swing ever wider, which in the plane is a spiral away from the equilibrium (0, 0). "
          "Below: alternating steps go round and round, extragradient steps go home; the distance "
          "from the equilibrium is a straight line on the logarithmic scale where a step has one "
          "factor.",
          eta),
      .alternative =
          "Four panels: x and y over the steps, growing oscillations; the outward spiral in the "
          "plane; a closed ring and an inward spiral; the distances from 0 over the steps, one "
          "rising, one level, one falling.",
      .panels =
          {{.title = "simultaneous steps",
            .x = {.label = "step"},
            .series = {curve("x", step, along(away, x_of)), curve("y", step, along(away, y_of))}},
           in_the_plane("their path", {trace("simultaneous", away, 0), equilibrium}, reach),
           in_the_plane("the other paths",
                        {trace("alternating", paths.alternating, 1),
                         trace("extragradient", paths.extragradient, 2), equilibrium},
                        2),
           {.title = "distance from the equilibrium",
            .x = {.label = "step"},
            .y = {.log = true},
            .series = {curve("simultaneous", step, along(away, distance_of)),
                       curve("alternating", step, along(paths.alternating, distance_of)),
                       curve("extragradient", step, along(paths.extragradient, distance_of))}}},
      .columns = 2};
}

// The first turns, while all three are still of one size.
Animation animation(const Paths& paths, double eta) {
  const double turn = 2 * 3.14159 / std::atan(eta);
  const size_t shown = std::min(paths.simultaneous.size(), static_cast<size_t>(3 * turn) + 2);
  Animation animation{.name = "nash-turns",
                      .caption = "The first three turns of the three kinds of steps.",
                      .alternative = "Three growing traces in the plane: outward, round, inward."};
  for (size_t frame = 1; frame <= kFrames; ++frame) {
    const auto until = static_cast<int64_t>(std::max<size_t>(1, frame * shown / kFrames));
    const auto part = [&](const std::string& title, const Path& path, int colour) {
      return trace(title, {path.begin(), path.begin() + until}, colour);
    };
    const double reach = 1.05 * paths.simultaneous[shown - 1].distance();
    animation.frames.push_back(
        {.name = "frame",
         .caption = "",
         .alternative = "",
         .panels = {in_the_plane(fmt::format("step {}", until - 1),
                                 {part("simultaneous", paths.simultaneous, 0),
                                  part("alternating", paths.alternating, 1),
                                  part("extragradient", paths.extragradient, 2)},
                                 reach)},
         .panel_height = 480});
  }
  animation.fps = 8;
  return animation;
}

std::vector<Check> checks(const Paths& paths, double eta) {
  const double growth = std::sqrt(1 + eta * eta);
  const double shrinkage = std::sqrt(1 - eta * eta + eta * eta * eta * eta);
  const auto steps = static_cast<double>(paths.simultaneous.size() - 1);
  // The ellipse of the invariant, which the start lies on, is so much longer than wide.
  const double stretch = std::sqrt((2 + eta) / (2 - eta));
  const double start = Point().distance(), invariant = Point().invariant(eta);
  double largest = 0, smallest = start, drift = 0;
  for (const Point& at : paths.alternating) {
    largest = std::max(largest, at.distance());
    smallest = std::min(smallest, at.distance());
    drift = std::max(drift, std::abs(at.invariant(eta) / invariant - 1));
  }
  const auto gone = [&](const Path& path) { return std::log(path.back().distance() / start); };
  return {
      {fmt::format("every simultaneous step takes both players $sqrt(1 + eta^2) = {:.6f}$ times "
                   "as far from the equilibrium: largest difference",
                   growth),
       off_factor(paths.simultaneous, growth), 0, kNashExact},
      {"so that the logarithm of the distance grows by steps / 2 $log(1 + eta^2)$",
       gone(paths.simultaneous), steps * std::log(growth) - 1e-6, steps * std::log(growth) + 1e-6},
      {"alternating steps preserve $x^2 - eta x y + y^2$: largest relative drift", drift, 0, 1e-9},
      {"and so stay within $sqrt((2 + eta) / (2 - eta))$ times the first distance", largest / start,
       0, stretch * (1 + 1e-9)},
      {"and never come nearer than one over that", smallest / start, (1 - 1e-9) / stretch},
      {fmt::format("every extragradient step takes them to $sqrt(1 - eta^2 + eta^4) = {:.6f}$ "
                   "times the distance: largest difference",
                   shrinkage),
       off_factor(paths.extragradient, shrinkage), 0, kNashExact},
      {"so that the logarithm of the distance falls by steps / 2 $log(1 - eta^2 + eta^4)$",
       gone(paths.extragradient), steps * std::log(shrinkage) - 1e-6,
       steps * std::log(shrinkage) + 1e-6}};
}

Outcome run_nash(const ExperimentOptions& options) {
  const auto eta = setting<double>(options, "eta");
  const auto steps = setting<int64_t>(options, "steps");
  if (!(eta >= 1e-4 && eta < 1)) {
    throw Error(ErrorKind::kUsage, fmt::format("--eta {}: wanted 0.0001 or more, below 1", eta),
                "from 1 on not even extragradient steps come nearer to the equilibrium");
  }
  if (steps < 2 || steps > 1'000'000 ||
      static_cast<double>(steps) / 2 * std::log1p(eta * eta) > kLargest) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--steps {} with --eta {}: wanted 2 to 1,000,000, and so few that the "
                            "growth sqrt(1 + eta^2) to their power is a number",
                            steps, eta));
  }
  const auto count = static_cast<size_t>(steps);
  const Paths paths = {.simultaneous = played(simultaneous, eta, count),
                       .alternating = played(alternating, eta, count),
                       .extragradient = played(extragradient, eta, count)};
  return {.figures = {figure(paths, eta)},
          .animations = {animation(paths, eta)},
          .checks = checks(paths, eta),
          .remark =
              "The oscillation grows by the same factor in every step, from the first on: that x "
              "and y have different signs, as some accounts of this example have it, is not what "
              "starts it. The game is played without networks and so says nothing of how fast GANs "
              "diverge, only that gradient steps may."};
}

}  // namespace

Experiment nash_experiment() {
  return {.name = "nash",
          .title = "Simultaneous gradient steps do not find the equilibrium of x y",
          .claim =
              "When $x$ minimises $x y$ and $y$ maximises it by simultaneous gradient steps of "
              "$eta = 0.1$, the oscillation grows without end (Salimans et al. 2016, section 3; "
              "the usual tutorial figure).",
          .text =
              "The equilibrium of $min_x max_y x y$ is $(0, 0)$: neither player gains by moving "
              "away from it alone. The gradients are $y$ and $x$, so simultaneous steps are $x' = "
              "x - eta y$, $y' = y + eta x$. That turns the point $(x, y)$ by the angle "
              "$atan(eta)$ and multiplies its distance from $(0, 0)$ by $sqrt(1 + eta^2)$, since "
              "$x'^2 + y'^2 = (1 + eta^2)(x^2 + y^2)$. However small $eta$ is, the players go "
              "round the equilibrium and away from it.\n\n"
              "If the players move in turn, so that $y$ responds to the new $x$, $y' = y + eta "
              "x'$, each step preserves $x^2 - eta x y + y^2$ (for $eta < 2$): the players go "
              "round an ellipse for ever and come no nearer. That is why GANs are trained with "
              "alternating steps, and why alternating steps alone do not make them converge.\n\n"
              "An extragradient step (Korpelevich 1976; Gidel et al. 2019) takes the gradient at "
              "the point that a simultaneous step would reach: $x' = x - eta (y + eta x)$, $y' = y "
              "+ eta (x - eta y)$. The distance from $(0, 0)$ is multiplied by $sqrt((1 - eta^2)^2 "
              "+ eta^2) = sqrt(1 - eta^2 + eta^4)$, below 1 for $eta < 1$: it converges.",
          .settings = {{"eta", "0.1", "learning rate of both players, below 1"},
                       {"steps", "1000", "steps from (1, 1)"}},
          .in_all = true,
          .trained = false,
          .run = run_nash};
}

}  // namespace wgan
