// What the window of weight clipping does: how long a critic takes, and what is left of its slopes.
#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "wgan/lab/curves.h"
#include "wgan/lab/experiments/clipped_surfaces.h"
#include "wgan/lab/experiments/deep_critics.h"
#include "wgan/lab/experiments/experiments.h"
#include "wgan/lab/noisy_pair.h"
#include "wgan/lab/plane.h"
#include "wgan/net/presets.h"

namespace wgan {
namespace {

constexpr int64_t kWidth = 64, kHidden = 3;
constexpr int64_t kRows = 1000;     // that estimates and slopes are taken of
constexpr int64_t kLookEvery = 16;  // steps
constexpr int64_t kEarly = 800;     // steps: all of the quick form

// A critic while it is trained between swissroll and the same with unit noise.
struct ClippingCourse {
  std::string name;
  double clip = 0;
  std::vector<double> step = {}, estimate = {}, at_bound = {};
  double slope = 0;  // mean |grad f| at the fakes in the end

  // When half of the parameters were at the bounds for the first time; the last step where never.
  double arrival() const {
    for (size_t i = 0; i < step.size(); ++i) {
      if (at_bound[i] >= 0.5) return step[i];
    }
    return step.back();
  }
  // The estimate after so many of the looks, over that at half of them.
  double growth(size_t looks) const { return estimate[looks - 1] / estimate[looks / 2 - 1]; }
  double growth() const { return growth(estimate.size()); }
};

ClippingCourse course(const std::string& name, const TrainOptions& o, int64_t steps,
                      const ExperimentOptions& options) {
  const NoisyPair pair = noisy_pair("swissroll", static_cast<uint64_t>(o.seed));
  const at::Tensor real = pair.real(kRows, kLater), fake = pair.fake(kRows, kLater);
  ClippingCourse c{.name = name, .clip = o.penalty.clip};
  const Network network = mlp_critic({2}, {.width = kWidth, .depth = kHidden});
  const double parameters = static_cast<double>(parameter_count(network));
  const auto fit = fit_critic(
      network, pair.real, pair.fake, o, steps, [&](int64_t step, const Model& critic, const auto&) {
        if (step % kLookEvery != 0) return;
        options.on_progress(name);
        c.step.push_back(static_cast<double>(step));
        c.estimate.push_back(
            (scores_at(critic, real).mean() - scores_at(critic, fake).mean()).item<double>());
        c.at_bound.push_back(
            (critic.parameters.abs() >= .99 * o.penalty.clip).sum().item<double>() / parameters);
      });
  c.slope = slopes_at(fit.critic, fake).norm(2, {1}).mean().item<double>();
  return c;
}

// The product of the largest norms of matrices with entries in [-c, c].
double steepest(double clip) {
  const auto norm = [&](double in, double out) { return clip * std::sqrt(in * out); };
  return norm(2, kWidth) * std::pow(norm(kWidth, kWidth), kHidden - 1) * norm(kWidth, 1);
}

Figure figure(const std::vector<ClippingCourse>& clipped,
              const std::vector<ClippingCourse>& decayed) {
  Figure f{.name = "clipping",
           .caption =
               "A critic of three hidden layers between the Swiss roll and the same with unit "
               "noise. Left: its estimate; with a wide window it keeps rising, as the weights are "
               "still on their way to the bounds. Weight decay in place of a window (dashed) lets "
               "it grow as well or, where strong, kills it below what the axis shows. Middle: "
               "their share at the bounds. Right: its "
               "mean slope at the fakes, which is what the generator learns from, over c, below "
               "the product of the layers' largest norms (dashed).",
           .alternative =
               "Left, rising curves on a logarithmic axis, the higher the larger c. "
               "Middle, shares that rise the later the larger c. Right, a slope that "
               "falls by many orders of magnitude as c falls.",
           .columns = 3,
           .panel_width = 420};
  Panel estimates{.title = "Estimate",
                  .x = {.label = "critic step"},
                  .y = {.label = "E f(x) - E f(G(z))", .log = true}};
  Panel shares{.title = "Share of the weights at the bounds",
               .x = {.label = "critic step"},
               .y = {.low = 0.0, .high = 1.0}};
  Series slopes{.title = "trained", .mark = Mark::kPoints},
      most{.title = "bound", .mark = Mark::kDashed};
  for (const ClippingCourse& c : clipped) {
    estimates.series.push_back({.title = c.name, .x = c.step, .y = c.estimate});
    shares.series.push_back({.title = c.name, .x = c.step, .y = c.at_bound});
    slopes.x.push_back(c.clip), slopes.y.push_back(c.slope);
    most.x.push_back(c.clip), most.y.push_back(steepest(c.clip));
  }
  for (const ClippingCourse& c : decayed) {
    estimates.series.push_back(
        {.title = c.name, .mark = Mark::kDashed, .x = c.step, .y = c.estimate});
  }
  for (Series& s : estimates.series) s.y = positive(std::move(s.y));
  f.panels = {estimates,
              shares,
              {.title = "Slope at the fakes",
               .x = {.label = "c", .log = true},
               .y = {.label = "mean |grad f|", .log = true},
               .series = {slopes, most}}};
  return f;
}

std::vector<Check> checks(const std::vector<ClippingCourse>& clipped) {
  const ClippingCourse &narrow = clipped.front(), &wide = clipped.back();
  double excess = 0, settled = 1;
  for (const ClippingCourse& c : clipped) {
    excess = std::max(excess, c.slope / steepest(c.clip));
    settled = std::min(settled, std::abs(c.growth() - 1));
  }

  return {{fmt::format("{}: gradients vanish, mean $|grad f|$ at the fakes", narrow.name),
           narrow.slope, 0, 1e-3},
          {fmt::format("{}: still on its way after {} steps, estimate over that at half the time",
                       wide.name, kEarly),
           wide.growth(kEarly / kLookEvery), 1.2},
          {"a window has arrived in the end: least of |the same - 1| there", settled, 0, 0.1},
          {"steps until half of the weights are at the bounds: widest over narrowest window "
           "(never: all steps)",
           wide.arrival() / narrow.arrival(), 10},
          {"largest slope over the product of the layers' largest norms", excess, 0, 1}};
}

Table table(const std::vector<ClippingCourse>& all) {
  Table t{.name = "clipping-table",
          .caption = "Of the critics in the first figure.",
          .columns = {"critic", "estimate", "over that at half time", "slope at the fakes",
                      "share at the bounds", "steps until half are there"},
          .labels = {},
          .values = {}};
  for (const ClippingCourse& c : all) {
    t.labels.push_back(c.name);
    t.values.push_back({c.estimate.back(), c.growth(), c.slope,
                        c.clip > 0 ? c.at_bound.back() : std::nan(""),
                        c.clip > 0 ? c.arrival() : std::nan("")});
  }
  return t;
}

Outcome windows(const ExperimentOptions& options) {
  TrainOptions o = clipped_options(options.seed, 0);
  o.optimizer.critic_lr = setting<double>(options, "lr");

  const int64_t steps = options.quick ? kEarly : 10 * kEarly;
  std::vector<ClippingCourse> clipped, decayed;
  for (const double c : number_list(options, "windows")) {
    o.penalty.clip = c;
    clipped.push_back(course(fmt::format("c = {:g}", c), o, steps, options));
  }
  o.penalty.clip = 0;
  for (const double w : number_list(options, "decays")) {
    o.stabilisers.weight_decay = w;
    decayed.push_back(course(fmt::format("decay {:g}", w), o, steps, options));
  }
  std::vector<ClippingCourse> all = clipped;
  all.insert(all.end(), decayed.begin(), decayed.end());
  return {.figures = {figure(clipped, decayed)}, .tables = {table(all)}, .checks = checks(clipped)};
}

Outcome run_clipping(const ExperimentOptions& options) {
  Outcome all = windows(options);
  for (Outcome part : {surfaces_of_clipped_critics(options), gradients_of_deep_critics(options)}) {
    std::ranges::move(part.figures, std::back_inserter(all.figures));
    std::ranges::move(part.tables, std::back_inserter(all.tables));
    std::ranges::move(part.checks, std::back_inserter(all.checks));
  }
  all.remark =
      "By the share of W1 that they attain per unit of their steepest slope, penalised critics are "
      "not better throughout: a few steep places are enough to lose by it. On 25 Gaussians, a "
      "lattice whose hull is nearly all there is to see, what the penalised critic sees beyond "
      "mean and covariance is a few percent.";
  return all;
}

}  // namespace

Experiment clipping_experiment() {
  return {
      .name = "clipping",
      .title = "Weight clipping: slow where wide, blind where narrow",
      .claim =
          "Clipping is a poor way to enforce a Lipschitz constraint: with a wide window the "
          "critic takes long to get to its optimum, with a narrow one gradients vanish "
          "(Arjovsky et al. 2017, section 3). Clipped critics see no more than simple "
          "shapes of the data, their gradients explode or vanish from layer to layer, and "
          "their weights pile up at the bounds, all of which the gradient penalty avoids "
          "(Gulrajani et al. 2017, Fig. 1).",
      .text =
          "A matrix with $n$ inputs and $m$ outputs and entries in $[-c, c]$ has a norm of $c "
          "sqrt(n m)$ at most, and the slope of the critic is bounded by the product over its $L$ "
          "layers: a window twice as wide allows $2^L$ times the slope. No $c$ suits every width "
          "and depth. With a narrow window the slopes underflow. In a wide one the optimum is far "
          "off, as RMSProp moves a weight by about one learning rate a step: $c$ over the learning "
          "rate is the least number of steps to the bounds. Weight decay instead of a window, "
          "which pulls all weights towards 0, sets no bound at all (see the experiment "
          "lipschitz).\n\n"
          "The loss $E f(G(z)) - E f(x)$ is least where $f$ is as steep as it can be, and only the "
          "single weights are limited, so nearly all of them are driven to $+c$ or $-c$. Rows of "
          "such a matrix are nearly copies of one another; many units then bend in the same place, "
          "and what remains is one hill or one bowl. To see it, the generator is held at the data "
          "plus unit noise as in the paper, and critics are trained between the two. To measure "
          "what a critic ignores, we ask how much of its estimate remains when the data are "
          "replaced by a Gaussian with their mean and covariance. A critic whose estimate does not "
          "change sees no higher moments.\n\n"
          "Backwards through the layers a gradient is multiplied by each matrix in turn. Clipped "
          "matrices have all entries of one size, so that every layer multiplies by about the same "
          "factor, and twelve layers by its twelfth power. The penalty asks for slopes of 1 "
          "between the input and the output, and so for factors whose product is 1.\n\n"
          "The penalty's weight is 0.1 as in the published toy networks. With the usual 10 the "
          "critic can get stuck upside down: the penalty wants slopes of size 1 but does not mind "
          "their sign, and the way from one sign to the other leads through a slope of 0, which "
          "costs more than $E f(x) - E f(G(z))$ has to give.",
      .settings = {{"windows", "0.001,0.01,0.03,0.1,0.3,1",
                    "windows c of the first figure, rising"},
                   {"decays", "0.1,10", "weight decays beside them"},
                   {"lr", "5e-4", "learning rate of the critics of the first figure"},
                   {"clip", "0.04", "c of the surfaces, where the critic is 128 wide"},
                   {"lambda", "0.1", "weight of the gradient penalty"}},
      .in_all = true,
      .trained = true,
      .run = run_clipping};
}

}  // namespace wgan
