// Values of critics, exact distances, and the one pair of batches.
#include "wgan/lab/experiments/critic_course.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/random.h"
#include "wgan/data/synthetic.h"
#include "wgan/lab/fit.h"
#include "wgan/metrics/transport.h"
#include "wgan/net/presets.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr double kCourseClip = 0.05;
constexpr double kLambda = 0.1;  // as in the published toy networks
constexpr int64_t kCourseLooks = 40;

// The fakes come in another order each time, so that the penalty looks between changing pairs.
Course on_fixed_batches(const std::string& name, TrainOptions o, int64_t steps) {
  const auto seed = static_cast<uint64_t>(o.seed);
  const at::Tensor real =
      rows_of(make_synthetic("gaussians25", Split::kTrain, seed))(kBatchRows, 0);
  const at::Tensor fake = torch::empty({kBatchRows, 2});
  fill_normal({seed, Stream::kStudy, 0, 0},
              {fake.data_ptr<float>(), static_cast<size_t>(fake.numel())});
  const double w1 = exact_distance(real, fake);
  Course course{.name = name};
  const auto look = [&](int64_t step, const Model& critic, const auto&) {
    if (step % std::max<int64_t>(1, steps / kCourseLooks) != 0) return;
    course.step.push_back(static_cast<double>(step));
    course.value.push_back(value_of(critic, o.objective.kind, real, fake));
    course.w1.push_back(w1);
  };
  const auto in_turn = [&](int64_t, uint64_t step) {
    return fake.roll(static_cast<int64_t>(step), 0);
  };
  fit_critic(
      mlp_critic({2}, {.width = o.players.width, .depth = o.players.depth}),
      [&](int64_t, uint64_t) { return real; }, in_turn, o, steps, look);
  return course;
}

}  // namespace

double value_of(const Model& critic, Objective objective, const at::Tensor& real,
                const at::Tensor& fake) {
  const at::Tensor on_real = scores_at(critic, real);
  if (objective == Objective::kCTransform) {
    const at::Tensor transformed = c_transform(on_real, real.flatten(1).to(torch::kFloat64),
                                               fake.flatten(1).to(torch::kFloat64));
    return (on_real.mean() + transformed.mean()).item<double>();
  }
  return (on_real.mean() - scores_at(critic, fake).mean()).item<double>();
}

double exact_distance(const at::Tensor& real, const at::Tensor& fake) {
  return wasserstein(real.flatten(1), fake.flatten(1), 1);
}

double Course::error() const {
  double off = 0, size = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    off += (value[i] - w1[i]) * (value[i] - w1[i]);
    size += w1[i] * w1[i];
  }
  return std::sqrt(off / size);
}

FixedBatches courses_on_fixed_batches(const ExperimentOptions& options) {
  const Dataset data = make_synthetic("gaussians25", Split::kTrain, options.seed);
  const auto course = [&](Objective objective, const std::string& name, double clip,
                          double lambda) {
    options.on_progress(fmt::format("fixed batches: {}", name));
    TrainOptions o = recipe_options(Recipe::kFast, objective, data);
    o.players.width = 64;
    o.batches.size = kBatchRows;
    o.penalty.clip = clip;
    o.penalty.lambda = lambda;
    o.seed = static_cast<int64_t>(options.seed);
    if (objective == Objective::kWgan) o.optimizer.critic_lr = 5e-4;
    return on_fixed_batches(name, o, options.quick ? 800 : 10'000);
  };
  const auto clipped = [&](double c) {
    return course(Objective::kWgan, fmt::format("c = {:g}", c), c, 0);
  };
  const auto penalised = [&](double lambda) {
    return course(Objective::kWganGp, fmt::format("lambda = {:g}", lambda), 0, lambda);
  };
  return {.clipped = clipped(kCourseClip),
          .half_clipped = clipped(kCourseClip / 2),
          .penalised = penalised(kLambda),
          .heavily = penalised(100 * kLambda),
          .transformed = course(Objective::kCTransform, "c-transform", 0, 0)};
}

}  // namespace wgan
