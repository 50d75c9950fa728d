// Critics with LayerNorm and smooth activations: their gradients by sweeps equal double backward.
#include "wgan/train/critic_sweeps.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <utility>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/net/describe.h"
#include "wgan/net/presets.h"
#include "wgan/net/resnet.h"
#include "wgan/net/variants.h"
#include "wgan/train/critic_step_test_support.h"

namespace wgan {
namespace {

std::vector<std::pair<std::string, Network>> curved_critics() {
  const auto layer_norm = [](const Network& network) {
    return with_norm(network, Norm::kLayer, 0);
  };
  return {{"tanh mlp", with_activation(mlp_critic({2}, {16, 3, 0}), Activation::kTanh)},
          {"softplus convolutions",
           with_activation(gulrajani_critic({3, 12, 9}, 4), Activation::kSoftplus)},
          {"layer norm mlp", layer_norm(mlp_critic({5}, {16, 3, 0.2}))},
          {"layer norm convolutions", layer_norm(gulrajani_critic({1, 15, 11}, 4))},
          {"both",
           with_activation(layer_norm(mlp_critic({3, 5, 4}, {12, 2, 0.2})), Activation::kSoftplus)},
          {"resnet", resnet_critic({3, 64, 64}, 2)}};
}

// Penalties between real and fake rows, and at rows that the loss sees too.
std::vector<CriticObjective> penalised_objectives() {
  std::vector<CriticObjective> all{{.penalty = {.lambda = 3}},
                                   {.penalty = {.kind = Penalty::kOneSided, .lambda = 30}}};
  for (const PenaltyAt at : {PenaltyAt::kReal, PenaltyAt::kFake, PenaltyAt::kBoth}) {
    all.push_back({.objective = Objective::kRelativistic,
                   .penalty = {.kind = Penalty::kZeroCentred, .at = at, .gamma = 3}});
  }
  return all;
}

// Scales and shifts other than 1 and 0.
Model shifted_model(const Network& network, uint64_t seed, at::ScalarType dtype) {
  Model critic = random_model(network, seed, dtype);
  critic.parameters += 0.1 * random_tensor({critic.parameters.size(0)}, seed + 1, dtype);
  return critic;
}

TEST(CriticSweeps, EqualDoubleBackwardOnCurvedCritics) {
  for (const auto& [name, network] : curved_critics()) {
    ASSERT_TRUE(is_curved(network));
    for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
      for (const int64_t batch : {1, name == "resnet" ? 3 : 20}) {
        for (const CriticObjective& objective : penalised_objectives()) {
          SCOPED_TRACE(name + ", " + enum_name(objective.penalty.at) + ", batch " +
                       std::to_string(batch) + ", " + c10::toString(dtype));
          Model critic = shifted_model(network, 3, dtype);
          expect_routes_agree(critic, samples_for(network, batch, 5, dtype), objective);
        }
      }
    }
  }
}

TEST(CriticSweeps, EqualAutogradOnCurvedCriticsWithoutPenalty) {
  for (const auto& [name, network] : curved_critics()) {
    for (const Objective objective : {Objective::kWgan, Objective::kNonSaturating}) {
      SCOPED_TRACE(name + ", " + enum_name(objective));
      Model critic = shifted_model(network, 3, torch::kFloat64);
      expect_routes_agree(critic, samples_for(network, 3, 5, torch::kFloat64),
                          {.objective = objective});
    }
  }
}

TEST(CriticSweeps, EqualDoubleBackwardOnCurvedCriticsOfClassesBesideConditions) {
  Network network = curved_critics()[3].second;
  std::get<Linear>(network.layers.back()).out = 3;
  network.input[0] = 3;
  std::get<Conv2d>(network.layers[0]).in = 3;
  for (CriticObjective objective : penalised_objectives()) {
    SCOPED_TRACE(enum_name(objective.penalty.at));
    objective.conditions = 2;
    Model critic = shifted_model(network, 3, torch::kFloat64);
    StepRows rows = samples_for(network, 7, 5, torch::kFloat64);
    rows.labels = torch::arange(7) % 3;
    expect_routes_agree(critic, rows, objective);
  }
}

TEST(CriticSweeps, RowsOfCurvedCriticsTakenInPartsGiveTheSameGradients) {
  const Network network = curved_critics()[3].second;
  const StepRows s = samples_for(network, 7, 5, torch::kFloat64);
  for (CriticObjective objective : penalised_objectives()) {
    Model critic = shifted_model(network, 3, torch::kFloat64);
    const CriticMetrics whole = critic_gradients(critic, s, objective);
    const at::Tensor gradients = critic.gradients.clone();
    objective.numbers_at_once = 1;  // a row at a time
    const CriticMetrics parts = critic_gradients(critic, s, objective);
    EXPECT_LE(relative_error(critic.gradients, gradients), 1e-13);
    expect_close(parts.loss, whole.loss, 1e-13);
    expect_close(parts.penalty, whole.penalty, 1e-13);
    expect_close(parts.gradient_norm, whole.gradient_norm, 1e-13);
  }
}

// As many rows as threads share.
TEST(CriticSweeps, EqualDoubleBackwardOnCurvedCriticsByEveryThread) {
  const Network network = curved_critics()[2].second;
  Model critic = shifted_model(network, 3, torch::kFloat64);
  expect_routes_agree(critic, samples_for(network, 200, 5, torch::kFloat64), {});
}

TEST(CriticSweeps, ZeroGradientsOfCurvedCriticsAreNoNan) {
  for (const auto& [name, network] : curved_critics()) {
    SCOPED_TRACE(name);
    Model critic = random_model(network, 3, torch::kFloat64);
    critic.frozen[critic.frozen.size() - 2].zero_();
    expect_routes_agree(critic, samples_for(network, 2, 5, torch::kFloat64), {});
    EXPECT_TRUE(critic.gradients.isfinite().all().item<bool>());
  }
}

// Convolutions, norms, sums and smooth and piecewise linear activations in any order.
Network random_curved_critic(Draws& draws) {
  const auto pick = [&](int64_t low, int64_t high) {
    return low + static_cast<int64_t>(draws.below(static_cast<uint32_t>(high - low + 1)));
  };
  const auto small_layer = [&](Layers& layers, int64_t channels) {
    switch (pick(0, 5)) {
      case 0:
        return layers.push_back(LayerNorm{channels, 1e-2});
      case 1:
        return layers.push_back(Tanh{});
      case 2:
        return layers.push_back(ScaledSoftplus{});
      case 3:
        return layers.push_back(Sigmoid{});
      default:
        return layers.push_back(LeakyRelu{pick(0, 3) * 0.1});
    }
  };
  Network network{{pick(1, 3), 2 * pick(2, 5), 2 * pick(2, 5)}, {}};
  int64_t channels = network.input[0];
  for (int64_t left = pick(2, 5); left > 0; --left) {
    if (pick(0, 1) == 0) small_layer(network.layers, channels);
    if (pick(0, 1) == 0) {
      const int64_t out = pick(1, 5);
      network.layers.push_back(Conv2d{channels, out, 3, 1, 1, pick(0, 1) == 0});
      channels = out;
    } else {
      Residual sum;
      small_layer(sum.body, channels);
      sum.body.push_back(Conv2d{channels, channels, 3, 1, 1});
      if (pick(0, 1) == 0) small_layer(sum.body, channels);
      if (pick(0, 1) == 0) small_layer(sum.shortcut, channels);
      network.layers.push_back(std::move(sum));
    }
    if (pick(0, 1) == 0) small_layer(network.layers, channels);
  }
  const int64_t in = elements(output_shape(network));
  network.layers.push_back(Reshape{{in}});
  small_layer(network.layers, in);
  network.layers.push_back(Linear{in, pick(1, 3), pick(0, 1) == 0});
  if (pick(0, 3) == 0) network.layers.push_back(Tanh{});
  return network;
}

// Lazy and ordinary penalties of pictures that are augmented or not, where the critic is of classes
// or of none and the last channel is a condition or is not.
struct RandomStep {
  StepRows rows;
  CriticObjective objective;
};
RandomStep random_step(const Network& critic, uint64_t seed, Draws& draws) {
  const auto yes = [&] { return draws.below(2) == 0; };
  const auto batch = static_cast<int64_t>(1 + draws.below(9));
  RandomStep step{samples_for(critic, batch, seed, torch::kFloat64),
                  penalised_objectives()[seed % penalised_objectives().size()]};
  const int64_t classes = output_shape(critic)[0];
  if (classes > 1) step.rows.labels = torch::arange(batch) % classes;
  if (critic.input[0] > 1 && yes()) step.objective.conditions = 1;
  if (yes()) step.objective.penalty.scale = 16;
  if (yes()) step.objective.penalty.factor = torch::full({}, 0.7, torch::kFloat64);
  if (yes()) {
    step.objective.augment = {.flip = true,
                              .color = true,
                              .translation = true,
                              .cutout = true,
                              .conditions = step.objective.conditions};
    step.rows = changed(step.rows, step.objective.augment, seed);
  }
  return step;
}

TEST(CriticSweeps, EqualDoubleBackwardOnRandomCurvedCritics) {
  int compared = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Draws draws({seed, Stream::kTest, 2, 0});
    const Network network = random_curved_critic(draws);
    SCOPED_TRACE(std::to_string(seed) + "\n" + describe_table(network, "critic"));
    const RandomStep step = random_step(network, seed, draws);
    Model critic = shifted_model(network, seed, torch::kFloat64);
    CriticObjective by_autograd = step.objective;
    by_autograd.route = Route::kAutograd;
    critic_gradients(critic, step.rows, by_autograd);
    if (critic.gradients.norm().item<double>() < 1e-9) continue;  // dead ReLUs
    expect_routes_agree(critic, step.rows, step.objective);
    compared += is_curved(network) ? 1 : 0;
  }
  EXPECT_GT(compared, 85);
}

// Real and fake rows have statistics of their own, and running ones are updated by both in turn.
TEST(CriticSweeps, EqualAutogradOnCriticsWithBatchNorm) {
  const auto batch_norm = [](const Network& network) {
    return with_norm(network, Norm::kBatch, 0);
  };
  Network of_classes = batch_norm(mlp_critic({5}, {16, 3, 0.2}));
  std::get<Linear>(of_classes.layers.back()).out = 3;
  const Augment all{.flip = true, .color = true, .translation = true, .cutout = true};
  struct NormedCase {
    Network network;
    at::Tensor labels;
    Augment augment;
  };
  const NormedCase normed[] = {
      {dcgan_critic({3, 16, 24}, {.width = 4}), {}, all},
      {batch_norm(gulrajani_critic({3, 15, 11}, 4)), {}, {}},
      {of_classes, torch::arange(20) % 3, {}},
      {with_activation(batch_norm(mlp_critic({5}, {16, 2, 0.2})), Activation::kTanh), {}, {}}};
  for (const auto& [network, labels, augment] : normed) {
    ASSERT_TRUE(has_layer<BatchNorm>(network));
    for (const Objective objective :
         {Objective::kWgan, Objective::kNonSaturating, Objective::kRelativistic}) {
      for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
        SCOPED_TRACE(std::string(enum_name(objective)) + ", " + c10::toString(dtype));
        CriticObjective o{.objective = objective, .penalty = {.scale = 0}, .augment = augment};
        Model critic = shifted_model(network, 3, dtype);
        StepRows rows = samples_for(network, 20, 5, dtype);
        rows.labels = labels;
        if (augment.any()) rows = changed(rows, augment, 7);
        const at::Tensor state = critic.state.clone();
        const auto state_after = [&](Route route) {
          critic.state.copy_(state);
          o.route = route;
          critic_gradients(critic, rows, o);
          return critic.state.clone();
        };
        EXPECT_LE(relative_error(state_after(Route::kSweeps), state_after(Route::kAutograd)),
                  tolerance(dtype));
        EXPECT_GT(relative_error(critic.state, state), 0.1);
        expect_routes_agree(critic, rows, o);
      }
    }
  }
}

TEST(CriticSweeps, Bfloat16IsRefusedForCurvedCriticsAndForBatchNorm) {
  auto critics = curved_critics();
  critics.emplace_back("batch norm", dcgan_critic({3, 16, 16}, {.width = 4}));
  for (const auto& [name, network] : critics) {
    SCOPED_TRACE(name);
    Model critic = random_model(network, 3);
    const StepRows s = samples_for(network, 2, 5, torch::kFloat32);
    expect_error(ErrorKind::kUsage, "needs more digits", [&] {
      critic_gradients(critic, s, {.objective = Objective::kWgan, .precision = Precision::kBf16});
    });
  }
}

}  // namespace
}  // namespace wgan
