// Sequences of distributions that converge in W, and what JS, TV and KL say of them.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/metrics/density_divergence.h"
#include "wgan/metrics/divergence.h"
#include "wgan/metrics/transport_1d.h"

namespace wgan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPi = std::numbers::pi;
constexpr double kConvergenceExact = 1e-6;  // of the divergences
constexpr size_t kCells = 1 << 15;          // that a density is cut into for W

struct Distances {
  double w = 0, tv = 0, js = 0, kl = 0, reverse_kl = 0;
};

// P_1, P_2, ... and P, in closed form and by the measures of wgan.
struct Sequence {
  std::string name;
  Distances (*closed)(double n);  // js NaN: there is none
  Distances (*measured)(double n);
  double w_error = 0;                        // of the measured W, at most
  double (*cumulative)(double x, double n);  // P_n(X <= x); n infinite: P's
  double low = -0.2, high = 1.2;             // of the figure
};

at::Tensor doubles(const std::vector<double>& x) { return torch::tensor(x, torch::kFloat64); }

// W between P_n and P, which have densities on [low, high]: the mass of each cell in its middle.
double w_of(double (*cumulative)(double, double), double n, double low, double high) {
  const std::vector<double> edges = evenly(low, high, kCells + 1);
  const auto masses = [&](double number) {
    return doubles(values_at(edges, [&](double x) { return cumulative(x, number); }))
        .diff()
        .clamp_min(0);
  };
  const at::Tensor middles = doubles(edges).slice(0, 1) - (high - low) / 2 / kCells;
  return wasserstein_1d(middles, middles, 1, masses(n), masses(kInfinity));
}

Distances with_w(const DensityDivergences& found, double w) {
  return {w, found.total_variation.value, found.js.value, found.kl.value, found.reverse_kl.value};
}

// Divergences of histograms: of two distributions on atoms and on what is between them.
Distances with_w(const std::vector<double>& p, const std::vector<double>& q, double w) {
  return {w, total_variation(p, q), js_divergence(p, q), kl_divergence(p, q), kl_divergence(q, p)};
}

// --- A point at 1/n against one at 0. ---
Distances closed_point(double n) { return {1 / n, 1, std::numbers::ln2, kInfinity, kInfinity}; }
Distances measured_point(double n) {
  return with_w({1, 0}, {0, 1}, wasserstein_1d(doubles({1 / n}), doubles({0}), 1));
}
double cumulative_point(double x, double n) { return x >= 1 / n ? 1 : 0; }

// --- n points 1/n, 2/n, ..., 1 against U[0, 1]. ---
Distances closed_grid(double n) {
  return {1 / (2 * n), 1, std::numbers::ln2, kInfinity, kInfinity};
}
Distances measured_grid(double n) {
  const auto count = static_cast<size_t>(n);
  std::vector<double> atoms, p(count, 1 / n), q(count, 0);
  for (size_t k = 1; k <= count; ++k) atoms.push_back(static_cast<double>(k) / n);
  p.push_back(0), q.push_back(1);  // all that is no atom
  const double half = 0.5 / static_cast<double>(kCells);
  return with_w(p, q, wasserstein_1d(doubles(atoms), doubles(evenly(half, 1 - half, kCells)), 1));
}
double cumulative_grid(double x, double n) {
  const double inside = std::clamp(x, 0.0, 1.0);
  return std::isinf(n) ? inside : std::floor(inside * n) / n;
}

// --- The density 1 + cos(2 pi n x) against U[0, 1]. ---
Distances closed_wave(double n) {
  const double r = std::sqrt(3) / 2, middle = std::log((1 + r) / 2);  // the mean of log m
  const double p_part = (1 - std::numbers::ln2) - middle - (2 - 2 * r);
  return {1 / (kPi * kPi * n), 1 / kPi, (p_part - middle) / 2, 1 - std::numbers::ln2,
          std::numbers::ln2};
}
double cumulative_wave(double x, double n) {
  const double inside = std::clamp(x, 0.0, 1.0);
  return inside + (std::isinf(n) ? 0 : std::sin(2 * kPi * n * inside) / (2 * kPi * n));
}
Distances measured_wave(double n) {
  const auto log_wave = [n](double x) {
    return std::numbers::ln2 + 2 * std::log(std::abs(std::cos(kPi * n * x)));
  };
  const DensityDivergences found = density_divergences(
      log_wave, [](double) { return 0.0; },
      {.lower = 0, .upper = 1, .points = evenly(0, 1, 2 * static_cast<size_t>(n) + 1)});
  return with_w(found, w_of(cumulative_wave, n, 0, 1));
}

// --- N(1/n, 1) against N(0, 1). ---
Distances closed_bell(double n) {
  const double kl = 1 / (2 * n * n);
  return {1 / n, std::erf(1 / (2 * n) / std::numbers::sqrt2), std::nan(""), kl, kl};
}
double cumulative_bell(double x, double n) {
  return std::erfc((1 / n - x) / std::numbers::sqrt2) / 2;
}
Distances measured_bell(double n) {
  const auto log_bell = [](double mean) {
    return [mean](double x) { return -(x - mean) * (x - mean) / 2 - std::log(2 * kPi) / 2; };
  };
  return with_w(density_divergences(log_bell(1 / n), log_bell(0)), w_of(cumulative_bell, n, -8, 9));
}

const Sequence kSequences[] = {
    {"a point at 1/n to a point at 0", closed_point, measured_point, 1e-12, cumulative_point},
    {"n points on a grid to U[0, 1]", closed_grid, measured_grid, 0.25 / kCells, cumulative_grid},
    {"1 + cos(2 pi n x) to U[0, 1]", closed_wave, measured_wave, 1.0 / kCells, cumulative_wave},
    {"N(1/n, 1) to N(0, 1)", closed_bell, measured_bell, 17.0 / kCells, cumulative_bell, -4, 4}};

struct Measure {
  const char* name;
  double Distances::*value;
  Mark mark = Mark::kLine;
};
constexpr Measure kMeasures[] = {{"W", &Distances::w},
                                 {"TV", &Distances::tv},
                                 {"JS", &Distances::js},
                                 {"KL(Pn|P)", &Distances::kl, Mark::kDashed},
                                 {"KL(P|Pn)", &Distances::reverse_kl, Mark::kDashed}};

// Closed forms as lines, what was measured as points on them; JS of the bells has points alone.
Panel distances_panel(const Sequence& sequence, const std::vector<double>& ns,
                      const std::vector<Distances>& found) {
  Panel panel{.title = sequence.name, .x = {.label = "n", .log = true}, .y = {.log = true}};
  int colour = 0;
  for (const auto& [name, value, mark] : kMeasures) {
    std::vector<double> seen, closed;
    for (size_t i = 0; i < ns.size(); ++i) {
      seen.push_back(found[i].*value);
      closed.push_back(sequence.closed(ns[i]).*value);
    }
    const bool known = !std::isnan(closed[0]);
    if (known && std::isfinite(closed[0])) {
      panel.series.push_back(curve(name, ns, closed, mark, colour));
    }
    if (std::isfinite(seen[0])) {
      panel.series.push_back(curve(known ? "" : name, ns, seen, Mark::kPoints, colour));
    }
    ++colour;
  }
  return panel;
}

Panel functions_panel(const Sequence& sequence) {
  const std::vector<double> x = evenly(sequence.low, sequence.high, 1401);
  Panel panel{.title = sequence.name, .x = {.label = "x"}, .y = {.label = "P(X <= x)"}};
  for (const double n : {2.0, 8.0, kInfinity}) {
    const auto at = [&](double place) { return sequence.cumulative(place, n); };
    panel.series.push_back(curve(std::isinf(n) ? "limit" : fmt::format("n = {}", n), x,
                                 values_at(x, at), std::isinf(n) ? Mark::kDashed : Mark::kLine));
  }
  return panel;
}

std::vector<Check> checks(const Sequence& sequence, const std::vector<double>& ns,
                          const std::vector<Distances>& found) {
  std::vector<double> w, divergences;
  const auto all = {&Distances::tv, &Distances::js, &Distances::kl, &Distances::reverse_kl};
  for (size_t i = 0; i < ns.size(); ++i) {
    w.push_back(found[i].w - sequence.closed(ns[i]).w);
    for (const auto value : all) {
      const double seen = found[i].*value, wanted = sequence.closed(ns[i]).*value;
      if (!std::isnan(wanted)) divergences.push_back(seen == wanted ? 0 : seen - wanted);
    }
  }
  const auto largest = [](const auto& x) { return doubles(x).abs().max().template item<double>(); };
  const Distances last = sequence.closed(ns.back());
  return {
      {fmt::format("{}: W is its closed form, {:.3g} at last: largest difference", sequence.name,
                   last.w),
       largest(w), 0, sequence.w_error},
      {fmt::format("the same: TV, JS and KL(Pn|P) are theirs, {:.3g}, {:.3g} and {:.3g} at last: "
                   "largest difference",
                   last.tv, found.back().js, last.kl),
       largest(divergences), 0, kConvergenceExact}};
}

Outcome run_convergence(const ExperimentOptions& options) {
  std::vector<double> ns;
  for (double n = 1; n <= (options.quick ? 64 : 1024); n *= 2) ns.push_back(n);
  Figure distances{
      .name = "convergence",
      .caption =
          "Distances between P_n and P over n: closed forms as lines, measured values as points. W "
          "falls like 1/n in all four. In the first three TV, JS and KL stay, or KL is infinite "
          "(not drawn); of the bells, which overlap, all fall.",
      .alternative = "Four logarithmic panels: W falls in each, the others are level in three.",
      .columns = 2};
  Figure functions{
      .name = "convergence-of-distribution-functions",
      .caption = "The distribution functions of P_2, P_8 and P: W is the area between.",
      .alternative = "Four panels of rising curves or stairs that approach the limit.",
      .columns = 2};
  Outcome outcome;
  for (const Sequence& sequence : kSequences) {
    std::vector<Distances> found;
    for (const double n : ns) found.push_back(sequence.measured(n));
    distances.panels.push_back(distances_panel(sequence, ns, found));
    functions.panels.push_back(functions_panel(sequence));
    std::ranges::move(checks(sequence, ns, found), std::back_inserter(outcome.checks));
    if (&sequence == std::end(kSequences) - 1) {
      outcome.checks.push_back({"their JS, which has no closed form, falls to TV log 2 or less",
                                found.back().js, 0, found.back().tv * std::numbers::ln2});
    }
  }
  outcome.figures = {distances, functions};
  return outcome;
}

}  // namespace

Experiment convergence_experiment() {
  return {.name = "convergence",
          .title = "Sequences that converge in W but not in JS, TV or KL",
          .claim =
              "Convergence in KL implies convergence in JS and in TV, which imply convergence in "
              "$W$; none of the converses holds (Arjovsky et al. 2017, Theorem 2).",
          .text =
              "A point at $1/n$ comes ever closer to the point at 0: $W = 1/n$. Yet the two never "
              "share a place: $TV = 1$, $JS = log 2$ and KL is infinite for every $n$. The same "
              "holds for $n$ points spread evenly over $[0, 1]$, $W = 1/(2n)$ away from the "
              "uniform distribution.\n\n"
              "This is not a matter of single points. The densities $1 + cos(2 pi n x)$ on $[0, "
              "1]$ oscillate ever faster about the uniform one. The mass has ever less far to go, "
              "$W = 1/(pi^2 n)$, but $TV = 1/pi$, $KL(P_n|P) = 1 - log 2$, $KL(P|P_n) = log 2$ and "
              "JS do not depend on $n$.\n\n"
              "In the other direction there is no such sequence: where KL converges so does TV "
              "(Pinsker: $TV <= sqrt(KL/2)$), and where TV converges so do JS ($JS <= TV log 2$) "
              "and, on a bounded set, $W$, which is at most the diameter times TV. For $N(1/n, 1)$ "
              "all of them converge. A loss that converges more easily can be followed where the "
              "others stay constant.",
          .settings = {},
          .in_all = true,
          .trained = false,
          .run = run_convergence};
}

}  // namespace wgan
