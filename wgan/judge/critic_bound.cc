// Bounds of the Wasserstein distance from a critic.
#include "wgan/judge/critic_bound.h"

#include <fmt/format.h>
#include <torch/autograd.h>
#include <torch/types.h>

#include <algorithm>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/metrics/transport.h"
#include "wgan/nn/forward.h"
#include "wgan/train/objective.h"

namespace wgan {
namespace {

constexpr int64_t kCriticBoundChunk = 256;  // rows that pass the critic at a time

struct ScoresAndSlopes {
  at::Tensor scores;  // [N] float64
  at::Tensor slopes;  // [N] float64, |grad f|
};

ScoresAndSlopes look(const Model& critic, const CriticRows& rows) {
  std::vector<at::Tensor> scores, slopes;
  const torch::AutoGradMode with_gradients(true);
  for (int64_t first = 0; first < rows.rows.size(0); first += kCriticBoundChunk) {
    const at::Tensor input = rows.rows.slice(0, first, first + kCriticBoundChunk)
                                 .to(critic.parameters.device())
                                 .clone()
                                 .requires_grad_(true);
    const at::Tensor labels =
        rows.labels.defined()
            ? rows.labels.slice(0, first, first + kCriticBoundChunk).to(critic.parameters.device())
            : rows.labels;
    const at::Tensor f = chosen_scores(forward(critic, input, {}), labels);
    const at::Tensor gradient = torch::autograd::grad({f.sum()}, {input})[0];
    scores.push_back(f.detach().to(torch::kCPU, torch::kFloat64));
    slopes.push_back(gradient.flatten(1).norm(2, {1}).to(torch::kCPU, torch::kFloat64));
  }
  return {torch::cat(scores), torch::cat(slopes)};
}

CriticRows chosen(const CriticRows& rows, const at::Tensor& index) {
  return {rows.rows.index_select(0, index),
          rows.labels.defined() ? rows.labels.index_select(0, index) : rows.labels};
}

// The same number of rows on both sides.
struct Pair {
  CriticRows real, fake;
  double share;  // of the data
};

// The first rows of both, or, for a class-conditional critic, those of each class.
std::vector<Pair> matched(const CriticRows& real, const CriticRows& fake) {
  const auto first = [](const at::Tensor& index, int64_t count) {
    return index.slice(0, 0, count);
  };
  if (!real.labels.defined()) {
    const int64_t count = std::min(real.rows.size(0), fake.rows.size(0));
    const at::Tensor index = torch::arange(count);
    return {{chosen(real, index), chosen(fake, index), 1}};
  }
  std::vector<Pair> pairs;
  double total = 0;
  const int64_t classes = real.labels.max().item<int64_t>() + 1;
  for (int64_t k = 0; k < classes; ++k) {
    const at::Tensor of_real = real.labels.eq(k).nonzero().flatten();
    const at::Tensor of_fake = fake.labels.eq(k).nonzero().flatten();
    const int64_t count = std::min(of_real.size(0), of_fake.size(0));
    if (count < 2) continue;
    const auto share = static_cast<double>(of_real.size(0));
    pairs.push_back(
        {chosen(real, first(of_real, count)), chosen(fake, first(of_fake, count)), share});
    total += share;
  }
  for (Pair& pair : pairs) pair.share /= total;
  return pairs;
}

// max (f(x_i) - f(y_j)) / |x_i - y_j|, pairs of equal points left out: f is equal there.
double largest_pair_slope(const Pair& pair, const at::Tensor& real_scores,
                          const at::Tensor& fake_scores) {
  const at::Tensor x = pair.real.rows.flatten(1).to(torch::kFloat64);
  const at::Tensor y = pair.fake.rows.flatten(1).to(torch::kFloat64);
  double largest = 0;
  for (int64_t first = 0; first < x.size(0); first += kCriticBoundChunk) {
    const at::Tensor rise = real_scores.slice(0, first, first + kCriticBoundChunk).unsqueeze(1) -
                            fake_scores.unsqueeze(0);
    const at::Tensor run = torch::cdist(x.slice(0, first, first + kCriticBoundChunk), y, 2,
                                        /*compute_mode=*/2);  // exact, not by a matrix product
    const at::Tensor slopes = torch::where(run > 0, rise / run, torch::zeros_like(run));
    largest = std::max(largest, slopes.max().item<double>());
  }
  return largest;
}

// One point between each real row and its fake.
CriticRows points_between(const Pair& pair, uint64_t seed) {
  const int64_t count = pair.real.rows.size(0);
  std::vector<int64_t> shape(static_cast<size_t>(pair.real.rows.dim()), 1);
  shape[0] = count;
  const at::Tensor epsilon = torch::empty(shape);
  fill_uniform({seed, Stream::kEpsilon, 0, 0},
               {epsilon.data_ptr<float>(), static_cast<size_t>(count)});
  return {torch::lerp(pair.fake.rows, pair.real.rows, epsilon), pair.real.labels};
}

void check(const Model& critic, const CriticRows& rows, const char* what) {
  const Shape& wanted = critic.network.input;
  if (rows.rows.dim() != static_cast<int64_t>(wanted.size()) + 1 ||
      rows.rows.sizes().slice(1) != at::IntArrayRef(wanted)) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} rows of shape {}, but the critic takes [N, ...] of {}", what,
                            shape_text(rows.rows.sizes().vec()), shape_text(wanted)));
  }
}

}  // namespace

CriticBound bound_by_critic(const Model& critic, const CriticRows& real, const CriticRows& fake,
                            uint64_t seed) {
  check(critic, real, "real");
  check(critic, fake, "sampled");
  const std::vector<Pair> pairs = matched(real, fake);
  if (pairs.empty() || pairs.front().real.rows.size(0) < 2) {
    throw Error(ErrorKind::kUsage,
                "too few rows for the critic's bound: wanted two or more of both",
                "give a larger --n");
  }
  CriticBound bound;
  for (const Pair& pair : pairs) {
    const ScoresAndSlopes on_real = look(critic, pair.real), on_fake = look(critic, pair.fake);
    const at::Tensor between = look(critic, points_between(pair, seed)).slopes;
    bound.largest_slope =
        std::max({bound.largest_slope, on_real.slopes.max().item<double>(),
                  on_fake.slopes.max().item<double>(), between.max().item<double>()});
    const double gap = (on_real.scores.mean() - on_fake.scores.mean()).item<double>();
    const double slope = largest_pair_slope(pair, on_real.scores, on_fake.scores);
    bound.estimate += pair.share * gap;
    bound.pair_slope = std::max(bound.pair_slope, slope);
    // Each class may be scaled by a slope of its own: the dual of each is bound by its own pairs.
    if (slope > 0) bound.pair_bound += pair.share * std::max(0.0, gap / slope);
    bound.exact_w1 += pair.share * exact_transport(pair.real.rows.flatten(1).to(torch::kFloat64),
                                                   pair.fake.rows.flatten(1).to(torch::kFloat64),
                                                   GroundCost::kEuclidean)
                                       .cost;
  }
  if (bound.largest_slope > 0) bound.slope_bound = bound.estimate / bound.largest_slope;
  return bound;
}

double mean_score(const Model& critic, const CriticRows& rows) {
  check(critic, rows, "these");
  return look(critic, rows).scores.mean().item<double>();
}

}  // namespace wgan
