// The modern networks train by sweeps, which equal autograd, with classes too.
#include "wgan/net/modern.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>

#include "wgan/core/error.h"
#include "wgan/net/variants.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"
#include "wgan/train/augmentation.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/generator_step.h"
#include "wgan/train/objective.h"
#include "wgan/train/sampler.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

constexpr int64_t kModernClasses = 3;

double modern_tolerance(at::ScalarType type) { return type == torch::kFloat64 ? 1e-11 : 1e-5; }

at::Tensor modern_labels(int64_t batch) {
  return torch::arange(batch, torch::kInt64).remainder(kModernClasses);
}

// Weights that are drawn whole: the last convolutions of the bodies start at zero otherwise, and
// what a projection adds for each class too.
Model modern_model(const Network& network, uint64_t seed, at::ScalarType type) {
  Model model = random_model(network, seed, type);
  const torch::NoGradGuard no_grad;
  for (size_t i = 0; i < model.slots.size(); ++i) {
    const Layer& layer = *numbered(network.layers)[model.slots[i].layer];
    if (std::holds_alternative<Projection>(layer)) {
      model.frozen[i].copy_(random_tensor(model.slots[i].shape, seed, type));
    }
  }
  return model;
}

// The rows of a critic step, with labels where the critic wants them.
StepRows modern_rows(const Network& critic, int64_t batch, at::ScalarType type) {
  StepRows rows{.real = random_batch(critic.input, batch, 4, type),
                .fake = 0.5 * random_batch(critic.input, batch, 5, type) + 0.3,
                .epsilon = random_batch({1}, batch, 6, type).sigmoid().flatten()};
  if (has_layer<Projection>(critic)) rows.labels = modern_labels(batch);
  return rows;
}

// Leaves the gradient of the sweeps.
void expect_sweeps_equal_double_backward(Model& critic, const StepRows& rows, CriticObjective o) {
  const double error = modern_tolerance(critic.parameters.scalar_type());
  o.route = Route::kAutograd;
  const CriticMetrics wanted = critic_gradients(critic, rows, o);
  const at::Tensor gradients = critic.gradients.clone();
  ASSERT_GT(gradients.norm().item<double>(), 0);
  o.route = Route::kSweeps;
  const CriticMetrics seen = critic_gradients(critic, rows, o);
  EXPECT_LT(relative_error(critic.gradients, gradients), error);
  EXPECT_LT(relative_error(seen.loss, wanted.loss), error);
  EXPECT_LT(relative_error(seen.penalty, wanted.penalty), error);
  EXPECT_LT(relative_error(seen.gradient_norm, wanted.gradient_norm), error);
}

TEST(ModernNetworks, CriticSweepsEqualDoubleBackward) {
  const SlopePenalty both{.kind = Penalty::kZeroCentred, .at = PenaltyAt::kBoth, .gamma = 3};
  const CriticObjective kSteps[] = {
      {.objective = Objective::kWganGp},
      {.objective = Objective::kRelativistic, .penalty = both},  // R3GAN's
      {.objective = Objective::kNonSaturating,
       .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kReal, .scale = 4}}};
  const Network square = modern_critic({3, 16, 16}, 16), tall = modern_critic({1, 32, 16}, 4);
  for (const Network& network :
       {square, with_projection(square, kModernClasses), with_projection(tall, kModernClasses)}) {
    for (const CriticObjective& step : kSteps) {
      for (const at::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
        SCOPED_TRACE(std::string(c10::toString(type)) + " " + enum_name(step.objective) + " " +
                     layer_name(network.layers.back()));
        Model critic = modern_model(network, 3, type);
        expect_sweeps_equal_double_backward(critic, modern_rows(network, 5, type), step);
        expect_sweeps_equal_double_backward(critic, modern_rows(network, 1, type), step);
      }
    }
  }
}

TEST(ModernNetworks, CriticSweepsEqualDoubleBackwardThroughAugmentation) {
  const Network network = with_projection(modern_critic({3, 16, 24}, 8), kModernClasses);
  Model critic = modern_model(network, 3, torch::kFloat64);
  StepRows rows = modern_rows(network, 4, torch::kFloat64);
  CriticObjective o{.objective = Objective::kRelativistic,
                    .penalty = {.kind = Penalty::kZeroCentred, .at = PenaltyAt::kBoth}};
  critic_gradients(critic, rows, o);
  const at::Tensor plain = critic.gradients.clone();
  o.augment = {.flip = true, .color = true, .translation = true, .cutout = true};
  rows.real_draws = random_batch({kAugmentDraws}, 4, 7, torch::kFloat64).sigmoid();
  rows.fake_draws = random_batch({kAugmentDraws}, 4, 8, torch::kFloat64).sigmoid();
  expect_sweeps_equal_double_backward(critic, rows, o);
  EXPECT_GT(relative_error(critic.gradients, plain), 1e-3) << "nothing is changed";
}

// The deviation is that of the real rows alone, and of the fakes alone.
TEST(ModernNetworks, MinibatchDeviationGoesThroughAutogradOnRealAndFakeRowsApart) {
  const Network network = with_minibatch_deviation(modern_critic({3, 16, 16}, 8));
  Model critic = modern_model(network, 3, torch::kFloat64);
  const StepRows rows = modern_rows(network, 5, torch::kFloat64);
  CriticObjective o{.objective = Objective::kRelativistic,
                    .penalty = {.kind = Penalty::kZeroCentred, .gamma = 0}};
  const CriticMetrics seen = critic_gradients(critic, rows, o);
  const at::Tensor gradients = critic.gradients.clone();
  const ForwardContext training{.training = true, .gradients = true};
  const at::Tensor real = forward(critic, rows.real, training).flatten();
  const at::Tensor fake = forward(critic, rows.fake, training).flatten();
  const at::Tensor loss = torch::softplus(fake - real).mean();
  critic.gradients.zero_();
  loss.backward();
  EXPECT_LT(relative_error(seen.loss, loss), 1e-11);
  EXPECT_LT(relative_error(gradients, critic.gradients), 1e-11);
  o.route = Route::kSweeps;
  EXPECT_THROW(critic_gradients(critic, rows, o), Error);
}

TEST(ModernNetworks, GeneratorSweepsEqualAutograd) {
  const Network critic_network = with_projection(modern_critic({3, 16, 16}, 16), kModernClasses);
  for (const Objective objective : {Objective::kWganGp, Objective::kRelativistic}) {
    for (const at::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
      Model generator = modern_model(modern_generator({3, 16, 16}, 7, 16), 3, type);
      const Model critic = modern_model(critic_network, 4, type);
      const GeneratorRows rows{.z = random_batch({7}, 5, 5, type),
                               .labels = modern_labels(5),
                               .real = random_batch({3, 16, 16}, 5, 6, type)};
      const auto loss = [&](Route route) {
        return generator_gradients(generator, critic, rows, {objective, route});
      };
      const at::Tensor wanted = loss(Route::kAutograd);
      const at::Tensor gradients = generator.gradients.clone();
      ASSERT_GT(gradients.norm().item<double>(), 0);
      EXPECT_LT(relative_error(loss(Route::kSweeps), wanted), modern_tolerance(type));
      EXPECT_LT(relative_error(generator.gradients, gradients), modern_tolerance(type));
    }
  }
}

TEST(ModernNetworks, IsWhatTheOptionsBuild) {
  Dataset data = bars_dataset(16, 3);
  data.class_names = {"one", "two", "three"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row % 3); };
  const TrainOptions o = recipe_options(Recipe::kFast, Objective::kWganGp, data, Net::kModern);
  EXPECT_NO_THROW(check_options(o, data));
  EXPECT_EQ(o.players.init, Init::kScaledDepth);
  const Networks conditional = build_networks(o, data);
  EXPECT_EQ(std::get<Projection>(conditional.critic.layers.back()).classes, 3);
  EXPECT_EQ(conditional.generator.input, Shape{o.players.latent + 3});
  EXPECT_EQ(pixel_range(conditional.generator), PixelRange::kSigned);
  TrainOptions alone = o;
  alone.players.conditional = false;
  EXPECT_EQ(std::get<Linear>(build_networks(alone, data).critic.layers.back()).out, 1);
  TrainOptions classes = alone;
  classes.objective.kind = Objective::kSemiSupervised;
  EXPECT_EQ(std::get<Linear>(build_networks(classes, data).critic.layers.back()).out, 3);
  TrainOptions deep = alone;
  deep.players.critic_depth = 40;
  EXPECT_THROW(build_networks(deep, data), Error);
  TrainOptions deviation = alone;
  deviation.players.minibatch_deviation = true;
  EXPECT_TRUE(has_layer<MinibatchDeviation>(build_networks(deviation, data).critic));
}

// Its generator ends without a tanh: pixels are clipped, not wrapped around.
TEST(ModernNetworks, SamplesBeyondTheRangeOfPixelsAreClipped) {
  const Dataset data = bars_dataset(16, 1);
  TrainOptions o = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  o.players.net = Net::kModern;
  const Players players = tiny_players(data, o);
  Generator generator = averaged_generator(players, data, o);
  const torch::NoGradGuard no_grad;
  generator.model.frozen.back().mul_(1000);
  const uint64_t seeds[] = {1, 2, 3};
  const at::Tensor pictures = sample(generator, seeds, {});
  const at::Tensor extreme = (pictures == 0) | (pictures == 255);
  EXPECT_GT(extreme.to(torch::kFloat32).mean().item<double>(), 0.9);
}

}  // namespace
}  // namespace wgan
