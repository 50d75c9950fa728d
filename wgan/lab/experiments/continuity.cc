// How W(P_r, P_theta) depends on theta: generators that keep the conditions of Theorem 1 of the
// WGAN paper, and ones that break them one by one.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "wgan/core/random.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/continuity_maps.h"
#include "wgan/lab/experiments/experiments.h"

namespace wgan {
namespace {

constexpr double kNearly0 = 1e-6;  // a theta
constexpr int kSmallest = 12;      // steps of difference quotients are 3^-1 to 3^-12
constexpr double kEndless = std::numeric_limits<double>::infinity();
constexpr size_t kPlaces = 1000;  // thetas at which they are taken

// |W(theta) - W(0)| / theta at theta = 3^-k.
double steepness(const Mapping& map, int k) {
  const double theta = std::pow(3.0, -k);
  return std::abs(mean_of_h(map, theta) - mean_of_h(map, 0)) / theta;
}

// How much the difference quotient of W changes where its step shrinks from 3^-k to 3^-(k+1): the
// mean over random places from 0.1 to 0.9. It goes to 0 where W has a derivative.
double unrest(const Mapping& map, int k, uint64_t seed) {
  std::vector<float> places(kPlaces);
  fill_uniform({seed, Stream::kStudy, 0, 0}, places);
  double sum = 0;
  for (const float place : places) {
    const double theta = 0.1 + 0.8 * static_cast<double>(place);
    const auto quotient = [&](int power) {
      const double step = std::pow(3.0, -power);
      return (map.w(theta + step) - map.w(theta)) / step;
    };
    sum += std::abs(quotient(k + 1) - quotient(k));
  }
  return sum / static_cast<double>(kPlaces);
}

struct MappingSeen {
  int64_t n = 0;  // points a line
  std::vector<double> theta;
  std::vector<Separation> at;          // of each theta
  Separation below, above;             // at -kNearly0 and kNearly0
  std::vector<double> steepness = {};  // at 3^-k, k = 1, 2, ...
  std::vector<double> unrest = {};
};

MappingSeen seen_of(const Mapping& map, const ExperimentOptions& options) {
  const int64_t n = options.quick ? 64 : 256;
  MappingSeen seen{.n = n,
                   .theta = evenly(-1, 1, options.quick ? 17 : 41),
                   .at = {},
                   .below = separation_at(map, -kNearly0, n),
                   .above = separation_at(map, kNearly0, n)};
  for (const double theta : seen.theta) seen.at.push_back(separation_at(map, theta, n));
  for (int k = 1; k <= kSmallest; ++k) {
    seen.steepness.push_back(steepness(map, k));
    seen.unrest.push_back(unrest(map, k, options.seed));
  }
  return seen;
}

Panel w_panel(const Mapping& map, const MappingSeen& seen, int colour) {
  std::vector<double> theta = evenly(-1, 1, 4001), w = values_at(theta, map.w), js, measured;
  for (size_t i = 1; i < theta.size(); ++i) {
    if (std::abs(w[i] - w[i - 1]) > 0.25) w[i] = std::nan("");  // a jump
  }
  for (const Separation& at : seen.at) {
    measured.push_back(at.w);
    js.push_back(at.js);
  }
  return {.title = map.title,
          .x = {.label = "theta", .low = -1.05, .high = 1.05},
          .y = {.low = -0.05, .high = 1.6},
          .series = {curve("W, closed form", theta, w, Mark::kLine, colour),
                     curve("W of points", seen.theta, measured, Mark::kPoints, colour),
                     curve("JS of points", seen.theta, js, Mark::kDots, 7)}};
}

Figure curves_figure(const std::vector<MappingSeen>& all) {
  Figure figure{
      .name = "continuity",
      .caption =
          "$W(P_r, P_theta)$ for six generators. Where $g$ is continuous so is $W$; the jump of "
          "$g$ is one of $W$, but the turn, which $P_theta$ does not show, is none. JS is $log 2$ "
          "for all of them everywhere but at 0, and KL infinite (not drawn).",
      .alternative =
          "Six panels over theta: a V; a V whose right arm begins half a unit higher; a cusp like "
          "a root; a softer cusp; a jagged curve that rises from 0; a V again. In each a row of "
          "dots at log 2 with one dot at 0.",
      .columns = 3,
      .panel_width = 400,
      .panel_height = 320};
  for (size_t i = 0; i < all.size(); ++i) {
    figure.panels.push_back(w_panel(continuity_maps()[i], all[i], static_cast<int>(i)));
  }
  return figure;
}

// 3^-1, 3^-2, ...
std::vector<double> third_steps() {
  std::vector<double> steps;
  for (int k = 1; k <= kSmallest; ++k) steps.push_back(std::pow(3.0, -k));
  return steps;
}

double closed_steepness(const Mapping& map, double theta) {
  return std::abs(map.w(theta) - map.w(0)) / theta;
}

Figure quotients_figure(const std::vector<MappingSeen>& all) {
  const std::vector<double> steps = third_steps();
  Panel at_0{.title = "|W(theta) - W(0)| / theta",
             .x = {.label = "theta", .log = true},
             .y = {.log = true}};
  Panel elsewhere{.title = "change of the quotient elsewhere",
                  .x = {.label = "step", .log = true},
                  .y = {.log = true, .low = 1e-8}};
  for (size_t i = 0; i < all.size(); ++i) {
    const Mapping& map = continuity_maps()[i];
    const auto colour = static_cast<int>(i);
    at_0.series.push_back(
        curve(map.name, steps,
              values_at(steps, [&](double theta) { return closed_steepness(map, theta); }),
              Mark::kLine, colour));
    at_0.series.push_back(curve("", steps, all[i].steepness, Mark::kPoints, colour));
    elsewhere.series.push_back(
        curve(map.name, steps, positive(all[i].unrest), Mark::kLine, colour));
  }
  return {
      .name = "continuity-quotients",
      .caption =
          "Left: the slope of $W$ between 0 and $theta$ (closed forms as lines, integrals over "
          "$z$ as points). It stays 1 for the shift and the turn, and grows without bound "
          "where $g$ jumps or has no integrable Lipschitz constant. Right: how much difference "
          "quotients at 1000 random $theta$ away from 0 still change when their step becomes a "
          "third. They settle for all (those of the shift, the jump and the turn below the frame) "
          "but the function of Weierstrass: its $W$ has no derivative anywhere.",
      .alternative =
          "Two logarithmic panels. Left, towards smaller theta: a level line, one that rises "
          "slowly, two that rise faster, and one that rises fastest. Right, towards smaller "
          "steps: two lines that fall to 1e-6, and one that rises.",
      .panels = {at_0, elsewhere},
      .columns = 2};
}

Table theta_table(const std::vector<MappingSeen>& all) {
  Table table{.name = "continuity-over-theta",
              .caption = "W between equally many points of $P_r$ and $P_theta$.",
              .columns = {"theta"},
              .labels = {},
              .values = {}};
  for (const Mapping& map : continuity_maps()) table.columns.emplace_back(map.name);
  for (size_t i = 0; i < all[0].theta.size(); ++i) {
    table.labels.push_back(fmt::format("{:g}", all[0].theta[i]));
    table.values.emplace_back();
    for (const MappingSeen& seen : all) table.values.back().push_back(seen.at[i].w);
  }
  return table;
}

Table mappings_table(const std::vector<MappingSeen>& all) {
  Table table{.name = "continuity-of-generators",
              .caption =
                  "Near 0, and how much quotients elsewhere change from a step of $3^-8$ or "
                  "$3^-12$ to a third of it.",
              .columns = {"generator", "W at -1e-6", "W at 1e-6", "JS at 1e-6", "slope at 3^-6",
                          "slope at 3^-12", "change at 3^-8", "change at 3^-12"},
              .labels = {},
              .values = {}};
  for (size_t i = 0; i < all.size(); ++i) {
    const MappingSeen& seen = all[i];
    table.labels.emplace_back(continuity_maps()[i].name);
    table.values.push_back({seen.below.w, seen.above.w, seen.above.js, seen.steepness[5],
                            seen.steepness[11], seen.unrest[7], seen.unrest[11]});
  }
  return table;
}

// W of points against closed forms; JS and KL.
std::vector<Check> distance_checks(const std::vector<MappingSeen>& all) {
  double error = 0, least_js = 1, most_js = 0, least_kl = kEndless, at_0 = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t j = 0; j < all[i].theta.size(); ++j) {
      const double theta = all[i].theta[j];
      const Separation& at = all[i].at[j];
      error = std::max(error, std::abs(at.w - continuity_maps()[i].w(theta)));
      if (theta == 0) {
        at_0 = std::max({at_0, at.js, at.kl});
      } else {
        least_js = std::min(least_js, at.js);
        most_js = std::max(most_js, at.js);
        least_kl = std::min(least_kl, at.kl);
      }
    }
  }
  const double n = static_cast<double>(all[0].n);
  return {
      {"W of points is $|E h(theta, z)|$ up to the $1/(2n)$ of a sum over $z$: largest "
       "difference",
       error, 0, 1 / (2 * n) + 1e-9},
      {"JS is $log 2$ for every $theta$ other than 0: least", least_js, std::numbers::ln2 - 1e-12},
      {"and largest", most_js, 0, std::numbers::ln2 + 1e-12},
      {"KL is infinite there: least", least_kl, kEndless},
      {"and both are 0 at 0: largest", at_0, 0, 0}};
}

// From 3^-6 to 3^-12.
Check growth_check(const std::string& what, const MappingSeen& seen, double wanted) {
  return {what, seen.steepness[11] / seen.steepness[5], wanted * 0.999, wanted * 1.001};
}

std::vector<Check> continuity_checks(const std::vector<MappingSeen>& all) {
  std::vector<Check> checks = distance_checks(all);
  double gap = 0, difference = 0, settled = 0;
  const std::vector<double> steps = third_steps();
  for (const int i : {kShift, kRoot, kReciprocal, kWavy, kTurn}) {
    const MappingSeen& seen = all[static_cast<size_t>(i)];
    gap = std::max({gap, seen.below.w, seen.above.w});
    if (i != kWavy) settled = std::max(settled, seen.unrest[11]);
  }
  for (size_t i = 0; i < all.size(); ++i) {
    for (size_t k = 0; k < steps.size(); ++k) {
      const double closed = closed_steepness(continuity_maps()[i], steps[k]);
      difference = std::max(difference, std::abs(all[i].steepness[k] / closed - 1));
    }
  }
  const double log3 = std::log(3.0);
  const std::vector<Check> more = {
      {"W is continuous at 0 for all but the jump: largest W at $theta$ of 1e-6 and -1e-6, at most "
       "the root's 0.001",
       gap, 0, 0.001 + 1e-9},
      {"W of the jump is not: at 1e-6", all[kJump].above.w, 0.5, 0.5 + 2 * kNearly0},
      {"slopes from 0 as integrals over $z$ are those of the closed forms: largest relative "
       "difference",
       difference, 0, 1e-3},
      growth_check("from $theta = 3^-6$ to $3^-12$ the slope stays for the shift: factor",
                   all[kShift], 1),
      growth_check("and for the turn, although that $g$ is not continuous: factor", all[kTurn], 1),
      growth_check("it grows by 27 for the root: factor", all[kRoot], 27),
      growth_check("by $(1 + 12 log 3)/(1 + 6 log 3)$ for the reciprocal: factor", all[kReciprocal],
                   (1 + 12 * log3) / (1 + 6 * log3)),
      growth_check("by $(3/2)^6$ for the waves: factor", all[kWavy], std::pow(1.5, 6)),
      growth_check("by $(3^12 + 2)/(3^6 + 2)$ for the jump: factor", all[kJump],
                   (std::pow(3.0, 12) + 2) / (std::pow(3.0, 6) + 2)),
      {"away from 0 quotients settle for all continuous $g$ but the waves: largest change at a "
       "step "
       "of $3^-12$",
       settled, 0, 1e-3},
      {"and for the jump: change", all[kJump].unrest[11], 0, 1e-3},
      {"for the waves they change ever more, by $(3/2)^4$ from $3^-8$ to $3^-12$ up to a fifth: "
       "factor",
       all[kWavy].unrest[11] / all[kWavy].unrest[7], 0.8 * std::pow(1.5, 4),
       1.2 * std::pow(1.5, 4)}};
  checks.insert(checks.end(), more.begin(), more.end());
  return checks;
}

Outcome run_continuity(const ExperimentOptions& options) {
  std::vector<MappingSeen> all;
  for (const Mapping& map : continuity_maps()) {
    options.on_progress(map.name);
    all.push_back(seen_of(map, options));
  }
  return {.figures = {curves_figure(all), quotients_figure(all)},
          .tables = {mappings_table(all), theta_table(all)},
          .checks = continuity_checks(all),
          .remark =
              "The conditions suffice and are not necessary: $W$ of the turn is that of the "
              "shift, although its $g$ jumps; and $W$ of the root and of the reciprocal has a "
              "derivative everywhere but at 0, as those $g$ are locally Lipschitz elsewhere. "
              "Networks of affine layers and Lipschitz activations with latents of finite "
              "mean keep both conditions (Corollary 1 of the paper)."};
}

}  // namespace

Experiment continuity_experiment() {
  return {
      .name = "continuity",
      .title = "W depends on theta as continuously as the generator does, and JS and KL do not",
      .claim =
          "Let $P_theta$ be the distribution of $g_theta(z)$. If $g$ is continuous in $theta$, so "
          "is "
          "$W(P_r, P_theta)$. If $g$ is locally Lipschitz with constants $L(theta, z)$ of finite "
          "mean over $z$, $W$ is continuous everywhere and differentiable almost everywhere. "
          "Neither holds for JS and KL (Arjovsky et al. 2017, Theorem 1).",
      .text =
          "$P_r$ is the line of $(0, z)$ with $z$ from $U[0, 1]$, and $g_theta(z) = (h(theta, z), "
          "z)$. With $h$ of one sign for all $z$, $W = |E h(theta, z)|$: moving each point "
          "straight "
          "across costs as much, and no plan is cheaper, because $f(x, y) = x$ is 1-Lipschitz. JS "
          "and KL see only that the lines share no points.\n\n"
          "The shift $h = theta$ keeps all conditions. The jump adds $1/2$ to it above 0: $g$ is "
          "not continuous, and $W$ jumps. The root $h = 2 z sqrt(|theta|)$ is continuous, but its "
          "derivative is not bounded at 0, and neither is that of $W = sqrt(|theta|)$. The "
          "reciprocal $h = min(1, |theta|/z)$ is locally Lipschitz for every $z > 0$, with "
          "constant "
          "$1/z$ at 0, whose mean is infinite: $W = |theta| (1 - log|theta|)$ has no bounded slope "
          "at 0 either. The waves $h$, the sum of $(1 - cos(3^n pi theta)) / 2^n$ over $n$, "
          "divided "
          "by 4, are continuous and nowhere differentiable (Hardy 1916), and $W = h$. The turn "
          "maps "
          "$z$ to $(theta, z)$ up to 0 and to $(theta, 1 - z)$ above: $g$ jumps, and $P_theta$ "
          "does "
          "not.\n\n"
          "At $theta = 3^-k$ the slope of $W$ from 0 is 1 for the shift, $3^(k/2)$ for the root, "
          "$1 "
          "+ k log 3$ for the reciprocal, and for the waves, which at a third of $theta$ are half "
          "as high up to terms in $theta^2$, $3/2$ times the slope at $3^(-k+1)$. $W$ of points is "
          "the cost of an exact transport plan, JS and KL are those of the points' own "
          "distributions.",
      .settings = {},
      .in_all = true,
      .trained = false,
      .run = run_continuity};
}

}  // namespace wgan
