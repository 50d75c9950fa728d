// One adaptive integration of all the divergences at once: each piece is evaluated once for all.
#include "wgan/metrics/density_divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <queue>

#include "wgan/core/error.h"

namespace wgan {
namespace {

constexpr double kNoBound = std::numeric_limits<double>::infinity();
constexpr double kMassTolerance = 1e-6;
constexpr double kNarrowest = 1e-150;  // no integrable pole asks for narrower pieces

// What is integrated.
enum Component { kKl, kReverseKl, kJs, kVariation, kMassP, kMassQ, kComponents };
using Values = std::array<double, kComponents>;
constexpr std::array<Component, 2> kDirections = {kKl, kReverseKl};

// QUADPACK's qk15: the nodes from the outermost to the middle; every second one is of Gauss' rule.
constexpr std::array<double, 8> kNodes = {
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
    0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
    0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0.0};
constexpr std::array<double, 8> kKronrod = {
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
    0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
    0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
constexpr std::array<double, 4> kGauss = {
    0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
    0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
constexpr int64_t kRuleNodes = 15;

// A stretch of the line: from t = low to high, x = base + side * scale * t / (1 - t) in a tail
// (side -1 or 1), x = t between (side 0).
struct Piece {
  double low, high;
  double base = 0, scale = 1;
  int side = 0;
  Values value{}, error{};
  double urgency = 0;  // the largest error, in units of what is tolerated

  bool operator<(const Piece& other) const { return urgency < other.urgency; }
};

class Integration {
 public:
  Integration(const LogDensity& log_p, const LogDensity& log_q, const IntegrationOptions& options)
      : log_p_(log_p), log_q_(log_q), options_(options) {}

  DensityDivergences run() {
    find_heavy_tails();
    for (Piece& piece : first_pieces()) add(piece);
    // Errors are summed anew at the end of each round, so that rounding does not gather in them.
    while (!settled()) {
      if (evaluations_ >= options_.evaluations) fail_unsettled();
      for (size_t left = std::max<size_t>(pieces_.size() / 4, 1); left > 0; --left) split_worst();
    }
    check_mass(kMassP, "p");
    check_mass(kMassQ, "q");
    return {.kl = estimate(kKl, kNoBound),
            .reverse_kl = estimate(kReverseKl, kNoBound),
            .js = estimate(kJs, std::numbers::ln2),
            .total_variation = estimate(kVariation, 1)};
  }

 private:
  static double log_density(const LogDensity& log_density, double x, const char* name) {
    const double value = log_density(x);
    if (!std::isnan(value) && value < kNoBound) return value;
    throw Error(ErrorKind::kData, fmt::format("the log density {} is {} at {}", name, value, x),
                "return minus infinity where the density is 0");
  }

  // a log(a / b), given their logarithms.
  static double relative(double log_a, double log_b) {
    return log_a == -kNoBound ? 0 : std::exp(log_a) * (log_a - log_b);
  }

  // The integrands at x. missing: for each direction of the KL, whether it is infinite here.
  Values integrands(double x, std::array<bool, 2>& missing) const {
    const double a = log_density(log_p_, x, "p");
    const double b = log_density(log_q_, x, "q");
    const double p = std::exp(a);
    const double q = std::exp(b);
    missing = {a > -kNoBound && b == -kNoBound, b > -kNoBound && a == -kNoBound};
    Values values{};
    values[kMassP] = p;
    values[kMassQ] = q;
    values[kVariation] = std::abs(p - q) / 2;
    if (!missing[0]) values[kKl] = relative(a, b);
    if (!missing[1]) values[kReverseKl] = relative(b, a);
    if (p > 0 && q > 0) {
      const double middle = std::log((p + q) / 2);
      values[kJs] = (relative(a, middle) + relative(b, middle)) / 2;
    } else {
      values[kJs] = std::max(p, q) * std::numbers::ln2 / 2;
    }
    return values;
  }

  void evaluate(Piece& piece) {
    const double middle = (piece.low + piece.high) / 2;
    const double half = (piece.high - piece.low) / 2;
    Values gauss{}, scale{};
    piece.value = {};
    std::array<int, 2> missing_nodes{};
    const auto at_node = [&](double t, size_t i) {
      const double slope = piece.side == 0 ? 1 : piece.scale / ((1 - t) * (1 - t));
      const double x = piece.side == 0 ? t : piece.base + piece.side * piece.scale * t / (1 - t);
      std::array<bool, 2> missing{};
      const Values values = integrands(x, missing);
      for (size_t d = 0; d < 2; ++d) missing_nodes[d] += missing[d] ? 1 : 0;
      for (size_t c = 0; c < kComponents; ++c) {
        const double weighted = half * slope * values[c];
        piece.value[c] += kKronrod[i] * weighted;
        scale[c] += kKronrod[i] * std::abs(weighted);
        if (i % 2 == 1) gauss[c] += kGauss[i / 2] * weighted;
      }
    };
    for (size_t i = 0; i < kNodes.size(); ++i) {
      at_node(middle + half * kNodes[i], i);
      if (kNodes[i] > 0) at_node(middle - half * kNodes[i], i);
    }
    evaluations_ += kRuleNodes;
    // A single node may be an isolated zero of the density, which weighs nothing.
    for (size_t d = 0; d < 2; ++d) infinite_[d] = infinite_[d] || missing_nodes[d] > 1;
    // The rules' difference is far above the error of the better one, but for what rounding leaves.
    for (size_t c = 0; c < kComponents; ++c) {
      piece.error[c] = std::max(std::abs(piece.value[c] - gauss[c]),
                                scale[c] * std::numeric_limits<double>::epsilon());
    }
  }

  bool counts(size_t component) const { return component > kReverseKl || !infinite_[component]; }

  void add(Piece& piece) {
    evaluate(piece);
    piece.urgency = 0;
    for (size_t c = 0; c < kComponents; ++c) {
      if (counts(c)) piece.urgency = std::max(piece.urgency, piece.error[c]);
    }
    pieces_.push_back(piece);
    std::push_heap(pieces_.begin(), pieces_.end());
  }

  void split_worst() {
    std::pop_heap(pieces_.begin(), pieces_.end());
    Piece left = pieces_.back();
    Piece right = left;
    pieces_.pop_back();
    if (left.high - left.low < kNarrowest) fail_unsettled();
    left.high = right.low = (left.low + left.high) / 2;
    add(left);
    add(right);
  }

  bool settled() {
    total_ = error_ = {};
    for (const Piece& piece : pieces_) {
      for (size_t c = 0; c < kComponents; ++c) {
        total_[c] += piece.value[c];
        error_[c] += piece.error[c];
      }
    }
    for (size_t c = 0; c < kComponents; ++c) {
      const double allowed = options_.tolerance * std::max(std::abs(total_[c]), 1.0);
      if (counts(c) && !(error_[c] <= allowed)) return false;
    }
    return true;
  }

  // Between the points, and the tails beyond them as wide as their range.
  std::vector<Piece> first_pieces() const {
    std::vector<double> knots;
    for (const double point : options_.points) {
      if (point > options_.lower && point < options_.upper) knots.push_back(point);
    }
    for (const double bound : {options_.lower, options_.upper}) {
      if (std::isfinite(bound)) knots.push_back(bound);
    }
    if (knots.empty()) knots.push_back(0);
    std::sort(knots.begin(), knots.end());
    knots.erase(std::unique(knots.begin(), knots.end()), knots.end());
    const double range = knots.back() - knots.front();
    const double scale = range > 0 ? range / 2 : 1;
    std::vector<Piece> pieces;
    const auto cut = [&](Piece piece) {
      constexpr int kParts = 8;
      const double width = (piece.high - piece.low) / kParts;
      for (int i = 0; i < kParts; ++i) {
        Piece part = piece;
        part.low = piece.low + i * width;
        part.high = piece.low + (i + 1) * width;
        pieces.push_back(part);
      }
    };
    if (options_.lower == -kNoBound) {
      cut({.low = 0, .high = 1, .base = knots.front(), .scale = scale, .side = -1});
    }
    for (size_t i = 1; i < knots.size(); ++i) cut({.low = knots[i - 1], .high = knots[i]});
    if (options_.upper == kNoBound) {
      cut({.low = 0, .high = 1, .base = knots.back(), .scale = scale, .side = 1});
    }
    return pieces;
  }

  // No integral is finite whose integrand falls no faster than 1 / |x|: |x| times the integrand is
  // then no smaller at a far place than at one a good deal nearer.
  void find_heavy_tails() {
    constexpr double kNear = 1e30;
    constexpr double kFar = 1e60;
    for (const double side : {-1.0, 1.0}) {
      if (side < 0 ? options_.lower > -kNoBound : options_.upper < kNoBound) continue;
      std::array<bool, 2> missing{};
      const Values near = integrands(side * kNear, missing);
      const Values far = integrands(side * kFar, missing);
      for (const Component c : kDirections) {
        const bool heavy = far[c] > 0 && kFar * far[c] > 0.5 * kNear * near[c];
        infinite_[c] = infinite_[c] || heavy;
      }
    }
  }

  void check_mass(Component mass, const char* name) const {
    if (std::abs(total_[mass] - 1) <= kMassTolerance) return;
    throw Error(ErrorKind::kData,
                fmt::format("the density {} integrates to {:.9g}, wanted 1", name, total_[mass]),
                "normalise it, widen the bounds, or name a point in each narrow peak");
  }

  [[noreturn]] void fail_unsettled() const {
    double largest = 0;
    for (size_t c = 0; c < kComponents; ++c) {
      if (counts(c)) largest = std::max(largest, error_[c]);
    }
    throw Error(ErrorKind::kData,
                fmt::format("the integration is still off by about {:.3g} after {} evaluations; a "
                            "divergence may be infinite",
                            largest, evaluations_),
                "name the places where a density jumps or has a pole, or allow a larger tolerance");
  }

  Estimate estimate(Component c, double bound) const {
    if (!counts(c)) return {kNoBound, 0};
    return {std::clamp(total_[c], 0.0, bound), error_[c]};
  }

  const LogDensity& log_p_;
  const LogDensity& log_q_;
  const IntegrationOptions& options_;
  std::vector<Piece> pieces_;  // a heap, the worst first
  std::array<bool, 2> infinite_{};
  Values total_{}, error_{};
  int64_t evaluations_ = 0;
};

}  // namespace

DensityDivergences density_divergences(const LogDensity& log_p, const LogDensity& log_q,
                                       const IntegrationOptions& options) {
  if (!(options.lower < options.upper)) {
    throw Error(ErrorKind::kUsage, fmt::format("an integral from {} to {}, wanted the lower bound "
                                               "below the upper",
                                               options.lower, options.upper));
  }
  for (const double point : options.points) {
    if (!std::isfinite(point)) {
      throw Error(ErrorKind::kUsage, "a point of the integration that is not finite");
    }
  }
  if (!(options.tolerance > 0) || options.evaluations < 1) {
    throw Error(ErrorKind::kUsage, "the integration wants a positive tolerance and evaluations");
  }
  return Integration(log_p, log_q, options).run();
}

}  // namespace wgan
