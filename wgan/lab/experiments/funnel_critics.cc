// The setting, the published one that it is compared with, and all pairs at once.
#include "wgan/lab/experiments/funnel_critics.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <mutex>

#include "wgan/core/parallel.h"
#include "wgan/lab/fit.h"
#include "wgan/nn/threads.h"

namespace wgan {
namespace {

constexpr int64_t kFreshRows = 8192, kFreshBatches = 4;  // that a critic is judged by
constexpr uint64_t kFunnelFresh = uint64_t{1} << 40;  // their first step: training has none of it
constexpr int64_t kRays = 65536;                      // that the distance is known from
constexpr int64_t kProgressEvery = 100;               // steps

// --- The methods --------------------------------------------------------------------------------

struct FunnelMethod {
  Model (*critic)(int64_t dimensions, const TrainOptions& options);
  TrainOptions options = {};
  int64_t steps = 0;
};

// Linear layers of these widths with ReLU between them, and one number at the end.
Network perceptron(int64_t dimensions, const std::vector<int64_t>& widths) {
  Network network{{dimensions}, {}};
  int64_t in = dimensions;
  for (const int64_t width : widths) {
    network.layers.push_back(Linear{in, width});
    network.layers.push_back(LeakyRelu{0});
    in = width;
  }
  network.layers.push_back(Linear{in, 1});
  return network;
}

// Makes weights before a ReLU, U(-1/sqrt(n), 1/sqrt(n)), sqrt(6) times as large, which keeps what
// passes through n inputs as large as it was (He et al. 2015), and the first biases as wide as the
// cube, so that kinks lie all over it.
void spread(Model& perceptron) {
  std::vector<at::Tensor>& views = perceptron.frozen;  // weight, bias, weight, bias, ...
  for (size_t i = 0; i + 2 < views.size(); i += 2) views[i].mul_(std::sqrt(6));
  views[1].mul_(kHalfSide * std::sqrt(perceptron.network.input[0]));
}

// Chosen on pairs of another seed (101), the same for all.
FunnelMethod our_method(int64_t steps) {
  TrainOptions o;
  o.penalty.kind = Penalty::kOneSided;
  o.penalty.lambda = 20;
  o.batches.size = 256;
  o.optimizer.critic_lr = 3e-4;
  o.optimizer.lr_decay = true;
  o.optimizer.beta1 = 0.5;
  o.optimizer.beta2 = 0.9;
  o.players.init = Init::kTorch;
  const auto critic = [](int64_t d, const TrainOptions& options) {
    std::vector<int64_t> widths(8, 128);
    widths[0] = std::max<int64_t>(128, 8 * d);
    Model model = new_critic(perceptron(d, widths), options);
    spread(model);
    return model;
  };
  return {.critic = critic, .options = o, .steps = steps};
}

// The published one-sided penalty, but for its steps: as many rows as ours sees.
FunnelMethod published_method(const FunnelMethod& ours) {
  TrainOptions o;
  o.penalty.kind = Penalty::kOneSided;
  o.penalty.lambda = 10;
  o.batches.size = 1024;
  o.optimizer.critic_lr = 2e-4;
  o.optimizer.beta1 = 0.9;
  o.optimizer.beta2 = 0.999;
  o.players.init = Init::kTorch;
  const auto critic = [](int64_t d, const TrainOptions& options) {
    const int64_t width = std::max<int64_t>(2 * d, 128);
    return new_critic(perceptron(d, {width, width}), options);
  };
  return {.critic = critic,
          .options = o,
          .steps = std::max<int64_t>(1, ours.steps * ours.options.batches.size / o.batches.size)};
}

// --- Estimates ----------------------------------------------------------------------------------

// E f(P) - E f(Q) of fresh rows; each x with its T(x), which leaves less noise in the difference.
CriticEstimate estimate_of(const Model& critic, const FunnelPair& pair) {
  CriticEstimate estimate;
  for (int64_t i = 0; i < kFreshBatches; ++i) {
    const at::Tensor q = pair.uniform(kFreshRows, kFunnelFresh + static_cast<uint64_t>(i));
    const at::Tensor p = pair.transported(q).to(torch::kFloat32);
    const at::Tensor gain = scores_at(critic, p).mean() - scores_at(critic, q).mean();
    estimate.value += gain.item<double>() / static_cast<double>(kFreshBatches);
    if (i > 0) continue;
    for (const at::Tensor& points : {p, q, (p + q) / 2}) {
      estimate.slope =
          std::max(estimate.slope, slopes_at(critic, points).norm(2, {1}).max().item<double>());
    }
  }
  return estimate;
}

CriticEstimate fitted(const FunnelMethod& method, const SizedPair& pair, const FunnelPair& rows,
                      const OnFit& on_step) {
  TrainOptions o = method.options;
  o.seed = static_cast<int64_t>(pair.seed);
  const CriticFit fit = fit_critic(
      method.critic(pair.dimensions, o),
      [&](int64_t count, uint64_t step) { return rows.moved(count, step); },
      [&](int64_t count, uint64_t step) { return rows.uniform(count, step); }, o, method.steps,
      on_step);
  return estimate_of(fit.critic, rows);
}

// While it lives, LibTorch's operations take one thread each, as there are many at a time.
class OneThreadEach {
 public:
  OneThreadEach() : threads_(at::get_num_threads()) { use_threads(1); }
  ~OneThreadEach() { use_threads(threads_); }
  OneThreadEach(const OneThreadEach&) = delete;
  OneThreadEach& operator=(const OneThreadEach&) = delete;
  int threads() const { return threads_; }

 private:
  int threads_;
};

}  // namespace

std::vector<PairResult> fit_pairs(
    const std::vector<SizedPair>& pairs, int64_t steps,
    const std::function<void(size_t done, int64_t step)>& on_progress) {
  const FunnelMethod ours = our_method(steps), one_sided = published_method(ours);
  std::vector<PairResult> results(pairs.size());
  std::mutex telling;
  size_t done = 0;
  std::exception_ptr stop;
  const OnFit on_step = [&](int64_t step, const Model&, const CriticMetrics&) {
    if (step % kProgressEvery != 0) return;
    const std::lock_guard lock(telling);
    if (stop) std::rethrow_exception(stop);
    try {
      on_progress(done, step);
    } catch (...) {
      stop = std::current_exception();
      throw;
    }
  };
  const OneThreadEach one_thread_each;
  for_each_index(std::ssize(pairs), one_thread_each.threads(), [&](int64_t i) {
    at::set_num_threads(1);
    const auto place = static_cast<size_t>(i);
    const SizedPair& pair = pairs[place];
    const FunnelPair rows(pair.dimensions, pair.funnels, pair.seed);
    results[place] = {.truth = rows.distance(kRays),
                      .ours = fitted(ours, pair, rows, on_step),
                      .one_sided = fitted(one_sided, pair, rows, on_step)};
    const std::lock_guard lock(telling);
    ++done;
  });
  return results;
}

}  // namespace wgan
