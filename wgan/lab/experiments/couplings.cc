// The joint distributions of two given ones, the cheapest of them, and the function that proves it.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/sinkhorn.h"
#include "wgan/metrics/transport.h"
#include "wgan/metrics/transport_1d.h"

namespace wgan {
namespace {

constexpr double kExact = 1e-9;
constexpr double kReach = 5;  // the grid is [-kReach, kReach]; the tails beyond hold below 1e-5

struct Bell {
  double share = 0, mean = 0, deviation = 1;
};
using Mixture = std::vector<Bell>;

const Mixture kP = {{0.35, -3, 0.4}, {0.3, 0, 0.4}, {0.35, 3, 0.4}};
const Mixture kQ = {{0.45, -1.4, 0.4}, {0.55, 1.6, 0.4}};

double cumulative(const Mixture& mixture, double x) {
  double sum = 0;
  for (const Bell& bell : mixture) {
    sum += bell.share * std::erfc((bell.mean - x) / bell.deviation / std::numbers::sqrt2) / 2;
  }
  return sum;
}

// W1 = integral of |P(X <= x) - P(Y <= x)|, by the rule of the midpoints.
double closed_form(const Mixture& p, const Mixture& q) {
  constexpr double kStep = 1e-4;
  double sum = 0;
  for (double x = -2 * kReach; x < 2 * kReach; x += kStep) {
    sum += kStep * std::abs(cumulative(p, x + kStep / 2) - cumulative(q, x + kStep / 2));
  }
  return sum;
}

// Both mixtures on one grid of bins, each bin's mass in its middle.
struct Problem {
  double width = 0;  // of a bin
  std::vector<double> places = {};
  at::Tensor x = {}, p = {}, q = {}, costs = {};  // [N, 1], [N], [N], [N, N]
};

Problem on_grid(size_t bins) {
  Problem problem{.width = 2 * kReach / static_cast<double>(bins)};
  problem.places = evenly(-kReach + problem.width / 2, kReach - problem.width / 2, bins);
  const std::vector<double> edges = evenly(-kReach, kReach, bins + 1);
  const auto masses = [&](const Mixture& mixture) {
    const auto below = [&](double at) { return cumulative(mixture, at); };
    const at::Tensor values = torch::tensor(values_at(edges, below), torch::kFloat64).diff();
    return values / values.sum();
  };
  problem.x = torch::tensor(problem.places, torch::kFloat64).unsqueeze(1);
  problem.p = masses(kP);
  problem.q = masses(kQ);
  problem.costs = (problem.x - problem.x.t()).abs();
  return problem;
}

double cost_of(const Problem& problem, const at::Tensor& plan) {
  return (plan * problem.costs).sum().item<double>();
}

// Rows x, columns y.
at::Tensor dense(const std::vector<Flow>& plan, int64_t bins) {
  at::Tensor table = torch::zeros({bins, bins}, torch::kFloat64);
  auto entries = table.accessor<double, 2>();
  for (const Flow& flow : plan) entries[flow.from][flow.to] += flow.mass;
  return table;
}

// By sorting. sign 1: the least x goes to the least y; -1: to the greatest, which costs most.
at::Tensor sorted(const Problem& problem, double sign) {
  const at::Tensor x = problem.x.squeeze(1);
  return dense(transport_1d(x, sign * x, 1, problem.p, problem.q).plan, x.size(0));
}

at::Tensor blurred(const Problem& problem, double epsilon) {
  const Sinkhorn solved = sinkhorn_of_costs(problem.costs, problem.p, problem.q,
                                            {.epsilon = epsilon, .marginal_error = 1e-10});
  return problem.p.unsqueeze(1) * problem.q *
         ((solved.potential_from.unsqueeze(1) + solved.potential_to - problem.costs) / epsilon)
             .exp();
}

struct Coupling {
  std::string name;
  at::Tensor plan;
};

// The plan as colours, x to the right and y up. Its root, so that little mass is seen too.
Panel heat_map(const Problem& problem, const Coupling& coupling) {
  const int64_t bins = problem.p.size(0);
  return {.title = fmt::format("{}: {:.3f}", coupling.name, cost_of(problem, coupling.plan)),
          .x = {.label = "x"},
          .y = {.label = "y"},
          .surface = Surface{.rows = bins,
                             .columns = bins,
                             .left = problem.places.front(),
                             .right = problem.places.back(),
                             .bottom = problem.places.front(),
                             .top = problem.places.back(),
                             .values = numbers_of(coupling.plan.t().clamp_min(0).sqrt())}};
}

Figure couplings_figure(const Problem& problem, const Coupling& best, const Coupling& apart,
                        const std::vector<double>& f) {
  const Axis place{.label = "x", .low = -kReach, .high = kReach};
  const auto density = [&](const at::Tensor& mass) { return numbers_of(mass / problem.width); };
  const auto above = [&] {
    return Panel{
        .title = "p(x)", .x = place, .series = {curve("", problem.places, density(problem.p))}};
  };
  return {
      .name = "couplings",
      .caption =
          "Two joint distributions with the marginals p (above them) and q (to their right), "
          "and the $E|x - y|$ of each; colours are roots of the mass. The optimal plan is a thin "
          "rising curve, the independent coupling a blot for each pair of peaks. Above right: "
          "the potential whose mean under p less that under q is the optimal plan's cost.",
      .alternative =
          "Six panels: the three-peaked density p twice over the heat maps of a thin rising "
          "curve and of six blots, the two-peaked density q beside them turned by 90 degrees, "
          "and a zigzag of slopes 1 and -1.",
      .panels = {above(),
                 above(),
                 {.title = "potential f, slopes 1 and -1",
                  .x = place,
                  .series = {curve("", problem.places, f, Mark::kLine, 2)}},
                 heat_map(problem, best),
                 heat_map(problem, apart),
                 {.title = "q(y)",
                  .x = {.low = 0},
                  .y = {.label = "y", .low = -kReach, .high = kReach},
                  .series = {curve("", density(problem.q), problem.places, Mark::kLine, 1)}}},
      .columns = 3,
      .panel_width = 400,
      .panel_height = 340};
}

// What all of them cost, and how far their marginals are from p and q.
Outcome compared(const Problem& problem, const std::vector<Coupling>& couplings) {
  Table table{.name = "couplings-costs",
              .caption = "$E|x - y|$ of joint distributions with the same marginals.",
              .columns = {"coupling", "cost", "largest error of a marginal"},
              .labels = {},
              .values = {}};
  Figure figure{
      .name = "couplings-from-best-to-worst",
      .caption =
          "Joint distributions of the same two marginals and what they cost: the more mass lies "
          "near the diagonal, the less. Many share the least cost; entropy prefers spread ones, "
          "for a large epsilon the independent one.",
      .alternative =
          "Six heat maps, from a thin rising curve over blurred ones to a thin falling curve, with "
          "growing costs.",
      .columns = 3};
  for (const Coupling& coupling : couplings) {
    const auto error = [](const at::Tensor& seen, const at::Tensor& wanted) {
      return (seen - wanted).abs().max().item<double>();
    };
    table.labels.push_back(coupling.name);
    table.values.push_back(
        {cost_of(problem, coupling.plan),
         std::max(error(coupling.plan.sum(1), problem.p), error(coupling.plan.sum(0), problem.q))});
    figure.panels.push_back(heat_map(problem, coupling));
  }
  return {.figures = {figure}, .tables = {table}};
}

std::vector<Check> checks(const Problem& problem, double w, const std::vector<double>& f,
                          const Table& table) {
  const double line = table.values[0][0], independent = table.values[4][0];
  double steepest = 0, marginal = 0, cheapest = independent;
  for (size_t i = 1; i < f.size(); ++i) {
    steepest = std::max(steepest, std::abs(f[i] - f[i - 1]) / problem.width);
  }
  for (const std::vector<double>& row : table.values) {
    cheapest = std::min(cheapest, row[0]);
    marginal = std::max(marginal, row[1]);
  }
  const double dual = torch::tensor(f, torch::kFloat64).dot(problem.p - problem.q).item<double>();
  const double bin = problem.width, closed = closed_form(kP, kQ);
  return {{"all couplings have the marginals p and q: largest error", marginal, 0, kExact},
          {"none costs less than the plan of the linear programme", cheapest, w - kExact},
          {"sorting finds the cost of the linear programme", line, w - kExact, w + kExact},
          {"which is the integral of $|P(x) - Q(x)|$, up to a bin's width", w, closed - bin,
           closed + bin},
          {"the independent coupling costs more: by", independent - w, 0.5},
          {"the Kantorovich potential is 1-Lipschitz: steepest slope", steepest, 0, 1 + kExact},
          {"and its $E_p[f] - E_q[f]$ is the cost: duality gap", w - dual, -kExact, kExact}};
}

Outcome run_couplings(const ExperimentOptions& options) {
  const Problem problem = on_grid(options.quick ? 100 : 300);
  const Transport programme = exact_transport_of_costs(problem.costs, problem.p, problem.q);
  // f(x) = min over y of |x - y| - g(y), which is 1-Lipschitz whatever g is.
  const std::vector<double> f =
      numbers_of(std::get<0>((problem.costs - programme.potential_to).min(1)));
  const std::vector<Coupling> couplings = {{"optimal", sorted(problem, 1)},
                                           {"entropic, epsilon 0.05", blurred(problem, 0.05)},
                                           {"entropic, epsilon 0.3", blurred(problem, 0.3)},
                                           {"entropic, epsilon 2", blurred(problem, 2)},
                                           {"independent", problem.p.unsqueeze(1) * problem.q},
                                           {"crossed", sorted(problem, -1)}};
  Outcome outcome = compared(problem, couplings);
  outcome.figures.insert(outcome.figures.begin(),
                         couplings_figure(problem, couplings[0], couplings[4], f));
  outcome.checks = checks(problem, programme.cost, f, outcome.tables[0]);
  return outcome;
}

}  // namespace

Experiment couplings_experiment() {
  return {
      .name = "couplings",
      .title = "W is the cost of the cheapest joint distribution; a 1-Lipschitz function proves it",
      .claim =
          "$W(p, q)$ is the infimum over all joint distributions with marginals $p$ and $q$ of "
          "$E|x - y|$, and the supremum over all 1-Lipschitz $f$ of $E_p[f] - E_q[f]$ (Kantorovich "
          "and Rubinstein 1958; Arjovsky et al. 2017, section 2 and Eq. 2).",
      .text =
          "A joint distribution $gamma(x, y)$ of $p$ and $q$ is a plan: $gamma(x, y)$ is how much "
          "mass goes from $x$ to $y$, so that its sum over $y$ is $p(x)$, the mass that leaves "
          "$x$, and its sum over $x$ is $q(y)$, the mass that arrives at $y$. The plan costs $E|x "
          "- y|$; $W$ is the cost of the cheapest plan.\n\n"
          "On the line, sorting finds the cheapest plan: the least $x$ goes to the least $y$, and "
          "$W$ is the integral of $|P(x) - Q(x)|$, the distance between the distribution "
          "functions. Here the line is cut into bins, which moves $W$ by a bin's width at most, "
          "and the linear programme over all plans, which does not rely on sorting, is solved "
          "too.\n\n"
          "For every 1-Lipschitz $f$ and every plan $E_p[f] - E_q[f] = E[f(x) - f(y)] <= E|x - "
          "y|$: any such $f$ bounds $W$ from below as any plan does from above. The two bounds "
          "meet. The $f$ that reaches $W$ falls by 1 a step where mass has to go right and rises "
          "by 1 where it has to go left; the critic of a Wasserstein GAN is a network that looks "
          "for it.",
      .settings = {},
      .in_all = true,
      .trained = false,
      .run = run_couplings};
}

}  // namespace wgan
