// Two parallel lines at distance theta: KL, JS and W between them, in closed form, from samples and
// as networks see them.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "wgan/core/random.h"
#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/fit.h"
#include "wgan/lab/plane.h"
#include "wgan/metrics/divergence.h"
#include "wgan/metrics/transport.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr double kShown = 0.5;     // the theta whose critic and discriminator are drawn
constexpr int64_t kFresh = 2000;   // points a line that networks are tried on
constexpr int64_t kMatched = 256;  // points a line of the exact W1
constexpr uint64_t kFreshStep = uint64_t{1} << 40;  // beyond every training step

// (x, y), y from U[0, 1].
Sampler line_at(double x, uint64_t seed, uint64_t index) {
  return [=](int64_t count, uint64_t step) {
    at::Tensor rows = torch::full({count, 2}, x, torch::kFloat32);
    at::Tensor y = torch::empty({count});
    fill_uniform({seed, Stream::kStudy, step, index},
                 {y.data_ptr<float>(), static_cast<size_t>(count)});
    rows.select(1, 1).copy_(y);
    return rows;
  };
}

// Counts in cells of 0.04 by 0.1, theta = 0 in the middle of one.
std::vector<double> cell_counts(const at::Tensor& rows) {
  constexpr int64_t kColumns = 61, kRows = 10;
  std::vector<double> counts(kColumns * kRows);
  const auto point = rows.accessor<float, 2>();
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const int64_t column = std::lround(point[i][0] / 0.04F) + kColumns / 2;
    const auto row = static_cast<int64_t>(point[i][1] * kRows);  // y < 1
    ++counts[static_cast<size_t>(column * kRows + row)];
  }
  return counts;
}

struct SeenLines {
  double theta = 0;
  double kl = 0, js = 0, w = 0;           // from samples
  double critic_w = 0, critic_slope = 0;  // E f(P) - E f(Q), and its derivative by theta
  double discriminator_js = 0, discriminator_slope = 0;  // and that of E_Q log(1 - D)
  std::vector<double> f = {}, d = {};                    // along x at y = 1/2
};

std::vector<double> across() { return evenly(-0.75, 1.25, 201); }

at::Tensor points_across() {
  const at::Tensor x = torch::tensor(across(), torch::kFloat32);
  return torch::stack({x, torch::full_like(x, 0.5)}, 1);
}

double average(const at::Tensor& values) { return values.mean().item<double>(); }

SeenLines seen_at(double theta, uint64_t seed, int64_t steps) {
  const Sampler p = line_at(0, seed, 0), q = line_at(theta, seed, 1);
  const at::Tensor real = p(kFresh, kFreshStep), fake = q(kFresh, kFreshStep);
  SeenLines seen{.theta = theta};
  seen.kl = kl_divergence(cell_counts(real), cell_counts(fake));
  seen.js = js_divergence(cell_counts(real), cell_counts(fake));
  seen.w = wasserstein(real.slice(0, 0, kMatched), fake.slice(0, 0, kMatched), 1);

  TrainOptions o;
  o.batches.size = 256;
  o.optimizer.critic_lr = 2e-3;
  o.optimizer.lr_decay = true;
  o.seed = static_cast<int64_t>(seed);
  const Network network = mlp_critic({2}, {.width = 64, .depth = 2});
  const Model critic = fit_critic(network, p, q, o, steps).critic;
  seen.critic_w = average(scores_at(critic, real)) - average(scores_at(critic, fake));
  seen.critic_slope = -average(slopes_at(critic, fake).select(1, 0));
  const at::Tensor profile = scores_at(critic, points_across());
  seen.f = numbers_of(profile - profile.mean());

  o.objective.kind = Objective::kMinimax;
  const Model discriminator = fit_critic(network, p, q, o, steps).critic;
  const at::Tensor d_fake = scores_at(discriminator, fake).sigmoid();
  const double value = average(torch::log_sigmoid(scores_at(discriminator, real))) +
                       average(torch::log_sigmoid(-scores_at(discriminator, fake)));
  seen.discriminator_js = value / 2 + std::numbers::ln2;
  seen.discriminator_slope = -average(d_fake * slopes_at(discriminator, fake).select(1, 0));
  seen.d = numbers_of(scores_at(discriminator, points_across()).sigmoid());
  return seen;
}

std::vector<double> column(const std::vector<SeenLines>& all, double SeenLines::*what) {
  std::vector<double> values;
  for (const SeenLines& seen : all) values.push_back(seen.*what);
  return values;
}

Figure figure(const std::vector<SeenLines>& all, const SeenLines& shown) {
  const std::vector<double> theta = column(all, &SeenLines::theta);
  const Axis axis{.label = "theta", .low = -1.1, .high = 1.1};
  const auto points = [&](const std::string& title, double SeenLines::*what, int colour) {
    return curve(title, theta, column(all, what), Mark::kPoints, colour);
  };
  const Axis x{.label = "x", .low = -0.75, .high = 1.25};
  const double no = std::nan("");  // breaks the line
  return {
      .name = "parallel-lines",
      .caption =
          "P is the line $x = 0$, Q the line $x = theta$. $W = |theta|$ is continuous and leads to "
          "0; JS "
          "is $log 2$ everywhere but at 0, and KL infinite (not drawn). Networks see the same: the "
          "penalised critic falls evenly from P to Q, and the derivative by theta of what the "
          "generator gets from it has size 1; the discriminator is a step, and its gradient is "
          "nearly 0.",
      .alternative =
          "Six plots: two vertical segments; a V of W over theta with points on it; JS, level at "
          "log 2 with one point at 0; a critic that falls evenly between the lines; a "
          "discriminator that is a steep step; gradients of size 1 and of nearly 0.",
      .panels =
          {{.title = fmt::format("theta = {:g}", shown.theta),
            .x = x,
            .y = {.label = "y", .low = -0.2, .high = 1.2},
            .series = {curve("P", {0, 0}, {0, 1}), curve("Q", {shown.theta, shown.theta}, {0, 1})}},
           {.title = "W",
            .x = axis,
            .y = {.low = 0, .high = 1.2},
            .series = {curve("|theta|", {-1, 0, 1}, {1, 0, 1}),
                       points("of samples", &SeenLines::w, 2),
                       points("critic", &SeenLines::critic_w, 1)}},
           {.title = "JS",
            .x = axis,
            .y = {.low = 0, .high = 0.8},
            .series = {curve("closed form", {-1, 0, 0, 0, 1},
                             {std::numbers::ln2, std::numbers::ln2, no, std::numbers::ln2,
                              std::numbers::ln2}),
                       points("of histograms", &SeenLines::js, 2),
                       points("discriminator", &SeenLines::discriminator_js, 1)}},
           {.title = "critic f, along y = 1/2", .x = x, .series = {curve("", across(), shown.f)}},
           {.title = "discriminator D, along y = 1/2",
            .x = x,
            .series = {curve("", across(), shown.d, Mark::kLine, 1)}},
           {.title = "derivative of the generator's loss",
            .x = axis,
            .y = {.low = -1.3, .high = 1.3},
            .series = {curve("of W", {-1, 0, 0, 0, 1}, {-1, -1, no, 1, 1}),
                       points("critic", &SeenLines::critic_slope, 1),
                       points("discriminator", &SeenLines::discriminator_slope, 3)}}},
      .columns = 3,
      .panel_width = 400,
      .panel_height = 320};
}

Table table(const std::vector<SeenLines>& all) {
  Table table{.name = "parallel-lines-over-theta",
              .caption = "Measured over theta.",
              .columns = {"theta", "KL", "JS", "W", "JS by discriminator", "W by critic",
                          "gradient of discriminator", "gradient of critic"},
              .labels = {},
              .values = {}};
  for (const SeenLines& s : all) {
    table.labels.push_back(fmt::format("{:g}", s.theta));
    table.values.push_back(
        {s.kl, s.js, s.w, s.discriminator_js, s.critic_w, s.discriminator_slope, s.critic_slope});
  }
  return table;
}

std::vector<Check> checks(const std::vector<SeenLines>& all) {
  const auto of = [&](double SeenLines::*what) {
    return torch::tensor(column(all, what), torch::kFloat64);
  };
  const at::Tensor theta = of(&SeenLines::theta), apart = theta != 0, distance = theta.abs();
  const auto where_apart = [&](const at::Tensor& values) { return values.masked_select(apart); };
  const auto at_0 = [&](double SeenLines::*what) {
    return of(what).masked_select(theta == 0).item<double>();
  };
  const auto least = [](const at::Tensor& values) { return values.min().item<double>(); };
  const auto most = [](const at::Tensor& values) { return values.max().item<double>(); };
  const at::Tensor gradient = where_apart(of(&SeenLines::critic_slope) * theta.sign());
  return {
      {"KL of histograms is infinite for $theta$ other than 0: least",
       least(where_apart(of(&SeenLines::kl))), std::numeric_limits<double>::infinity()},
      {"JS of histograms is $log 2$ there: largest difference",
       most(where_apart(of(&SeenLines::js) - std::numbers::ln2).abs()), 0, 1e-12},
      {"and nearly 0 at $theta = 0$", at_0(&SeenLines::js), 0, 0.01},
      {"W1 of samples is never below $|theta|$: least difference",
       least(of(&SeenLines::w) - distance), -1e-6},
      {"and above it by no more than sampling along y explains", most(of(&SeenLines::w) - distance),
       0, 0.1},
      {"the critic's W is $|theta|$ up to the $theta^2 / 20$ that its penalty allows: difference",
       most((of(&SeenLines::critic_w) - distance).abs()), 0, 0.1},
      {"the discriminator's JS is nearly $log 2$ for $theta$ other than 0: least",
       least(where_apart(of(&SeenLines::discriminator_js))), 0.6, std::numbers::ln2},
      {"and 0 at $theta = 0$", at_0(&SeenLines::discriminator_js), -0.02, 0.02},
      {"the critic's gradient has the direction and size of W's: least, for $theta$ other than 0",
       least(gradient), 0.8},
      {"and largest", most(gradient), 0, 1.2},
      {"the discriminator's nearly vanishes there: largest",
       most(where_apart(of(&SeenLines::discriminator_slope)).abs()), 0, 0.1}};
}

Outcome run_parallel_lines(const ExperimentOptions& options) {
  std::vector<SeenLines> all;
  for (const double theta : evenly(-1, 1, options.quick ? 9 : 21)) {
    options.on_progress(fmt::format("theta {:g}", theta));
    all.push_back(seen_at(theta, options.seed, options.quick ? 500 : 4000));
  }
  const auto shown = std::ranges::find_if(
      all, [](const SeenLines& seen) { return std::abs(seen.theta - kShown) < 1e-9; });
  return {.figures = {figure(all, *shown)}, .tables = {table(all)}, .checks = checks(all)};
}

}  // namespace

Experiment parallel_lines_experiment() {
  return {
      .name = "parallel-lines",
      .title = "Between parallel lines W is their distance, JS a constant and KL infinite",
      .claim =
          "For $P = {(0, y)}$ and $Q = {(theta, y)}$ with $y$ drawn from $U[0, 1]$, $W = |theta|$ "
          "is continuous and has a gradient, whereas $JS = log 2$ and $KL = infinity$ for every "
          "$theta$ other than 0, and both are 0 at 0 (Arjovsky et al. 2017, Example 1).",
      .text =
          "The supports of $P$ and $Q$ share no point unless $theta = 0$. Where $P$ has its mass "
          "$Q$ has none: $KL(P|Q)$ is infinite, and with $m = (P + Q)/2$, $log(p/m) = log 2$ "
          "everywhere, so $JS = log 2$. Neither changes with $theta$, and a generator whose only "
          "parameter is $theta$ gets no gradient from them. Every unit of mass has to be moved by "
          "$|theta|$ at least, and moving it straight across does it: $W = |theta|$, with "
          "derivative 1 or -1.\n\n"
          "From samples, $W1$ is computed exactly between 256 points of each line. It is a little "
          "above $|theta|$, because the $y$ of the two samples differ too: by about the distance "
          "between two samples of one line. JS and KL are those of histograms with cells of 0.04 "
          "by 0.1.\n\n"
          "From networks: with slope $s$ between the lines a critic under the penalty $10 (s - "
          "1)^2$ gains $s |theta| - 10 (s - 1)^2$, most at $s = 1 + |theta|/20$, so that its "
          "estimate is $|theta| + theta^2/20$. The derivative of $E f(P) - E f(Q)$ with respect to "
          "$theta$ is $- E df/dx$ on $Q$. The discriminator's $L$ gives the lower bound $L/2 + log "
          "2$ of JS, and the generator's loss $E log(1 - D)$ has the derivative $- E D df/dx$ on "
          "$Q$, where $f$ is the discriminator's logit.",
      .settings = {},
      .in_all = true,
      .trained = true,
      .run = run_parallel_lines};
}

}  // namespace wgan
