// The generator's gradient by sweeps equals autograd, and the average follows its formula.
#include "wgan/train/generator_step.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <string>

#include "wgan/net/presets.h"
#include "wgan/net/variants.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

constexpr Objective kGeneratorStepObjectives[] = {Objective::kMinimax, Objective::kNonSaturating,
                                                  Objective::kWgan, Objective::kWganGp};

struct Pair {
  std::string name;
  Network generator, critic;
};

std::vector<Pair> pairs() {
  const DcganOptions fast{
      .width = 4, .batch_norm = false, .critic_batch_norm = false, .bias = true};
  // tanh inside, output_padding, a cut, a sigmoid at the end
  const Network mixed{
      {5},
      {Linear{5, 18}, Tanh{}, Reshape{{2, 3, 3}}, ConvTranspose2d{2, 4, 3, 2, 1, 1}, LeakyRelu{0.2},
       Crop{5, 6}, ConvTranspose2d{4, 3, 5, 2, 2, 1, false}, Crop{10, 11}, Sigmoid{}}};
  const Network residual{{5},
                         {Linear{5, 48}, Reshape{{3, 4, 4}},
                          Residual{{BatchNorm{3}, LeakyRelu{0}, Upsample2x{}, Conv2d{3, 4, 3, 1, 1},
                                    BatchNorm{4}, LeakyRelu{0}, Conv2d{4, 4, 3, 1, 1}},
                                   {Upsample2x{}, Conv2d{3, 4, 1, 1, 0}}},
                          BatchNorm{4}, LeakyRelu{0}, Conv2d{4, 3, 3, 1, 1}, Tanh{}}};
  return {
      {"toy mlp", mlp_generator({2}, 5, {16, 3, 0}), mlp_critic({2}, {16, 3, 0})},
      {"image mlp", mlp_generator({3, 5, 4}, 5, {16, 2, 0.2}), mlp_critic({3, 5, 4}, {16, 2, 0.2})},
      {"dcgan", dcgan_generator({3, 13, 19}, 5, fast), dcgan_critic({3, 13, 19}, fast)},
      {"gan_mnist", gulrajani_generator({1, 28, 28}, 5, 4), gulrajani_critic({1, 28, 28}, 4)},
      {"mixed", mixed, gulrajani_critic({3, 10, 11}, 4)},
      {"residual", residual, gulrajani_critic({3, 8, 8}, 4)},
      {"dcgan with norms", dcgan_generator({3, 13, 19}, 5, {.width = 4}),
       dcgan_critic({3, 13, 19}, {.width = 4})},
      {"gan_cifar", gulrajani_generator({3, 32, 32}, 5, 2), gulrajani_critic({3, 32, 32}, 2)},
      {"layer norm and softplus",
       with_activation(with_norm(dcgan_generator({3, 13, 19}, 5, fast), Norm::kLayer, 0),
                       Activation::kSoftplus),
       with_norm(dcgan_critic({3, 13, 19}, fast), Norm::kLayer, 0)}};
}

TEST(GeneratorStep, SweepsEqualAutograd) {
  for (const auto& [name, generator_network, critic_network] : pairs()) {
    for (const at::ScalarType dtype : {torch::kFloat32, torch::kFloat64}) {
      const bool norms =
          has_layer<BatchNorm>(generator_network) || has_layer<BatchNorm>(critic_network);
      for (const int64_t batch : {norms ? 2 : 1, 37}) {
        SCOPED_TRACE(name + ", batch " + std::to_string(batch) + ", " + c10::toString(dtype));
        const double error = dtype == torch::kFloat64 ? 1e-11 : 1e-5;
        Model generator = random_model(generator_network, 3, dtype);
        Model critic = random_model(critic_network, 4, dtype);
        const at::Tensor z = random_batch({5}, batch, 7, dtype);
        for (const Objective objective : kGeneratorStepObjectives) {
          generator.gradients.fill_(7);  // it is overwritten
          const at::Tensor first_state = generator.state.clone();
          const at::Tensor expected =
              generator_gradients(generator, critic, {z}, {objective, Route::kAutograd});
          const at::Tensor gradients = generator.gradients.clone();
          const at::Tensor state = generator.state.clone();
          generator.gradients.fill_(7);
          generator.state.copy_(first_state);
          const at::Tensor actual =
              generator_gradients(generator, critic, {z}, {objective, Route::kSweeps});
          ASSERT_GT(gradients.norm().item<double>(), 0);
          EXPECT_LE(relative_error(generator.gradients, gradients), error) << enum_name(objective);
          EXPECT_NEAR(actual.item<double>(), expected.item<double>(), error);
          if (norms) {
            EXPECT_LE(relative_error(generator.state, state), error);
          }
        }
      }
    }
  }
}

// Loss and gradients in float64. Leaves those of the sweeps, and returns the loss.
double expect_same_step(Model& generator, const Model& critic, const GeneratorRows& rows,
                        Objective objective) {
  const auto loss = [&](Route route) {
    return generator_gradients(generator, critic, rows, {objective, route}).item<double>();
  };
  const double expected = loss(Route::kAutograd);
  const at::Tensor gradients = generator.gradients.clone();
  EXPECT_GT(gradients.norm().item<double>(), 0);
  EXPECT_NEAR(loss(Route::kSweeps), expected, 1e-11);
  EXPECT_LE(relative_error(generator.gradients, gradients), 1e-11);
  return expected;
}

TEST(GeneratorStep, SweepsEqualAutogradBesideConditions) {
  const DcganOptions fast{.width = 4, .critic_batch_norm = false, .bias = true};
  const Pair conditional[] = {
      {"vectors", mlp_generator({2}, 5, {16, 2, 0.2}), mlp_critic({4}, {16, 2, 0.2})},
      {"images", dcgan_generator({1, 13, 19}, 5, fast), dcgan_critic({3, 13, 19}, fast)}};
  for (const auto& [name, generator_network, critic_network] : conditional) {
    SCOPED_TRACE(name);
    Model generator = random_model(generator_network, 3, torch::kFloat64);
    const Model critic = random_model(critic_network, 4, torch::kFloat64);
    const GeneratorRows rows{.z = random_batch({5}, 9, 7, torch::kFloat64),
                             .conditions = random_batch({2}, 9, 8, torch::kFloat64)};
    expect_same_step(generator, critic, rows, Objective::kWganGp);
    const at::Tensor gradients = generator.gradients.clone();
    GeneratorRows others = rows;
    others.conditions = -rows.conditions;
    generator_gradients(generator, critic, others, {Objective::kWganGp});
    EXPECT_GT(relative_error(generator.gradients, gradients), 1e-3) << "they are seen";
  }
}

TEST(GeneratorStep, SweepsEqualAutogradOnPairs) {
  const DcganOptions fast{.width = 4, .critic_batch_norm = false, .bias = true};
  Model generator = random_model(dcgan_generator({1, 13, 19}, 5, fast), 3, torch::kFloat64);
  Network judge = dcgan_critic({1, 13, 19}, fast);
  std::get<Linear>(judge.layers.back()).out = 3;
  const Model critic = random_model(judge, 4, torch::kFloat64);
  GeneratorRows rows{.z = random_batch({5}, 6, 7, torch::kFloat64),
                     .labels = torch::tensor({0, 2, 1, 1, 0, 2}, torch::kInt64),
                     .real = random_batch({1, 13, 19}, 6, 8, torch::kFloat64)};
  const double loss = expect_same_step(generator, critic, rows, Objective::kRelativistic);
  rows.real = rows.real.flip(0);  // other pairs
  const at::Tensor other =
      generator_gradients(generator, critic, rows, {Objective::kRelativistic, Route::kSweeps});
  EXPECT_GT(std::abs(other.item<double>() - loss), 1e-6);
}

TEST(GeneratorStep, GradientEqualsFiniteDifferences) {
  Model generator = random_model(mlp_generator({2}, 3, {4, 1, 0.2}), 3, torch::kFloat64);
  const Model critic = random_model(mlp_critic({2}, {6, 2, 0.2}), 4, torch::kFloat64);
  const at::Tensor z = random_batch({3}, 5, 7, torch::kFloat64);
  const auto loss = [&] {  // -E log D(G(z))
    const at::Tensor scores = forward(critic, forward(generator, z, {}), {});
    return -torch::log(torch::sigmoid(scores)).mean().item<double>();
  };
  const at::Tensor told = generator_gradients(generator, critic, {z}, {Objective::kNonSaturating});
  EXPECT_NEAR(told.item<double>(), loss(), 1e-13);
  constexpr double kStep = 1e-6;
  const double norm = generator.gradients.norm().item<double>();
  for (int64_t i = 0; i < generator.parameters.numel(); ++i) {
    const double kept = generator.parameters[i].item<double>();
    generator.parameters[i] = kept + kStep;
    const double up = loss();
    generator.parameters[i] = kept - kStep;
    const double down = loss();
    generator.parameters[i] = kept;
    EXPECT_NEAR(generator.gradients[i].item<double>(), (up - down) / (2 * kStep), 1e-7 * norm) << i;
  }
}

TEST(GeneratorStep, LeavesTheCriticAlone) {
  for (const Route route : {Route::kAuto, Route::kAutograd}) {
    Model generator = random_model(gulrajani_generator({1, 28, 28}, 5, 2), 3);
    Model critic = random_model(gulrajani_critic({1, 28, 28}, 2), 4);
    critic.gradients.fill_(3);
    const at::Tensor weights = critic.parameters.clone(), gradients = critic.gradients.clone();
    const at::Tensor own = generator.parameters.clone();
    generator_gradients(generator, critic, {random_batch({5}, 3, 7)}, {.route = route});
    EXPECT_TRUE(bits_equal(critic.parameters, weights));
    EXPECT_TRUE(bits_equal(critic.gradients, gradients));
    EXPECT_TRUE(bits_equal(generator.parameters, own));
  }
}

TEST(Generate, EqualsForwardWithoutAGraph) {
  for (const auto& [name, network, critic] : pairs()) {
    const Model generator = random_model(network, 3);
    for (const int64_t batch : {has_layer<BatchNorm>(network) ? 2 : 1, 37}) {
      const at::Tensor z = random_batch({5}, batch, 7);
      const at::Tensor fakes = generate(generator, z);
      EXPECT_FALSE(fakes.requires_grad());
      EXPECT_LT(relative_error(fakes, forward(generator, z, {.training = true})), 1e-5) << name;
    }
  }
}

TEST(Average, FollowsItsFormula) {
  const Network network = dcgan_generator({1, 16, 16}, 5, {.width = 2});  // with state
  Model average = random_model(network, 3, torch::kFloat64);
  const Model generator = random_model(network, 4, torch::kFloat64);
  generator.state.copy_(random_tensor(generator.state.sizes().vec(), 8));
  for (const auto& [step, decay] : {std::pair<int64_t, double>{0, 0.1},  // (1 + 0) / (10 + 0)
                                    {8, 0.5},                            // (1 + 8) / (10 + 8)
                                    {100'000, 0.995}}) {
    const at::Tensor parameters = decay * average.parameters + (1 - decay) * generator.parameters;
    const at::Tensor state = decay * average.state + (1 - decay) * generator.state;
    update_average(average, generator, 0.995, step);
    EXPECT_LT(relative_error(average.parameters, parameters), 1e-14) << step;
    EXPECT_LT(relative_error(average.state, state), 1e-14) << step;
  }
  update_average(average, generator, 0, 5);
  EXPECT_TRUE(bits_equal(average.parameters, generator.parameters));
}

}  // namespace
}  // namespace wgan
