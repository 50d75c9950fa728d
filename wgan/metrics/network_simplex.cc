// Column generation around LEMON's network simplex, on whole numbers: with floating-point costs the
// method can cycle where many costs are equal.
#include "wgan/metrics/network_simplex.h"

#include "wgan/core/error.h"

#ifdef WGAN_WITH_LEMON

#define LEMON_ONLY_TEMPLATES  // nothing of the compiled library is needed
#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "wgan/core/random.h"

namespace wgan {
namespace {

constexpr int64_t kAllPairs = int64_t{1} << 14;  // problems up to this size have no candidates
constexpr int64_t kCoarsening = 8;               // points of a problem to one of the coarser
constexpr size_t kCandidates = 10;               // a row and column, at first
constexpr int kPatience = 3;                     // rounds before more join at a time
constexpr int kMassBits = 60;
constexpr int kCostBits = 40;

using Arc = std::pair<int, int>;  // row, column
using Graph = lemon::StaticDigraph;
using Simplex = lemon::NetworkSimplex<Graph, int64_t, int64_t>;

// Masses are positive; their sums are equal. A cost in whole units is round(cost * scale).
struct Problem {
  std::span<const double> costs;
  std::vector<int64_t> from;
  std::vector<int64_t> to;
  double scale = 1;

  int rows() const { return static_cast<int>(from.size()); }
  int columns() const { return static_cast<int>(to.size()); }
  std::span<const double> row(int i) const {
    return costs.subspan(static_cast<size_t>(i) * to.size(), to.size());
  }
  int64_t cost(const Arc& arc) const {
    return std::llround(row(arc.first)[static_cast<size_t>(arc.second)] * scale);
  }
};

// In units of costs.
struct Potentials {
  std::vector<int64_t> from;
  std::vector<int64_t> to;
};

std::vector<double> as_costs(const std::vector<int64_t>& units, double scale) {
  std::vector<double> costs(units.size());
  std::transform(units.begin(), units.end(), costs.begin(),
                 [&](int64_t unit) { return static_cast<double>(unit) / scale; });
  return costs;
}

// The arcs of one row or column with the least reduced costs, at most `count`.
struct Shortlist {
  std::vector<std::pair<double, Arc>> heap;  // the largest first

  // Returns what a further arc has to be below.
  double add(double reduced, const Arc& arc, size_t count) {
    if (heap.size() == count) {
      std::pop_heap(heap.begin(), heap.end());
      heap.pop_back();
    }
    heap.emplace_back(reduced, arc);
    std::push_heap(heap.begin(), heap.end());
    return heap.size() < count ? std::numeric_limits<double>::infinity() : heap.front().first;
  }
};

// Appends the `count` arcs of each row and each column whose reduced costs are least and below
// `threshold`, in units.
void add_candidates(const Problem& problem, const Potentials& potentials, size_t count,
                    double threshold, std::vector<Arc>& arcs) {
  const std::vector<double> from = as_costs(potentials.from, problem.scale);
  const std::vector<double> to = as_costs(potentials.to, problem.scale);
  const double limit = threshold / problem.scale;
  std::vector<Shortlist> of_column(to.size());
  std::vector<double> column_limit(to.size(), limit);
  for (int i = 0; i < problem.rows(); ++i) {
    const std::span<const double> costs = problem.row(i);
    const double own = from[static_cast<size_t>(i)];
    if (least_reduced_cost(costs, to) - own >= limit) continue;
    Shortlist of_row;
    double row_limit = limit;
    for (size_t j = 0; j < to.size(); ++j) {
      const double reduced = costs[j] - to[j] - own;
      if (reduced >= row_limit && reduced >= column_limit[j]) continue;
      const Arc arc{i, static_cast<int>(j)};
      if (reduced < row_limit) row_limit = std::min(limit, of_row.add(reduced, arc, count));
      if (reduced < column_limit[j]) {
        column_limit[j] = std::min(limit, of_column[j].add(reduced, arc, count));
      }
    }
    for (const auto& [reduced, arc] : of_row.heap) arcs.push_back(arc);
  }
  for (const Shortlist& list : of_column) {
    for (const auto& [reduced, arc] : list.heap) arcs.push_back(arc);
  }
}

void sort_out(std::vector<Arc>& arcs) {
  std::sort(arcs.begin(), arcs.end());
  arcs.erase(std::unique(arcs.begin(), arcs.end()), arcs.end());
}

// The north-west corner rule: arcs that can carry a plan.
std::vector<Arc> staircase(const Problem& problem) {
  std::vector<Arc> arcs;
  size_t i = 0;
  size_t j = 0;
  int64_t from = problem.from[0];
  int64_t to = problem.to[0];
  while (true) {
    arcs.emplace_back(static_cast<int>(i), static_cast<int>(j));
    const int64_t moved = std::min(from, to);
    from -= moved;
    to -= moved;
    if (from == 0 && i + 1 < problem.from.size()) {
      from = problem.from[++i];
    } else if (j + 1 < problem.to.size()) {
      to = problem.to[++j];
    } else {
      return arcs;
    }
  }
}

std::vector<Arc> all_arcs(const Problem& problem) {
  std::vector<Arc> arcs;
  arcs.reserve(problem.costs.size());
  for (int i = 0; i < problem.rows(); ++i) {
    for (int j = 0; j < problem.columns(); ++j) arcs.emplace_back(i, j);
  }
  return arcs;
}

struct Solution {
  std::vector<Arc> arcs;
  std::vector<int64_t> flows;  // of the arcs
  Potentials potentials;
};

// Solves over solution.arcs alone, which are sorted and can carry a plan. The potentials that come
// in change no optimum, since they are taken off the costs, but the solver starts from the arcs
// that look cheapest, and with good potentials those are the right ones.
void solve_arcs(const Problem& problem, Solution& solution) {
  const int rows = problem.rows();
  const int nodes = rows + problem.columns();
  std::vector<Arc> ends = solution.arcs;
  for (Arc& arc : ends) arc.second += rows;
  Graph graph;
  graph.build(nodes, ends.begin(), ends.end());
  Graph::ArcMap<int64_t> costs(graph);
  Potentials& potentials = solution.potentials;
  const auto index = [](int i) { return static_cast<size_t>(i); };
  for (int a = 0; a < graph.arcNum(); ++a) {
    const Arc& arc = solution.arcs[index(a)];
    costs[Graph::arcFromId(a)] =
        problem.cost(arc) - potentials.from[index(arc.first)] - potentials.to[index(arc.second)];
  }
  Graph::NodeMap<int64_t> supplies(graph);
  for (int i = 0; i < nodes; ++i) {
    supplies[Graph::nodeFromId(i)] =
        i < rows ? problem.from[index(i)] : -problem.to[index(i - rows)];
  }
  constexpr bool kArcMixing = false;  // scanned in the order they lie in memory
  Simplex simplex(graph, kArcMixing);
  simplex.costMap(costs).supplyMap(supplies);
  if (simplex.run(Simplex::BLOCK_SEARCH) != Simplex::OPTIMAL) {
    throw Error(ErrorKind::kInternal, "the network simplex found no transport plan");
  }
  solution.flows.resize(solution.arcs.size());
  for (int a = 0; a < graph.arcNum(); ++a) {
    solution.flows[index(a)] = simplex.flow(Graph::arcFromId(a));
  }
  for (int i = 0; i < nodes; ++i) {
    const int64_t potential = simplex.potential(Graph::nodeFromId(i));
    if (i < rows) {
      potentials.from[index(i)] -= potential;
    } else {
      potentials.to[index(i - rows)] += potential;
    }
  }
}

Solution solve(const Problem& problem);

// One of every kCoarsening indices below count, chosen without a pattern.
std::vector<int> representatives(int count, uint64_t side) {
  std::vector<int> chosen;
  for (int first = 0; first < count; first += kCoarsening) {
    const int size = std::min(static_cast<int>(kCoarsening), count - first);
    Draws draws(
        {.stream = Stream::kTransport, .step = side, .index = static_cast<uint64_t>(first)});
    chosen.push_back(first + static_cast<int>(draws.below(static_cast<uint32_t>(size))));
  }
  return chosen;
}

std::vector<int64_t> coarse_masses(const std::vector<int64_t>& masses, size_t count) {
  std::vector<int64_t> coarse(count, 0);
  for (size_t i = 0; i < masses.size(); ++i) coarse[i / kCoarsening] += masses[i];
  return coarse;
}

// Dual variables that are feasible, and near the optimum: those of a problem between an eighth of
// the points, extended to all by the c-transform.
Potentials coarse_potentials(const Problem& problem) {
  const std::vector<int> rows = representatives(problem.rows(), 0);
  const std::vector<int> columns = representatives(problem.columns(), 1);
  std::vector<double> costs;
  costs.reserve(rows.size() * columns.size());
  for (const int i : rows) {
    for (const int j : columns) costs.push_back(problem.row(i)[static_cast<size_t>(j)]);
  }
  const Solution coarse = solve({.costs = costs,
                                 .from = coarse_masses(problem.from, rows.size()),
                                 .to = coarse_masses(problem.to, columns.size()),
                                 .scale = problem.scale});
  const std::vector<double> known = as_costs(coarse.potentials.from, problem.scale);
  std::vector<double> to(problem.to.size(), std::numeric_limits<double>::infinity());
  for (size_t r = 0; r < rows.size(); ++r) {
    const std::span<const double> row = problem.row(rows[r]);
    for (size_t j = 0; j < to.size(); ++j) to[j] = std::min(to[j], row[j] - known[r]);
  }
  Potentials potentials;
  for (const double potential : to)
    potentials.to.push_back(std::llround(potential * problem.scale));
  for (int i = 0; i < problem.rows(); ++i) {
    potentials.from.push_back(std::llround(least_reduced_cost(problem.row(i), to) * problem.scale));
  }
  return potentials;
}

Solution solve(const Problem& problem) {
  Solution solution;
  if (static_cast<int64_t>(problem.costs.size()) <= kAllPairs) {
    solution.arcs = all_arcs(problem);
    solution.potentials = {std::vector<int64_t>(problem.from.size(), 0),
                           std::vector<int64_t>(problem.to.size(), 0)};
    solve_arcs(problem, solution);
    return solution;
  }
  solution.potentials = coarse_potentials(problem);
  solution.arcs = staircase(problem);
  size_t count = kCandidates;
  add_candidates(problem, solution.potentials, count, std::numeric_limits<double>::infinity(),
                 solution.arcs);
  for (int round = 1;; ++round) {
    sort_out(solution.arcs);
    solve_arcs(problem, solution);
    const size_t before = solution.arcs.size();
    // One unit covers the rounding of a cost, so that no arc joins twice.
    add_candidates(problem, solution.potentials, count, -1, solution.arcs);
    if (solution.arcs.size() == before) return solution;
    if (round >= kPatience) count *= 2;
  }
}

// Whole numbers in proportion to the masses. A running sum is rounded, so that both sides of a
// problem have the same total.
std::vector<int64_t> whole_masses(std::span<const double> masses) {
  const long double total = std::accumulate(masses.begin(), masses.end(), 0.0L);
  std::vector<int64_t> whole;
  long double sum = 0;
  int64_t given = 0;
  for (const double mass : masses) {
    sum += mass;
    const int64_t reached = std::llround(std::ldexp(sum / total, kMassBits));
    whole.push_back(reached - given);
    given = reached;
  }
  return whole;
}

bool all_equal(std::span<const double> masses) {
  return std::all_of(masses.begin(), masses.end(),
                     [&](double mass) { return mass == masses.front(); });
}

double largest_magnitude(std::span<const double> costs) {
  double largest = 0;
  for (const double cost : costs) largest = std::max(largest, std::abs(cost));
  return largest;
}

}  // namespace

bool has_network_simplex() { return true; }

SolvedTransport network_simplex(std::span<const double> costs, std::span<const double> from,
                                std::span<const double> to) {
  Problem problem{.costs = costs, .from = {}, .to = {}};
  if (const double largest = largest_magnitude(costs); largest > 0) {
    problem.scale = std::ldexp(1.0, kCostBits - static_cast<int>(std::ceil(std::log2(largest))));
  }
  int64_t dust = 0;  // flows that only rounding makes
  if (all_equal(from) && all_equal(to)) {
    const auto n = static_cast<int64_t>(from.size());
    const auto m = static_cast<int64_t>(to.size());
    problem.from.assign(from.size(), m / std::gcd(n, m));
    problem.to.assign(to.size(), n / std::gcd(n, m));
  } else {
    problem.from = whole_masses(from);
    problem.to = whole_masses(to);
    dust = static_cast<int64_t>(from.size() + to.size());
  }
  const Solution solution = solve(problem);
  const double unit =
      std::accumulate(from.begin(), from.end(), 0.0) /
      static_cast<double>(std::accumulate(problem.from.begin(), problem.from.end(), int64_t{0}));
  SolvedTransport solved{.plan = {},
                         .potential_from = as_costs(solution.potentials.from, problem.scale),
                         .potential_to = as_costs(solution.potentials.to, problem.scale)};
  for (size_t a = 0; a < solution.arcs.size(); ++a) {
    if (solution.flows[a] <= dust) continue;
    solved.plan.push_back({.from = solution.arcs[a].first,
                           .to = solution.arcs[a].second,
                           .mass = static_cast<double>(solution.flows[a]) * unit});
  }
  return solved;
}

}  // namespace wgan

#else

namespace wgan {

bool has_network_simplex() { return false; }

SolvedTransport network_simplex(std::span<const double>, std::span<const double>,
                                std::span<const double>) {
  throw Error(ErrorKind::kIncompatible,
              "this build has no network simplex, which exact transport between unequal numbers of "
              "samples, weighted samples or few dimensions wants",
              "build with LEMON (Debian: liblemon-dev) and -DWGAN_WITH_LEMON=ON, or give equal "
              "numbers of samples without weights");
}

}  // namespace wgan

#endif
