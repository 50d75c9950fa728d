// Piles of earth become other piles: move by move, and as the linear programme of optimal
// transport.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "wgan/core/counted.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/transport.h"
#include "wgan/metrics/transport_1d.h"

namespace wgan {
namespace {

constexpr double kEarthMoverExact = 1e-9;  // of the mass
constexpr size_t kMostPiles = 40;
constexpr size_t kMostPanels = 12;  // of piles after a move

struct Piles {
  std::vector<double> from, to;
  double mass = 0;
};

Piles piles_of(const ExperimentOptions& options) {
  Piles piles{.from = number_list(options, "from"), .to = number_list(options, "to")};
  const size_t count = piles.from.size();
  if (count < 2 || count > kMostPiles) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--from: {}, wanted 2 to {}", counted(count, "pile"), kMostPiles));
  }
  piles.mass = std::accumulate(piles.from.begin(), piles.from.end(), 0.0);
  return piles;
}

// The heights after no move, one, two, ...
std::vector<std::vector<double>> states(const Piles& piles, const EarthMoves& earth) {
  std::vector<std::vector<double>> states = {piles.from};
  for (const Flow& move : earth.moves) {
    states.push_back(states.back());
    states.back()[static_cast<size_t>(move.from)] -= move.mass;
    states.back()[static_cast<size_t>(move.to)] += move.mass;
  }
  return states;
}

std::vector<double> numbered(size_t count) { return evenly(1, static_cast<double>(count), count); }

// The piles at one time beside what they are to become.
Panel piles_panel(const std::string& title, const std::vector<double>& heights, const Piles& piles,
                  double highest) {
  const std::vector<double> x = numbered(heights.size());
  return {.title = title,
          .x = {.label = "pile"},
          .y = {.low = 0, .high = 1.1 * highest},
          .series = {curve("now", x, heights, Mark::kBars, 0),
                     curve("wanted", x, piles.to, Mark::kPoints, 1)}};
}

std::string move_text(const Flow& move) {
  return fmt::format("{:g} from pile {} to pile {}", move.mass, move.from + 1, move.to + 1);
}

Figure moves_figure(const Piles& piles, const EarthMoves& earth,
                    const std::vector<std::vector<double>>& after) {
  double highest = *std::max_element(piles.to.begin(), piles.to.end());
  for (const auto& heights : after) {
    highest = std::max(highest, *std::max_element(heights.begin(), heights.end()));
  }
  Figure figure{.name = "earth-mover",
                .caption = fmt::format(
                    "The piles after each move; {} to a neighbour, {:g} units of work in all.",
                    counted(earth.moves.size(), "move"), earth.work),
                .alternative =
                    "Bars for the piles, one panel a move, that end at the points of the wanted "
                    "heights.",
                .columns = 4,
                .panel_width = 360,
                .panel_height = 300};
  // Of many moves only some are shown, the last among them.
  const size_t stride = (after.size() - 1) / kMostPanels + 1;
  for (size_t i = 0; i < after.size(); ++i) {
    if (i % stride != 0 && i + 1 != after.size()) continue;
    figure.panels.push_back(
        piles_panel(i == 0 ? "at first" : fmt::format("{}: {}", i, move_text(earth.moves[i - 1])),
                    after[i], piles, highest));
  }
  figure.columns = std::min<int64_t>(4, static_cast<int64_t>(figure.panels.size()));
  return figure;
}

// The linear programme: costs |i - j| between the piles.
Transport programme(const Piles& piles) {
  const auto count = static_cast<int64_t>(piles.from.size());
  const at::Tensor places = torch::arange(count, torch::kFloat64);
  return exact_transport_of_costs((places.unsqueeze(1) - places.unsqueeze(0)).abs(),
                                  torch::tensor(piles.from, torch::kFloat64),
                                  torch::tensor(piles.to, torch::kFloat64));
}

Figure plan_figure(const Piles& piles, const Transport& plan) {
  const size_t count = piles.from.size();
  const auto last = static_cast<double>(count);
  Surface masses{.rows = static_cast<int64_t>(count),
                 .columns = static_cast<int64_t>(count),
                 .left = 1,
                 .right = last,
                 .bottom = 1,
                 .top = last,
                 .values = std::vector<double>(count * count)};
  for (const Flow& flow : plan.plan) {
    masses.values[static_cast<size_t>(flow.to) * count + static_cast<size_t>(flow.from)] +=
        flow.mass;
  }
  const std::vector<double> x = numbered(count);
  std::vector<double> negative = numbers_of(-plan.potential_to);
  return {
      .name = "earth-mover-plan",
      .caption = fmt::format(
          "Left: the optimal plan of the linear programme, how much goes from each pile (x) to "
          "each pile (y); what is on the diagonal stays. Right: the potentials that prove it "
          "optimal, f at the piles given and -g at those wanted: where they are one 1-Lipschitz "
          "curve, its mean over the first less its mean over the second is the cost {:g}.",
          plan.cost),
      .alternative =
          "A heat map with most of its mass on and beside the diagonal, and two curves of "
          "potentials over the piles.",
      .panels = {{.title = "optimal plan",
                  .x = {.label = "from pile"},
                  .y = {.label = "to pile"},
                  .surface = masses,
                  .equal_axes = true},
                 {.title = "potentials",
                  .x = {.label = "pile"},
                  .series = {curve("f", x, numbers_of(plan.potential_from)),
                             curve("-g", x, negative, Mark::kDashed)}}},
      .columns = 2};
}

std::vector<Check> checks(const Piles& piles, const EarthMoves& earth, const Transport& plan,
                          const std::vector<double>& end) {
  const double exact = kEarthMoverExact * piles.mass * static_cast<double>(end.size());
  double moved = 0, off = 0, most = 0;
  for (const Flow& move : earth.moves) moved += move.mass;
  for (size_t i = 0; i < end.size(); ++i) off = std::max(off, std::abs(end[i] - piles.to[i]));
  const std::vector<double> f = numbers_of(plan.potential_from), g = numbers_of(plan.potential_to);
  for (size_t i = 0; i < f.size(); ++i) {
    for (size_t j = 0; j < g.size(); ++j) {
      const double distance = std::abs(static_cast<double>(i) - static_cast<double>(j));
      most = std::max(most, f[i] + g[j] - distance);
    }
  }
  std::vector<Check> checks = {
      {"W is the sum of $|delta_i|$: work of the moves", moved, earth.work - exact,
       earth.work + exact},
      {"the moves end in the wanted piles: largest difference of a height", off, 0, exact},
      {"the linear programme costs the same", plan.cost, earth.work - exact, earth.work + exact},
      {"its potentials keep $f_i + g_j <= |i - j|$: largest excess", most, 0, kEarthMoverExact},
      {"and reach its cost, so that no plan costs less: gap", plan.gap, 0, exact}};
  if (piles.from == std::vector<double>{3, 2, 1, 4} &&
      piles.to == std::vector<double>{1, 2, 4, 3}) {
    const std::vector<double> deltas = {0, 2, 2, -1, 0};
    checks.push_back({"deltas 0, 2, 2, -1, 0: 1 if they are", earth.deltas == deltas ? 1.0 : 0, 1});
    checks.push_back({"W = 5", earth.work, 5, 5});
  }
  return checks;
}

Table deltas_table(const Piles& piles, const EarthMoves& earth) {
  Table table{.name = "earth-mover-deltas",
              .caption =
                  "$delta_i$ is what has to be carried past pile i, to the right where it is "
                  "positive: $delta_i = delta_(i-1) + P_i - Q_i$.",
              .columns = {"pile", "P", "Q", "delta"},
              .labels = {},
              .values = {}};
  for (size_t i = 0; i < piles.from.size(); ++i) {
    table.labels.push_back(std::to_string(i + 1));
    table.values.push_back({piles.from[i], piles.to[i], earth.deltas[i + 1]});
  }
  return table;
}

Outcome run_earth_mover(const ExperimentOptions& options) {
  const Piles piles = piles_of(options);
  const EarthMoves earth = earth_mover(piles.from, piles.to);  // refuses what are no piles
  if (piles.mass == 0) {
    throw Error(ErrorKind::kData, "--from: piles of 0 in all, wanted something to move");
  }
  const Transport plan = programme(piles);
  const auto after = states(piles, earth);
  std::string told;
  for (const Flow& move : earth.moves) told += (told.empty() ? "" : ", then ") + move_text(move);
  return {.figures = {moves_figure(piles, earth, after), plan_figure(piles, plan)},
          .tables = {deltas_table(piles, earth)},
          .checks = checks(piles, earth, plan, after.back()),
          .remark = fmt::format(
              "Moves: {}. W = {:g}; divided by the mass {:g} it is {:g} piles a shovelful. Solved "
              "by the {}.",
              told.empty() ? "none" : told, earth.work, piles.mass, earth.work / piles.mass,
              plan.solver)};
}

}  // namespace

Experiment earth_mover_experiment() {
  return {.name = "earth-mover",
          .title = "The earth mover's distance of piles, move by move",
          .claim =
              "$P = (3, 2, 1, 4)$ becomes $Q = (1, 2, 4, 3)$ by $delta = 0, 2, 2, -1, 0$, and $W = "
              "sum |delta_i| = 5$ (the usual tutorial example; Rubner et al. 2000).",
          .text =
              "Piles of earth stand in a row, a step apart. To carry one shovelful one step is one "
              "unit of work; $W$ is the least work that turns the piles $P$ into the piles $Q$. "
              "Whatever the first $i$ piles have too much has to be carried past the gap behind "
              "pile $i$: $delta_i = delta_(i-1) + P_i - Q_i$, to the right where it is positive "
              "and to the left where it is negative. No plan can do with less, and carrying just "
              "that much is enough: $W = sum |delta_i|$.\n\n"
              "The same problem is a linear programme: of all tables $gamma_ij >= 0$ with row sums "
              "$P_i$ and column sums $Q_j$, find the one with the least sum of $gamma_ij |i - j|$. "
              "Its dual asks for the prices $f_i$ at which earth is bought and $-g_j$ at which it "
              "is sold, $f_i + g_j <= |i - j|$; any such prices bound the cost of every plan from "
              "below, and at the optimum the bound is reached.\n\n"
              "Tutorials usually make the last move in $Q$, one shovelful from $Q_3$ to $Q_4$; "
              "made in $P$ it goes from $P_4$ to $P_3$ and costs the same.",
          .settings = {{"from", "3,2,1,4", "heights of the piles P"},
                       {"to", "1,2,4,3", "heights of the piles Q: as many, with the same sum"}},
          .in_all = true,
          .trained = false,
          .run = run_earth_mover};
}

}  // namespace wgan
