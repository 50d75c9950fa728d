// The critic's gradient by sweeps equals double backward and finite differences.
#include "wgan/train/critic_step.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/net/describe.h"
#include "wgan/net/presets.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"
#include "wgan/nn/winograd.h"
#include "wgan/train/critic_step_test_support.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

constexpr Objective kObjectives[] = {Objective::kMinimax, Objective::kNonSaturating,
                                     Objective::kWgan, Objective::kWganGp,
                                     Objective::kRelativistic};

// The pattern of Gulrajani et al. 2017's CIFAR-10 critic, without normalisation.
Network residual_critic() {
  return {{3, 16, 16},
          {Residual{{Conv2d{3, 4, 3, 1, 1}, LeakyRelu{0}, Conv2d{4, 4, 3, 1, 1}, MeanPool2x{}},
                    {MeanPool2x{}, Conv2d{3, 4, 1, 1, 0}}},
           Residual{{LeakyRelu{0}, Conv2d{4, 4, 3, 1, 1}, LeakyRelu{0}, Conv2d{4, 6, 3, 1, 1},
                     MeanPool2x{}},
                    {Conv2d{4, 6, 1, 1, 0}, MeanPool2x{}}},
           Residual{{LeakyRelu{0}, Conv2d{6, 6, 3, 1, 1}, LeakyRelu{0}, Conv2d{6, 6, 3, 1, 1}}, {}},
           LeakyRelu{0}, GlobalMean{}, Linear{6, 1}}};
}

std::vector<std::pair<std::string, Network>> critics() {
  const DcganOptions fast{.width = 4,
                          .batch_norm = false,
                          .critic_batch_norm = false,
                          .bias = true,
                          .output_bias = true};
  return {{"toy mlp", mlp_critic({2}, {16, 3, 0})},
          {"image mlp", mlp_critic({3, 5, 4}, {12, 2, 0.2})},
          {"dcgan grey", dcgan_critic({1, 16, 16}, fast)},
          {"dcgan rgb", dcgan_critic({3, 16, 24}, fast)},
          {"dcgan odd", dcgan_critic({3, 13, 19}, fast)},
          {"gan_mnist", gulrajani_critic({1, 28, 28}, 4)},
          {"gan_cifar", gulrajani_critic({3, 32, 32}, 4)},
          {"gulrajani odd", gulrajani_critic({3, 15, 11}, 4)},
          {"residual", residual_critic()}};
}

TEST(CriticStep, SweepsEqualDoubleBackward) {
  for (const auto& [name, network] : critics()) {
    for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
      for (const int64_t batch : {1, 37}) {
        SCOPED_TRACE(name + ", batch " + std::to_string(batch) + ", " + c10::toString(dtype));
        Model critic = random_model(network, 3, dtype);
        expect_routes_agree(critic, samples_for(network, batch, 5, dtype),
                            {.objective = Objective::kWganGp});
      }
    }
  }
}

// Wide enough for convolutions with fewer multiplications in every sweep.
TEST(CriticStep, SweepsEqualDoubleBackwardWhereWinogradPays) {
  const Network network =
      dcgan_critic({1, 16, 16}, {.batch_norm = false, .critic_batch_norm = false, .bias = true});
  const int64_t batch = 64;
  for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
    SCOPED_TRACE(c10::toString(dtype));
    Model critic = random_model(network, 3, dtype);
    const at::Tensor second = critic.frozen[2];
    ASSERT_TRUE(winograd_pays(torch::empty({batch, second.size(1), 8, 8}, dtype), second, 2));
    expect_routes_agree(critic, samples_for(network, batch, 5, dtype),
                        {.objective = Objective::kWganGp});
  }
}

TEST(CriticStep, PenaltyCountsNoSlopesAlongConditions) {
  // f(x, c) = w x + v c + b: |grad_x f| is |w|, whatever v.
  const double w[] = {0.6, -1.2, 0.9}, v[] = {5, -7};
  Model critic = make_model({{5}, {Linear{5, 1}}}, torch::kFloat64, Training::kYes);
  for (int64_t i = 0; i < 5; ++i) critic.frozen[0][0][i] = i < 3 ? w[i] : v[i - 3];
  const double norm = std::sqrt(0.36 + 1.44 + 0.81), lambda = 3;
  const StepRows s = samples_for(critic.network, 7, 5, torch::kFloat64);
  const at::Tensor scores_part = (s.fake - s.real).mean({0});
  for (const Route route : {Route::kAutograd, Route::kSweeps}) {
    const CriticMetrics m = critic_gradients(critic, s,
                                             {.objective = Objective::kWganGp,
                                              .penalty = {.lambda = lambda},
                                              .route = route,
                                              .conditions = 2});
    EXPECT_NEAR(m.gradient_norm.item<double>(), norm, 1e-12);
    EXPECT_NEAR(m.penalty.item<double>(), lambda * (norm - 1) * (norm - 1), 1e-12);
    for (int64_t i = 0; i < 5; ++i) {
      const double slope = i < 3 ? 2 * lambda * (norm - 1) * w[i] / norm : 0;
      EXPECT_NEAR(critic.gradient_views[0][0][i].item<double>(),
                  scores_part[i].item<double>() + slope, 1e-12);
    }
  }
}

TEST(CriticStep, SweepsEqualAutogradThroughTheSameNoise) {
  Network network = dcgan_critic({3, 16, 16}, {.width = 4, .critic_batch_norm = false});
  network.layers.insert(network.layers.begin() + 2, GaussianNoise{0.5});
  Model critic = random_model(network, 3, torch::kFloat64);
  const StepRows s = samples_for(network, 20, 5, torch::kFloat64);
  const at::Tensor state = critic.state.clone();
  const auto gradients = [&](Route route) {
    critic.state.copy_(state);
    critic_gradients(critic, s, {.objective = Objective::kNonSaturating, .route = route});
    return critic.gradients.clone();
  };
  const at::Tensor expected = gradients(Route::kAutograd);
  EXPECT_LE(relative_error(gradients(Route::kSweeps), expected), 1e-11);
  critic_gradients(critic, s, {.objective = Objective::kNonSaturating});
  EXPECT_GT(relative_error(critic.gradients, expected), 1e-6) << "other noise the next time";
}

TEST(CriticStep, SweepsEqualDoubleBackwardBesideConditions) {
  for (const Network& network : {mlp_critic({5}, {16, 3, 0}), gulrajani_critic({3, 12, 9}, 4)}) {
    Model critic = random_model(network, 3, torch::kFloat64);
    expect_routes_agree(critic, samples_for(network, 20, 5, torch::kFloat64),
                        {.objective = Objective::kWganGp, .conditions = 2});
  }
}

TEST(CriticStep, SweepsEqualAutogradForEveryObjectiveAndPenalty) {
  for (const Network& network : {mlp_critic({3}, {16, 2, 0.2}), gulrajani_critic({3, 12, 9}, 4)}) {
    for (const Objective objective : kObjectives) {
      for (const Penalty penalty : {Penalty::kTwoSided, Penalty::kOneSided}) {
        for (const double gain : {1.0, 30.0}) {  // gradient norms below and above 1
          SCOPED_TRACE(std::string(enum_name(objective)) + ", " + enum_name(penalty) + ", gain " +
                       std::to_string(gain));
          Model critic = random_model(network, 3, torch::kFloat64);
          critic.frozen[critic.frozen.size() - 2].mul_(gain);
          expect_routes_agree(critic, samples_for(network, 20, 5, torch::kFloat64),
                              {.objective = objective, .penalty = {.kind = penalty, .lambda = 3}});
        }
      }
    }
  }
}

TEST(CriticStep, SweepsEqualDoubleBackwardForEveryBatch) {
  const Network network = mlp_critic({3}, {8, 2, 0.2});
  for (int64_t batch = 1; batch <= 40; ++batch) {
    SCOPED_TRACE(batch);
    Model critic = random_model(network, 3, torch::kFloat64);
    expect_routes_agree(critic, samples_for(network, batch, 5, torch::kFloat64), {});
  }
  for (const int64_t batch : {128, 129, 200}) {
    SCOPED_TRACE(batch);
    Model critic = random_model(network, 3, torch::kFloat64);
    expect_routes_agree(critic, samples_for(network, batch, 5, torch::kFloat64), {});
  }
}

TEST(CriticStep, RowsTakenInPartsGiveTheSameGradients) {
  const Network network{
      {2, 6, 6},
      {Residual{{Conv2d{2, 8, 3, 1, 1}, LeakyRelu{0.2}, Conv2d{8, 2, 3, 1, 1}}, {}}, Reshape{{72}},
       Linear{72, 3}}};  // three classes
  StepRows s = samples_for(network, 11, 5, torch::kFloat64);
  s.labels = torch::arange(11) % 3;
  const int64_t row = 3 * 8 * 6 * 6;
  for (const Objective objective : kObjectives) {
    Model critic = random_model(network, 3, torch::kFloat64);
    const CriticMetrics whole = critic_gradients(critic, s, {.objective = objective});
    const at::Tensor gradients = critic.gradients.clone();
    for (const int64_t at_once : {int64_t{1}, row, 4 * row, 6 * row, 10 * row}) {
      SCOPED_TRACE(at_once);
      const CriticMetrics parts =
          critic_gradients(critic, s, {.objective = objective, .numbers_at_once = at_once});
      EXPECT_LE(relative_error(critic.gradients, gradients), 1e-13);
      expect_close(parts.loss, whole.loss, 1e-13);
      expect_close(parts.real_score, whole.real_score, 1e-13);
      expect_close(parts.fake_score, whole.fake_score, 1e-13);
      expect_close(parts.penalty, whole.penalty, 1e-13);
      expect_close(parts.gradient_norm, whole.gradient_norm, 1e-13);
    }
  }
}

// bfloat16 has 8 bits of mantissa: a relative error of 2^-9 a rounding.
TEST(CriticStep, Bfloat16GivesTheGradientRoughly) {
  if (!cpu_multiplies_bf16()) GTEST_SKIP() << "--precision bf16 is refused on this processor";
  for (const auto& [name, network] : critics()) {
    SCOPED_TRACE(name);
    Model critic = random_model(network, 3);
    const StepRows s = samples_for(network, 37, 5, torch::kFloat32);
    const CriticMetrics expected = critic_gradients(critic, s, {});
    const at::Tensor gradients = critic.gradients.clone();
    const CriticMetrics actual = critic_gradients(critic, s, {.precision = Precision::kBf16});
    EXPECT_EQ(critic.gradients.scalar_type(), torch::kFloat32);
    const double error = relative_error(critic.gradients, gradients);
    EXPECT_LE(error, 0.05);
    EXPECT_GT(error, 1e-5);  // it does compute in bfloat16
    expect_close(actual.loss, expected.loss, 0.03);
    expect_close(actual.gradient_norm, expected.gradient_norm, 0.03);
  }
}

TEST(CriticStep, ZeroGradientsAreNoNan) {
  for (const Network& network : {mlp_critic({3}, {8, 2, 0.2}), gulrajani_critic({1, 28, 28}, 2)}) {
    for (const Penalty penalty : {Penalty::kTwoSided, Penalty::kOneSided}) {
      Model critic = random_model(network, 3, torch::kFloat64);
      critic.frozen[critic.frozen.size() - 2].zero_();
      const StepRows s = samples_for(network, 5, 5, torch::kFloat64);
      expect_routes_agree(critic, s, {.penalty = {.kind = penalty}});
      EXPECT_TRUE(critic.gradients.isfinite().all().item<bool>());
      const CriticMetrics m =
          critic_gradients(critic, s, {.penalty = {.kind = penalty, .lambda = 10}});
      EXPECT_EQ(m.gradient_norm.item<double>(), 0);
      EXPECT_EQ(m.penalty.item<double>(), penalty == Penalty::kTwoSided ? 10 : 0);
    }
  }
}

TEST(CriticStep, OutputBiasHasNoGradientForWassersteinObjectives) {
  for (const auto& [name, network] : critics()) {
    for (const Objective objective : {Objective::kWgan, Objective::kWganGp}) {
      Model critic = random_model(network, 3, torch::kFloat64);
      const StepRows s = samples_for(network, 37, 5, torch::kFloat64);
      critic_gradients(critic, s, {.objective = objective});
      const at::Tensor bias = parameter_views(critic.slots, critic.gradients).back();
      ASSERT_EQ(bias.numel(), 1) << name;
      EXPECT_NEAR(bias.item<double>(), 0, 1e-15) << name;
    }
  }
}

constexpr PenaltyAt kPlaces[] = {PenaltyAt::kInterpolates, PenaltyAt::kReal, PenaltyAt::kFake,
                                 PenaltyAt::kBoth};

TEST(CriticStep, SweepsEqualDoubleBackwardWhereverThePenaltyIsTaken) {
  for (const auto& [name, network] : critics()) {
    for (const PenaltyAt at : kPlaces) {
      for (const int64_t batch : {1, 20}) {
        SCOPED_TRACE(name + ", " + enum_name(at) + ", batch " + std::to_string(batch));
        for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
          Model critic = random_model(network, 3, dtype);
          expect_routes_agree(critic, samples_for(network, batch, 5, dtype),
                              {.objective = Objective::kRelativistic,
                               .penalty = {.kind = Penalty::kZeroCentred, .at = at, .gamma = 3}});
        }
      }
    }
  }
}

TEST(CriticStep, SweepsEqualDoubleBackwardForEveryObjectiveWithZeroCentredPenalties) {
  for (const Network& network : {mlp_critic({5}, {16, 2, 0.2}), gulrajani_critic({3, 12, 9}, 4)}) {
    for (const Objective objective : kObjectives) {
      for (const PenaltyAt at : kPlaces) {
        SCOPED_TRACE(std::string(enum_name(objective)) + ", " + enum_name(at));
        Model critic = random_model(network, 3, torch::kFloat64);
        expect_routes_agree(
            critic, samples_for(network, 20, 5, torch::kFloat64),
            {.objective = objective,
             .penalty = {.kind = Penalty::kZeroCentred, .at = at, .gamma = 0.7, .scale = 4},
             .targets = has_probability(objective) ? Targets{0.9, 0.1} : Targets{},
             .conditions = 2});
      }
    }
  }
}

TEST(CriticStep, TakesOnePartOfTheRowsAtATimeOfPairsAsWell) {
  const Network network = gulrajani_critic({3, 12, 9}, 4);
  Model critic = random_model(network, 3, torch::kFloat64);
  const StepRows s = samples_for(network, 7, 5, torch::kFloat64);
  CriticObjective o{.objective = Objective::kRelativistic,
                    .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kBoth}};
  const CriticMetrics whole = critic_gradients(critic, s, o);
  const at::Tensor gradients = critic.gradients.clone();
  o.numbers_at_once = 1;  // a row at a time
  const CriticMetrics parts = critic_gradients(critic, s, o);
  EXPECT_LE(relative_error(critic.gradients, gradients), 1e-13);
  expect_close(parts.loss, whole.loss, 1e-13);
  expect_close(parts.penalty, whole.penalty, 1e-13);
  expect_close(parts.gradient_norm, whole.gradient_norm, 1e-13);
}

TEST(CriticStep, AStepWithoutItsPenaltyHasTheGradientOfTheLossAlone) {
  const Network network = gulrajani_critic({3, 12, 9}, 4);
  Model critic = random_model(network, 3, torch::kFloat64);
  const StepRows s = samples_for(network, 7, 5, torch::kFloat64);
  critic_gradients(critic, s, {.objective = Objective::kWgan});
  const at::Tensor expected = critic.gradients.clone();
  for (const Route route : {Route::kSweeps, Route::kAutograd}) {
    const CriticMetrics m = critic_gradients(
        critic, s, {.objective = Objective::kWganGp, .penalty = {.scale = 0}, .route = route});
    EXPECT_LE(relative_error(critic.gradients, expected), 1e-13);
    EXPECT_EQ(m.penalty.item<double>(), 0);
  }
}

// The penalty R1 alone: a loss whose scores' gradients are zero at its only row has none beside it.
TEST(CriticStep, ZeroCentredPenaltyOfALinearCriticIsItsSquaredNorm) {
  Model critic = make_model({{2}, {Linear{2, 1}}}, torch::kFloat64, Training::kYes);
  critic.frozen[0].copy_(torch::tensor({{3.0, 4.0}}, torch::kFloat64));
  const at::Tensor row = torch::tensor({{0.5, -2.0}}, torch::kFloat64);
  for (const Route route : {Route::kSweeps, Route::kAutograd}) {
    const CriticMetrics m = critic_gradients(
        critic, {row, row},
        {.objective = Objective::kWgan,  // real and fake are one: their loss cancels
         .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kReal, .gamma = 2},
         .route = route});
    EXPECT_NEAR(m.penalty.item<double>(), 25, 1e-12);
    EXPECT_NEAR(critic.gradient_views[0][0][0].item<double>(), 6, 1e-12);
    EXPECT_NEAR(critic.gradient_views[0][0][1].item<double>(), 8, 1e-12);
    EXPECT_NEAR(critic.gradient_views[1].item<double>(), 0, 1e-12);
  }
}

TEST(CriticStep, ZeroCentredPenaltyOfOneLeakyUnitEqualsItsFormula) {
  Model critic = make_model({{2}, {Linear{2, 1, false}, LeakyRelu{0.2}, Linear{1, 1, false}}},
                            torch::kFloat64, Training::kYes);
  critic.frozen[0].copy_(torch::tensor({{1.0, -2.0}}, torch::kFloat64));
  critic.frozen[1].fill_(3);
  const at::Tensor row = torch::ones({1, 2}, torch::kFloat64);
  for (const Route route : {Route::kSweeps, Route::kAutograd}) {
    const CriticMetrics m = critic_gradients(
        critic, {row, row},
        {.objective = Objective::kWgan,
         .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kFake, .gamma = 2},
         .route = route});
    EXPECT_NEAR(m.penalty.item<double>(), 1.8, 1e-12);
    EXPECT_NEAR(critic.gradient_views[0][0][0].item<double>(), 0.72, 1e-12);
    EXPECT_NEAR(critic.gradient_views[0][0][1].item<double>(), -1.44, 1e-12);
    EXPECT_NEAR(critic.gradient_views[1].item<double>(), 1.2, 1e-12);
  }
}

TEST(CriticStep, SweepsEqualDoubleBackwardThroughAugmentation) {
  const Network networks[] = {dcgan_critic({3, 13, 19}, {.width = 4, .critic_batch_norm = false}),
                              gulrajani_critic({4, 16, 16}, 4), residual_critic(),
                              mlp_critic({1, 9, 8}, {12, 2, 0.2})};
  for (const Network& network : networks) {
    for (const PenaltyAt at : kPlaces) {
      for (const Objective objective : {Objective::kRelativistic, Objective::kWganGp}) {
        const bool pairs = objective == Objective::kRelativistic;
        SCOPED_TRACE(shape_text(network.input) + " " + enum_name(at) + " " + enum_name(objective));
        CriticObjective o{
            .objective = objective,
            .penalty = {.kind = pairs ? Penalty::kZeroCentred : Penalty::kTwoSided, .at = at},
            .augment = {.flip = true, .color = true, .translation = true, .cutout = true}};
        for (const int64_t batch : {1, 9}) {
          for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
            Model critic = random_model(network, 3, dtype);
            const StepRows plain = samples_for(network, batch, 5, dtype);
            const StepRows s = changed(plain, o.augment, 7);
            expect_routes_agree(critic, s, o);
            const at::Tensor gradients = critic.gradients.clone();
            critic_gradients(critic, plain, o);
            EXPECT_GT(relative_error(critic.gradients, gradients), 1e-3) << "nothing is changed";
          }
        }
      }
    }
  }
}

TEST(CriticStep, AugmentationLeavesConditionsAlone) {
  const Network network = gulrajani_critic({5, 12, 9}, 4);
  Model critic = random_model(network, 3, torch::kFloat64);
  CriticObjective o{.objective = Objective::kRelativistic,
                    .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kBoth},
                    .augment = {.flip = true,
                                .color = true,
                                .translation = true,
                                .cutout = true,
                                .conditions = 2},
                    .conditions = 2};
  expect_routes_agree(critic, changed(samples_for(network, 9, 5, torch::kFloat64), o.augment, 7),
                      o);
}

// The only critic here whose slopes are smooth in its parameters all along: finite differences of
// the loss, from slopes at the rows as they are before augmentation.
TEST(CriticStep, PenaltyThroughAugmentationEqualsFiniteDifferences) {
  const Network network{{3, 4, 4}, {Reshape{{48}}, Linear{48, 1}}};
  Model critic = random_model(network, 3, torch::kFloat64);
  CriticObjective o{.objective = Objective::kRelativistic,
                    .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kReal, .gamma = 3},
                    .augment = {.color = true, .translation = true}};
  const StepRows s = changed(samples_for(network, 3, 5, torch::kFloat64), o.augment, 7);
  const auto f = [&](const at::Tensor& rows, const at::Tensor& draws) {
    return forward(critic, augmented(o.augment, rows, draws), {}).view({-1});
  };
  const auto loss = [&] {
    const torch::NoGradGuard no_grad;
    at::Tensor squares = torch::zeros({3}, torch::kFloat64);
    for (int64_t i = 0; i < 48; ++i) {
      at::Tensor way = torch::zeros({3, 48}, torch::kFloat64);
      way.select(1, i).fill_(1);
      const at::Tensor step = way.view({3, 3, 4, 4});
      squares += (f(s.real + step, s.real_draws) - f(s.real, s.real_draws)).square();
    }
    const at::Tensor gap = f(s.real, s.real_draws) - f(s.fake, s.fake_draws);
    return (torch::softplus(-gap).mean() + 1.5 * squares.mean()).item<double>();
  };
  const CriticMetrics m = critic_gradients(critic, s, o);
  EXPECT_NEAR(m.loss.item<double>(), loss(), 1e-10);
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < 48; i += 5) {
    const at::Tensor weight = critic.frozen[0][0][i];
    const double kept = weight.item<double>();
    weight.fill_(kept + kStep);
    const double up = loss();
    weight.fill_(kept - kStep);
    const double down = loss();
    weight.fill_(kept);
    EXPECT_NEAR(critic.gradient_views[0][0][i].item<double>(), (up - down) / (2 * kStep), 1e-7);
  }
}

// Any critic that the layers allow: convolutions, padding, cuts and slopes at random.
Network random_critic(Draws& draws) {
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(draws.below(static_cast<uint32_t>(high - low + 1)));
  };
  Network network{{pick(1, 3), pick(5, 12), pick(5, 12)}, {}};
  for (int64_t left = pick(1, 5); left > 0; --left) {
    const Shape shape = output_shape(network);
    const int64_t side = std::min(shape[1], shape[2]);
    switch (pick(0, 4)) {
      case 0:
        network.layers.push_back(Pad{pick(0, 2), pick(0, 2)});
        break;
      case 1:
        network.layers.push_back(Crop{pick(side / 2 + 1, shape[1]), pick(side / 2 + 1, shape[2])});
        break;
      case 2: {
        const int64_t stride = pick(1, 2);
        network.layers.push_back(ConvTranspose2d{shape[0], pick(1, 4), pick(2, 4), stride, 0,
                                                 pick(0, stride - 1), pick(0, 1) == 0});
        break;
      }
      default: {
        const int64_t kernel = pick(1, std::min<int64_t>(side, 5));
        const int64_t stride = pick(1, 3);  // beyond the kernel too: pixels that no window sees
        network.layers.push_back(
            Conv2d{shape[0], pick(1, 5), kernel, stride, pick(0, 2), pick(0, 1) == 0});
      }
    }
    if (pick(0, 2) > 0) network.layers.push_back(LeakyRelu{pick(0, 3) * 0.1});
  }
  int64_t in = elements(output_shape(network));
  network.layers.push_back(Reshape{{in}});
  if (pick(0, 1) == 0) {
    network.layers.push_back(Linear{in, 6, pick(0, 1) == 0});
    network.layers.push_back(LeakyRelu{0.2});
    in = 6;
  }
  network.layers.push_back(Linear{in, 1, pick(0, 1) == 0});
  return network;
}

TEST(CriticStep, SweepsEqualDoubleBackwardOnRandomCritics) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    Draws draws({seed, Stream::kTest, 0, 0});
    const Network network = random_critic(draws);
    SCOPED_TRACE(describe_table(network, "critic"));
    Model critic = random_model(network, seed, torch::kFloat64);
    const auto batch = static_cast<int64_t>(1 + draws.below(20));
    const StepRows s = samples_for(network, batch, seed, torch::kFloat64);
    const Penalty penalty = seed % 2 == 0 ? Penalty::kTwoSided : Penalty::kOneSided;
    critic_gradients(critic, s, {.penalty = {.kind = penalty}, .route = Route::kAutograd});
    if (critic.gradients.norm().item<double>() < 1e-12) continue;  // dead ReLUs: f is constant
    expect_routes_agree(critic, s, {.penalty = {.kind = penalty}});
    expect_routes_agree(critic, s,
                        {.objective = Objective::kRelativistic,
                         .penalty = {.kind = Penalty::kZeroCentred, .at = kPlaces[seed % 4]}});
    ++compared;
  }
  EXPECT_GT(compared, 180);
}

// The loss alone, from scores and from the slopes of f along every axis.
double loss_from_scores(Model& critic, const StepRows& s, const CriticObjective& o) {
  const torch::NoGradGuard no_grad;
  const at::Tensor scores_gap =
      forward(critic, s.fake, {}).mean() - forward(critic, s.real, {}).mean();
  const at::Tensor between =
      s.epsilon.view({-1, 1}) * s.real + (1 - s.epsilon.view({-1, 1})) * s.fake;
  constexpr double kStep = 1e-4;  // f is linear within it, so only rounding is felt
  std::vector<at::Tensor> slopes;
  for (int64_t axis = 0; axis < between.size(1); ++axis) {
    at::Tensor way = torch::zeros_like(between);
    way.select(1, axis).fill_(kStep);
    slopes.push_back((forward(critic, between + way, {}) - forward(critic, between - way, {})) /
                     (2 * kStep));
  }
  at::Tensor excess = torch::cat(slopes, 1).norm(2, {1}) - 1;
  if (o.penalty.kind == Penalty::kOneSided) excess = excess.clamp_min(0);
  return (scores_gap + o.penalty.lambda * excess.square().mean()).item<double>();
}

TEST(CriticStep, SweepsEqualFiniteDifferences) {
  const Network network = mlp_critic({3}, {5, 2, 0.2});
  for (const Penalty penalty : {Penalty::kTwoSided, Penalty::kOneSided}) {
    Model critic = random_model(network, 3, torch::kFloat64);
    critic.parameters.mul_(3);  // norms on both sides of 1
    const StepRows s = samples_for(network, 4, 5, torch::kFloat64);
    const CriticObjective objective{.penalty = {.kind = penalty, .lambda = 2},
                                    .route = Route::kSweeps};
    const CriticMetrics metrics = critic_gradients(critic, s, objective);
    EXPECT_NEAR(metrics.loss.item<double>(), loss_from_scores(critic, s, objective), 1e-8);
    const at::Tensor gradients = critic.gradients.clone();
    const double norm = gradients.norm().item<double>();
    constexpr double kStep = 1e-5;
    for (int64_t i = 0; i < critic.parameters.numel(); ++i) {
      const double kept = critic.parameters[i].item<double>();
      critic.parameters[i] = kept + kStep;
      const double up = loss_from_scores(critic, s, objective);
      critic.parameters[i] = kept - kStep;
      const double down = loss_from_scores(critic, s, objective);
      critic.parameters[i] = kept;
      EXPECT_NEAR(gradients[i].item<double>(), (up - down) / (2 * kStep), 1e-6 * norm) << i;
    }
  }
}

TEST(CriticStep, ChangesNothingButTheGradients) {
  const Network network = gulrajani_critic({1, 28, 28}, 2);
  for (const Route route : {Route::kSweeps, Route::kAutograd}) {
    Model critic = random_model(network, 3);
    const StepRows s = samples_for(network, 5, 5, torch::kFloat32);
    const StepRows copy{s.real.clone(), s.fake.clone(), s.epsilon.clone()};
    const at::Tensor parameters = critic.parameters.clone();
    critic_gradients(critic, s, {.route = route});
    EXPECT_TRUE(bits_equal(critic.parameters, parameters));
    EXPECT_TRUE(bits_equal(s.real, copy.real));
    EXPECT_TRUE(bits_equal(s.fake, copy.fake));
    EXPECT_TRUE(bits_equal(s.epsilon, copy.epsilon));
  }
}

TEST(CriticStep, RefusesSweepsThatWouldNotBeExact) {
  Model normed = random_model(dcgan_critic({1, 16, 16}, {.width = 2}), 3);
  Model meeting = random_model(
      {{3}, {Linear{3, 4}, LeakyRelu{0.2}, MinibatchDiscrimination{4, 3, 2}, Linear{7, 1}}}, 3);
  for (Model* critic : {&normed, &meeting}) {
    const StepRows s = samples_for(critic->network, 4, 5, torch::kFloat32);
    expect_error(ErrorKind::kUsage, "--critic-step auto",
                 [&] { critic_gradients(*critic, s, {.route = Route::kSweeps}); });
    expect_error(ErrorKind::kUsage, "--precision float32",
                 [&] { critic_gradients(*critic, s, {.precision = Precision::kBf16}); });
    EXPECT_NO_THROW(critic_gradients(*critic, s, {}));
    EXPECT_TRUE(critic->gradients.isfinite().all().item<bool>());
  }
}

TEST(CriticStep, ClipsEveryParameter) {
  Model critic = random_model(mlp_critic({3}, {16, 2, 0}), 3);
  const at::Tensor before = critic.parameters.clone();
  clip_parameters(critic, 0.1);
  EXPECT_TRUE(bits_equal(critic.parameters, before.clamp(-0.1, 0.1)));
  EXPECT_FALSE(bits_equal(critic.parameters, before));
  EXPECT_LE(critic.frozen[0].abs().max().item<float>(), 0.1f);
}

}  // namespace
}  // namespace wgan
