// How gradients pass through critics of twelve layers.
#include "wgan/lab/experiments/deep_critics.h"

#include <fmt/format.h>
#include <torch/types.h>

#include "wgan/lab/curves.h"
#include "wgan/lab/noisy_pair.h"
#include "wgan/net/presets.h"
#include "wgan/nn/sweeps.h"

namespace wgan {
namespace {

constexpr int64_t kLayers = 12;  // with weights

// Mean over the rows of |df / da_l|, a_l the outputs of the affine layers, from the first on.
std::vector<double> gradient_norms(const Model& critic, const at::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const Trace trace = forward_sweep(critic, rows);
  const Adjoint adjoint = adjoint_sweep(critic, trace, torch::ones_like(trace.output), 0);
  std::vector<double> norms;
  for (const at::Tensor& gradient : adjoint.outputs) {
    if (gradient.defined()) norms.push_back(gradient.norm(2, {1}).mean().item<double>());
  }
  return norms;
}

}  // namespace

Outcome gradients_of_deep_critics(const ExperimentOptions& options) {
  const int64_t width = options.quick ? 64 : 128, steps = options.quick ? 500 : 3000;
  const NoisyPair pair = noisy_pair("swissroll", options.seed);
  Outcome outcome;
  Panel panel{.x = {.label = "layer of the critic"}, .y = {.label = "|df / da|", .log = true}};
  const auto add = [&](const std::string& name, TrainOptions o, Mark mark) {
    o.batches.size = 128;
    const auto fit =
        fit_critic(mlp_critic({2}, {.width = width, .depth = kLayers - 1}), pair.real, pair.fake, o,
                   steps, [&](int64_t step, const Model&, const CriticMetrics&) {
                     if (step % 200 == 0) options.on_progress("12 layers: " + name);
                   });
    const std::vector<double> norms = gradient_norms(fit.critic, pair.real(256, kLater));
    panel.series.push_back(
        {.title = name, .mark = mark, .x = evenly(1, kLayers, norms.size()), .y = positive(norms)});
    return norms.front() / norms[norms.size() - 2];  // over ten layers of equal width
  };
  const double of_large = add("c = 0.1", clipped_options(options.seed, 0.1), Mark::kLine);
  const double of_middle = add("c = 0.01", clipped_options(options.seed, 0.01), Mark::kLine);
  const double of_small = add("c = 0.001", clipped_options(options.seed, 0.001), Mark::kLine);
  const double of_penalty =
      add("gradient penalty", penalised_options(options.seed, setting<double>(options, "lambda")),
          Mark::kDashed);
  outcome.checks = {
      {"12 layers, c = 0.1: gradients explode, first layer over the eleventh", of_large, 100},
      {"c = 0.001: they vanish", of_small, 0, 0.01},
      {"gradient penalty: they do neither", of_penalty, 0.1, 10}};
  outcome.tables = {{.name = "clipping-gradients-table",
                     .caption = "Gradient at the first layer over that at the eleventh.",
                     .columns = {"critic", "ratio"},
                     .labels = {"c = 0.1", "c = 0.01", "c = 0.001", "gradient penalty"},
                     .values = {{of_large}, {of_middle}, {of_small}, {of_penalty}}}};
  outcome.figures = {
      {.name = "clipping-gradients",
       .caption =
           "Mean size of the critic's gradient with respect to the outputs of its layers, from the "
           "input (1) to the score (12), on the Swiss roll. Towards the input it explodes under a "
           "wide window and vanishes under a narrow one; with the penalty it stays of one size.",
       .alternative =
           "On a logarithmic axis the line of c = 0.1 falls steeply from left to right, those of c "
           "= 0.01 and 0.001 rise steeply, that of the penalty is nearly level.",
       .panels = {panel},
       .panel_width = 680,
       .panel_height = 420}};
  return outcome;
}

}  // namespace wgan
