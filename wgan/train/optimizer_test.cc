// Optimizer steps equal those of torch::optim.
#include "wgan/train/optimizer.h"

#include <gtest/gtest.h>
#include <torch/optim.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kSize = 200;

// Twenty steps on the same gradients, of very different magnitudes, by both.
template <class Reference>
void expect_equal_steps(Optimizer optimizer, double learning_rate, Reference&& reference_of) {
  const at::Tensor parameters = random_tensor({kSize}, 1);
  at::Tensor variable = parameters.clone().set_requires_grad(true);
  auto reference = reference_of(std::vector<at::Tensor>{variable});
  const at::Tensor scale = torch::logspace(-6, 3, kSize);
  for (uint64_t step = 0; step < 20; ++step) {
    const at::Tensor before = parameters.clone();
    const at::Tensor gradients = random_tensor({kSize}, 10 + step) * scale;
    variable.mutable_grad() = gradients.clone();
    reference.step();
    optimizer_step(optimizer, learning_rate, parameters, gradients);
    EXPECT_LT(relative_error(parameters, variable.detach()), 1e-6) << step;
    EXPECT_GT((parameters - before).norm().item<double>(), 0) << step;
  }
  const at::Tensor moved = parameters - random_tensor({kSize}, 1);
  EXPECT_LT(relative_error(moved, variable.detach() - random_tensor({kSize}, 1)), 1e-5);
  EXPECT_EQ(optimizer.steps, 20);
}

TEST(Optimizer, AdamEqualsTorch) {
  for (const auto& [beta1, beta2] :
       {std::pair<double, double>{0, 0.9}, {0.5, 0.9}, {0.5, 0.999}, {0.9, 0.999}}) {
    TrainOptions options;
    options.optimizer.kind = OptimizerKind::kAdam;
    options.optimizer.beta1 = beta1;
    options.optimizer.beta2 = beta2;
    const Optimizer optimizer = make_optimizer(options, torch::zeros({kSize}));
    expect_equal_steps(optimizer, 1e-2, [&](const std::vector<at::Tensor>& variables) {
      return torch::optim::Adam(variables,
                                torch::optim::AdamOptions(1e-2)
                                    .betas({options.optimizer.beta1, options.optimizer.beta2.start})
                                    .eps(1e-8));
    });
  }
}

TEST(Optimizer, RmspropEqualsTorch) {
  TrainOptions options;
  options.optimizer.kind = OptimizerKind::kRmsprop;
  const Optimizer optimizer = make_optimizer(options, torch::zeros({kSize}));
  EXPECT_FALSE(optimizer.mean.defined());
  expect_equal_steps(optimizer, 1e-3, [](const std::vector<at::Tensor>& variables) {
    return torch::optim::RMSprop(variables,
                                 torch::optim::RMSpropOptions(1e-3).alpha(0.99).eps(1e-8));
  });
}

TEST(Optimizer, WeightDecayEqualsTorch) {
  TrainOptions options;
  options.optimizer.beta1 = 0.5;
  options.optimizer.beta2 = 0.9;
  options.stabilisers.weight_decay = 0.125;
  EXPECT_EQ(make_optimizer(options, torch::zeros({kSize}), 0).weight_decay, 0) << "the generator's";
  const Optimizer optimizer = make_optimizer(options, torch::zeros({kSize}), 1);
  expect_equal_steps(optimizer, 1e-2, [](const std::vector<at::Tensor>& variables) {
    return torch::optim::Adam(
        variables, torch::optim::AdamOptions(1e-2).betas({0.5, 0.9}).eps(1e-8).weight_decay(0.125));
  });
}

// RMSProp's first step on a gradient g is lr g / (0.1 |g| + 1e-8): its sign tells the gradient's,
// and mean_square its size.
TEST(Optimizer, HistoricalAveragingEqualsItsFormula) {
  const auto fixture = remedies_fixture("historical_averaging");
  TrainOptions options;
  options.optimizer.kind = OptimizerKind::kRmsprop;
  options.stabilisers.historical_averaging = fixture.at("weight");
  const at::Tensor zeros = torch::zeros({4}, torch::kFloat64);
  Optimizer optimizer = make_optimizer(options, zeros, 0);
  for (const auto& step : fixture.at("steps")) {
    const at::Tensor theta = fixture_tensor(step.at("theta"));
    const at::Tensor gradient = fixture_tensor(step.at("gradient"));
    optimizer.mean_square.zero_();
    const at::Tensor moved = theta.clone();
    optimizer_step(optimizer, 1e-3, moved, zeros);
    EXPECT_LT((optimizer.mean_square - 0.01 * gradient.square()).abs().max().item<double>(), 1e-14);
    EXPECT_TRUE(torch::equal((theta - moved).sign(), gradient.sign()));
  }
}

// Without momentum the first step of Adam is the learning rate down the sign of the gradient.
TEST(Optimizer, FirstAdamStepIsTheLearningRate) {
  Optimizer optimizer = make_optimizer({}, torch::zeros({3}));
  const at::Tensor parameters = torch::zeros({3});
  optimizer_step(optimizer, 0.25, parameters, torch::tensor({3.0f, -0.5f, 0.0f}));
  EXPECT_NEAR(parameters[0].item<double>(), -0.25, 1e-6);
  EXPECT_NEAR(parameters[1].item<double>(), 0.25, 1e-6);
  EXPECT_EQ(parameters[2].item<double>(), 0);
}

}  // namespace
}  // namespace wgan
