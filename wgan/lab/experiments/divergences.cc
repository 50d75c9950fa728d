// KL and JS between two bells on the line: which is symmetric, which is bounded, and by what.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/metrics/density_divergence.h"
#include "wgan/metrics/divergence.h"

namespace wgan {
namespace {

constexpr double kDivergencesExact =
    1e-6;  // the integration is asked for 1e-9 of what is 100 at most
constexpr double kDivergencesFarthest = 8;  // of the means

LogDensity bell(double mean, double deviation) {
  return [=](double x) {
    const double z = (x - mean) / deviation;
    return -z * z / 2 - std::log(deviation * std::sqrt(2 * std::numbers::pi));
  };
}

struct DivergencesPair {
  LogDensity p, q;
  double low = 0, high = 0;  // of what there is to see
  DensityDivergences measured = {};
  DensityDivergences swapped = {};  // of (q, p)
  double closed_kl = 0, closed_reverse_kl = 0;
};

// p = N(0, 1), and q has its mass there and within some deviations of the mean.
DivergencesPair measured_pair(const LogDensity& q, double mean, double deviation) {
  const std::vector<double> points = {-1, 0, 1, mean - deviation, mean, mean + deviation};
  return {.p = bell(0, 1),
          .q = q,
          .low = std::min(-4.0, mean - 4 * deviation),
          .high = std::max(4.0, mean + 4 * deviation),
          .measured = density_divergences(bell(0, 1), q, {.points = points}),
          .swapped = density_divergences(q, bell(0, 1), {.points = points})};
}

// q = N(mean, deviation^2).
DivergencesPair bells(double mean, double deviation) {
  DivergencesPair pair = measured_pair(bell(mean, deviation), mean, deviation);
  pair.closed_kl = gaussian_kl(0, 1, mean, deviation * deviation);
  pair.closed_reverse_kl = gaussian_kl(mean, deviation * deviation, 0, 1);
  return pair;
}

// q = p / 2 + N(distance, 1) / 2.
DivergencesPair bell_and_mixture(double distance) {
  const auto mixture = [near = bell(0, 1), far = bell(distance, 1)](double x) {
    const double larger = std::max(near(x), far(x)), smaller = std::min(near(x), far(x));
    return larger + std::log1p(std::exp(smaller - larger)) - std::numbers::ln2;
  };
  return measured_pair(mixture, distance, 1);
}

// e is how often the best guess whether x comes from p or q errs (Fano; Lin 1991).
double least_js(double tv) {
  const double e = (1 - tv) / 2;
  return std::numbers::ln2 + (e > 0 ? e * std::log(e) : 0) + (1 - e) * std::log1p(-e);
}
double greatest_js(double tv) { return tv * std::numbers::ln2; }

// The usual tutorial figure of a pair.
Figure integrands(const std::string& name, const std::string& what, const DivergencesPair& pair) {
  const std::vector<double> x = evenly(pair.low, pair.high, 401);
  const std::vector<double> p = values_at(x, [&](double at) { return std::exp(pair.p(at)); });
  const std::vector<double> q = values_at(x, [&](double at) { return std::exp(pair.q(at)); });
  std::vector<double> m, kl, reverse_kl, p_part, q_part, js;
  const auto term = [](double a, double b) { return a > 0 ? a * std::log(a / b) : 0; };
  for (size_t i = 0; i < x.size(); ++i) {
    m.push_back((p[i] + q[i]) / 2);
    kl.push_back(term(p[i], q[i]));
    reverse_kl.push_back(term(q[i], p[i]));
    p_part.push_back(term(p[i], m[i]));
    q_part.push_back(term(q[i], m[i]));
    js.push_back((p_part[i] + q_part[i]) / 2);
  }
  const double left = pair.measured.kl.value, right = pair.measured.reverse_kl.value;
  const double middle = pair.measured.js.value;
  return {.name = name,
          .caption = fmt::format(
              "{} The area under $p log(p/q)$ is $KL(p|q) = {:.4f}$, that under $q log(q/p)$ is "
              "KL(q|p) "
              "= {:.4f}; half the sum of the areas under p log(p/m) and q log(q/m) is JS = {:.4f}.",
              what, left, right, middle),
          .alternative =
              "Three panels over x: the densities p, q and their mean m; the two integrands of KL; "
              "the two integrands of JS and their mean.",
          .panels = {{.title = "densities",
                      .x = {.label = "x"},
                      .series = {curve("p", x, p), curve("q", x, q),
                                 curve("m = (p + q) / 2", x, m, Mark::kDashed)}},
                     {.title = fmt::format("KL(p|q) = {:.4f}, KL(q|p) = {:.4f}", left, right),
                      .x = {.label = "x"},
                      .series = {curve("p log(p/q)", x, kl), curve("q log(q/p)", x, reverse_kl)}},
                     {.title = fmt::format("JS = {:.4f}", middle),
                      .x = {.label = "x"},
                      .series = {curve("p log(p/m)", x, p_part), curve("q log(q/m)", x, q_part),
                                 curve("their mean", x, js, Mark::kDashed)}}},
          .columns = 3};
}

// KL both ways and JS over what changes along the pairs.
Panel over(const std::string& title, const Axis& axis, const std::vector<double>& at,
           const std::vector<DivergencesPair>& pairs) {
  const auto column = [&](Estimate DensityDivergences::*measure) {
    std::vector<double> values;
    for (const DivergencesPair& pair : pairs) values.push_back((pair.measured.*measure).value);
    return values;
  };
  return {
      .title = title,
      .x = axis,
      .y = {.label = "nats", .low = 0, .high = 3},
      .series = {curve("KL(p|q)", at, column(&DensityDivergences::kl), Mark::kLine, 0),
                 curve("KL(q|p)", at, column(&DensityDivergences::reverse_kl), Mark::kDashed, 1),
                 curve("JS", at, column(&DensityDivergences::js), Mark::kLine, 2),
                 level("log 2", at, std::numbers::ln2, 3)}};
}

Figure sliders(const std::vector<double>& means, const std::vector<DivergencesPair>& by_mean,
               const std::vector<double>& logarithms,
               const std::vector<DivergencesPair>& by_deviation) {
  Panel bounds = over("JS within its bounds", {.label = "mean of q"}, means, by_mean);
  bounds.y.high = 0.8;
  bounds.series.erase(bounds.series.begin(), bounds.series.begin() + 2);
  for (const double at : means) {
    const double tv = std::erf(at / 2 / std::numbers::sqrt2);
    bounds.series[0].low.push_back(least_js(tv));
    bounds.series[0].high.push_back(greatest_js(tv));
  }
  return {
      .name = "divergences-over-means",
      .caption =
          "Left: between bells of one width both KL are $mean^2 / 2$, without bound, and JS "
          "levels off at $log 2$. Middle: of two widths, the two KL differ. Right: JS within the "
          "bounds that the total variation gives it.",
      .alternative =
          "KL and JS over the mean of q, over its deviation, and JS over the mean within a "
          "band that ends in log 2.",
      .panels = {over("p = N(0, 1), q = N(mean, 1)", {.label = "mean of q"}, means, by_mean),
                 over("p = N(0, 1), q = N(0, deviation^2)", {.label = "log2(deviation of q)"},
                      logarithms, by_deviation),
                 bounds},
      .columns = 3};
}

double largest(const std::vector<DivergencesPair>& pairs,
               const std::function<double(const DivergencesPair&)>& wrong) {
  double found = 0;
  for (const DivergencesPair& pair : pairs) found = std::max(found, std::abs(wrong(pair)));
  return found;
}

std::vector<Check> checks(const std::vector<DivergencesPair>& by_mean,
                          const std::vector<DivergencesPair>& by_deviation,
                          const DivergencesPair& wider, const DivergencesPair& mixture) {
  std::vector<DivergencesPair> all = by_mean;
  all.insert(all.end(), by_deviation.begin(), by_deviation.end());
  all.push_back(wider);
  std::vector<DivergencesPair> with_mixture = all;
  with_mixture.push_back(mixture);
  const auto kl_error = [](const DivergencesPair& b) { return b.measured.kl.value - b.closed_kl; };
  const auto js_excess = [](const DivergencesPair& b) {
    const double tv = b.measured.total_variation.value, js = b.measured.js.value;
    return std::max({0.0, js - greatest_js(tv), least_js(tv) - js});
  };
  const auto kl_asymmetry = [](const DivergencesPair& b) {
    return b.measured.kl.value - b.measured.reverse_kl.value;
  };
  const auto js_asymmetry = [](const DivergencesPair& b) {
    return b.measured.js.value - b.swapped.js.value;
  };
  const double asymmetry = wider.closed_kl - wider.closed_reverse_kl;
  return {
      {"KL by integration is the closed form for Gaussians: largest difference",
       largest(all, kl_error), 0, kDivergencesExact},
      {"KL between bells of one width is symmetric: largest $KL(p|q) - KL(q|p)$",
       largest(by_mean, kl_asymmetry), 0, kDivergencesExact},
      {"KL between bells of two widths is not: $KL(p|q) - KL(q|p)$ is the closed forms', not 0",
       kl_asymmetry(wider), asymmetry - kDivergencesExact, asymmetry + kDivergencesExact},
      {"JS of means 8 apart is $log 2$ but for $H(3.2e-5)$", by_mean.back().measured.js.value,
       least_js(std::erf(kDivergencesFarthest / 2 / std::numbers::sqrt2)), std::numbers::ln2},
      {"$KL(p|q)$ of the mixture, where q has what p lacks, is $log 2$ at most",
       mixture.measured.kl.value, 0, std::numbers::ln2},
      {"$KL(q|p)$ of the mixture is $8^2 / 4 - log 2$ at least", mixture.measured.reverse_kl.value,
       kDivergencesFarthest * kDivergencesFarthest / 4 - std::numbers::ln2},
      {"JS is symmetric: largest $JS(p, q) - JS(q, p)$", largest(with_mixture, js_asymmetry), 0,
       kDivergencesExact},
      {"JS stays between $log 2 - H((1 - TV) / 2)$ and $TV log 2$: largest excess",
       largest(with_mixture, js_excess), 0, kDivergencesExact}};
}

Outcome run_divergences(const ExperimentOptions& options) {
  const double mean = setting<double>(options, "mean");
  const double deviation = setting<double>(options, "deviation");
  if (!(std::abs(mean) <= 10 && deviation <= 10 && deviation >= 1.1)) {
    throw Error(ErrorKind::kUsage, "wanted --mean from -10 to 10, --deviation from 1.1 to 10");
  }
  std::vector<DivergencesPair> by_mean, by_deviation;
  const std::vector<double> means = evenly(0, kDivergencesFarthest, options.quick ? 33 : 129);
  for (const double at : means) by_mean.push_back(bells(at, 1));
  const std::vector<double> logarithms = evenly(-2, 2, options.quick ? 33 : 129);
  for (const double at : logarithms) by_deviation.push_back(bells(0, std::exp2(at)));
  const DivergencesPair wider = bells(mean, deviation),
                        mixture = bell_and_mixture(kDivergencesFarthest);
  return {
      .figures = {integrands("divergences", fmt::format("p = N(0, 1) and q = N({:g}, 1).", mean),
                             bells(mean, 1)),
                  integrands("divergences-of-two-widths",
                             fmt::format("p = N(0, 1) and q = N({:g}, {:g}^2).", mean, deviation),
                             wider),
                  integrands("divergences-of-a-mixture",
                             "q is half p = N(0, 1), half a bell where p has next to nothing.",
                             mixture),
                  sliders(means, by_mean, logarithms, by_deviation)},
      .checks = checks(by_mean, by_deviation, wider, mixture),
      .remark =
          "The usual pair, N(0, 1) and N(1, 1), does not show that KL is asymmetric: only its "
          "integrands differ, both KL are 1/2. It takes bells of two widths, or a mixture."};
}

}  // namespace

Experiment divergences_experiment() {
  return {.name = "divergences",
          .title = "KL is not symmetric and has no bound; JS is symmetric and at most log 2",
          .claim =
              "KL is asymmetric and disregards $q$ where $p$ is nearly 0; JS is symmetric, smooth "
              "and bounded (the usual tutorial figure; Lin 1991; Huszar 2015).",
          .text =
              "$KL(p|q)$ is the integral of $p log(p/q)$, and $JS(p, q) = (KL(p|m) + KL(q|m)) / 2$ "
              "with $m = (p + q) / 2$. Between Gaussians $KL(N(a, s^2)|N(b, t^2)) = (s^2/t^2 - 1 - "
              "log(s^2/t^2) + (a - b)^2/t^2) / 2$; with $s = t$ this is $(a - b)^2 / (2 s^2)$ both "
              "ways.\n\n"
              "Where $p$ is nearly 0, so is $p log(p/q)$, whatever $q$ is: with $q$ half $p$ and "
              "half something far from it, $KL(p|q)$ is $log 2$ at most, while $KL(q|p)$ grows "
              "with the square of the distance.\n\n"
              "JS is the information that $x$ carries about a coin toss that decided whether $x$ "
              "was drawn from $p$ or from $q$: at most the coin's own $log 2$ (1 bit, hence the "
              "bound $[0, 1]$ of texts with logarithms to base 2), and the same when $p$ and $q$ "
              "change places. How well the coin can be guessed is the total variation TV: $log 2 - "
              "H((1 - TV)/2) <= JS <= TV log 2$, where $H(e) = -e log e - (1 - e) log(1 - e)$.",
          .settings = {{"mean", "1", "mean of q in the figures of two bells; p is N(0, 1)"},
                       {"deviation", "2", "deviation of q where the widths differ"}},
          .in_all = true,
          .trained = false,
          .run = run_divergences};
}

}  // namespace wgan
