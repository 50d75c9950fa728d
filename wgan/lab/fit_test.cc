// Critics between given distributions, against what is known of these.
#include "wgan/lab/fit.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "wgan/core/random.h"
#include "wgan/data/synthetic.h"
#include "wgan/net/presets.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

// U[shift, shift + 1/2)^width
Sampler shifted(double shift, int64_t width = 1) {
  return [=](int64_t count, uint64_t step) {
    const at::Tensor rows = torch::empty({count, width});
    fill_uniform({3, Stream::kTest, step, shift > 0 ? 1U : 0U},
                 {rows.data_ptr<float>(), static_cast<size_t>(rows.numel())});
    return rows * 0.5 + shift;
  };
}

TrainOptions fit_options(Objective objective) {
  TrainOptions options;
  options.objective.kind = objective;
  options.batches.size = 64;
  options.optimizer.critic_lr = 2e-3;
  options.penalty.lambda = 10;
  options.penalty.clip = 0.1;
  return options;
}

Network small_critic(int64_t width = 1) { return mlp_critic({width}, {32, 2, 0}); }

double estimate(const CriticMetrics& metrics) {
  return (metrics.real_score - metrics.fake_score).item<double>();
}

// W1 is 1. On a line the best slope s maximises s - lambda (s - 1)^2: it is 1 + 1 / (2 lambda). The
// penalty is one-sided, since a two-sided one holds a critic whose slope begins negative near -1.
TEST(Fit, EstimatesTheDistanceOfAShift) {
  TrainOptions options = fit_options(Objective::kWganGp);
  options.penalty.kind = Penalty::kOneSided;
  for (const int64_t seed : {0, 1, 2}) {
    options.seed = seed;
    const CriticFit fit = fit_critic(small_critic(), shifted(1), shifted(0), options, 400);
    EXPECT_NEAR(estimate(fit.last), 1.05, 0.1) << seed;
    EXPECT_NEAR(fit.last.gradient_norm.item<double>(), 1.05, 0.1) << seed;
  }
}

TEST(Fit, IsTheSameTwice) {
  const auto fitted = [] {
    return fit_critic(small_critic(), shifted(1), shifted(0), fit_options(Objective::kWganGp), 20)
        .critic.parameters;
  };
  const at::Tensor once = fitted();
  EXPECT_TRUE(once.equal(fitted()));
  TrainOptions other = fit_options(Objective::kWganGp);
  other.seed = 1;
  EXPECT_FALSE(
      once.equal(fit_critic(small_critic(), shifted(1), shifted(0), other, 20).critic.parameters));
}

TEST(Fit, TakesEveryObjective) {
  for (const auto& [objective, name] : EnumNames<Objective>::kNames) {
    int64_t told = 0;
    const CriticFit fit = fit_critic(
        small_critic(2), shifted(1, 2), shifted(0, 2), fit_options(objective), 5,
        [&](int64_t step, const Model&, const CriticMetrics&) { EXPECT_EQ(step, ++told) << name; });
    EXPECT_EQ(told, 5) << name;
    EXPECT_TRUE(fit.critic.parameters.isfinite().all().item<bool>()) << name;
    EXPECT_NE(fit.last.loss.item<double>(), 0) << name;
  }
}

TEST(Fit, ClipsACriticOfWgan) {
  TrainOptions options = fit_options(Objective::kWgan);
  options.penalty.clip = 0.02;
  const CriticFit fit = fit_critic(small_critic(), shifted(1), shifted(0), options, 5);
  EXPECT_LE(fit.critic.parameters.abs().max().item<float>(), 0.02F);
}

TEST(Fit, LooksAtACriticFromOutside) {
  const CriticFit fit = fit_critic(small_critic(2), shifted(1, 2), shifted(0, 2),
                                   fit_options(Objective::kWganGp), 50);
  const at::Tensor points = torch::linspace(-1, 2, 20, torch::kFloat64).view({10, 2});
  const at::Tensor scores = scores_at(fit.critic, points);
  ASSERT_EQ(scores.sizes(), at::IntArrayRef({10}));
  EXPECT_EQ(scores.scalar_type(), torch::kFloat64);
  const torch::NoGradGuard no_grad;  // the slopes do not mind
  const at::Tensor slopes = slopes_at(fit.critic, points);
  ASSERT_EQ(slopes.sizes(), points.sizes());
  constexpr double kStep = 1e-2;
  for (int64_t axis = 0; axis < 2; ++axis) {
    at::Tensor step = torch::zeros({2}, torch::kFloat64);
    step[axis] = kStep;
    const at::Tensor difference =
        (scores_at(fit.critic, points + step) - scores_at(fit.critic, points - step)) / (2 * kStep);
    EXPECT_LT((difference - slopes.select(1, axis)).abs().median().item<double>(), 1e-3);
  }
}

TEST(Fit, ReadsTheRowsOfADataSet) {
  const Sampler rows = rows_of(make_synthetic("gaussians8", Split::kTrain, 0));
  const at::Tensor six = rows(6, 0), two = rows(2, 2);
  EXPECT_EQ(six.sizes(), at::IntArrayRef({6, 2}));
  EXPECT_TRUE(two.equal(six.narrow(0, 4, 2)));
}

TEST(Players, AreLookedAtAsOftenAsWanted) {
  const Dataset data = make_synthetic("gaussians8", Split::kTrain, 0);
  TrainOptions options = recipe_options(Recipe::kFast, Objective::kWganGp, data);
  options.players.width = 8;
  options.batches.size = 16;
  options.length.steps = 7;
  std::vector<int64_t> steps;
  const auto note = [&](const Players& players, int64_t step) {
    EXPECT_EQ(players.step, step);
    steps.push_back(step);
  };
  const Players often = train_players(data, options, 3, note);
  EXPECT_EQ(steps, (std::vector<int64_t>{0, 3, 6, 7}));
  steps.clear();
  const Players seldom = train_players(data, options, 0, note);
  EXPECT_EQ(steps, (std::vector<int64_t>{0, 7}));
  EXPECT_TRUE(often.average.parameters.equal(seldom.average.parameters));
  const at::Tensor samples = samples_of(often, options, 300);
  EXPECT_EQ(samples.sizes(), at::IntArrayRef({300, 2}));
  EXPECT_TRUE(samples_of(often, options, 5).allclose(samples.narrow(0, 0, 5)));
}

}  // namespace
}  // namespace wgan
