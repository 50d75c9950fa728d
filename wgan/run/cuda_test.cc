// What a GPU computes is what the processor computes; recorded steps are the steps; checkpoints go
// from one to the other. Skipped where LibTorch sees no CUDA device.
#include <gtest/gtest.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/load_generator.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/precision.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

class Cuda : public testing::Test {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) GTEST_SKIP() << "LibTorch sees no CUDA device";
  }
};

Dataset pictures() { return bars_dataset(16, 1); }

double error_of(const at::Tensor& seen, const at::Tensor& wanted) {
  const at::Tensor x = seen.cpu().to(torch::kFloat64), y = wanted.cpu().to(torch::kFloat64);
  return ((x - y).norm() / y.norm()).item<double>();
}

Players trained(const TrainOptions& options, const std::string& device,
                Profile* profile = nullptr) {
  const Dataset data = pictures();
  Players players = make_players(build_networks(options, data), options, device);
  TrainHooks hooks;
  hooks.profile = profile;
  hooks.on_obstacle = [](const std::string& why) { ADD_FAILURE() << why; };
  train(players, data, options, hooks);
  return players;
}

TrainOptions options_of(Net net, Objective objective) {
  TrainOptions options = tiny_options(Recipe::kFast, objective, pictures());
  options.players.net = net;
  options.players.critic_norm = Norm::kNone;  // has sweeps
  options.length.steps = 12;
  options.optimizer.lr_decay = false;  // the first half of a run is a run of half the steps
  return options;
}

// Both start from the same numbers, and few steps do not part them.
TEST_F(Cuda, TrainsAsTheProcessorDoes) {
  for (const Net net : {Net::kMlp, Net::kDcgan}) {
    for (const Objective objective : {Objective::kWganGp, Objective::kWgan}) {
      const TrainOptions options = options_of(net, objective);
      const Players cpu = trained(options, "cpu"), cuda = trained(options, "cuda");
      ASSERT_TRUE(cuda.critic.parameters.is_cuda());
      EXPECT_LT(error_of(cuda.critic.parameters, cpu.critic.parameters), 2e-3);
      EXPECT_LT(error_of(cuda.generator.parameters, cpu.generator.parameters), 2e-3);
    }
  }
}

// A profile keeps the steps from being recorded.
TEST_F(Cuda, RecordedStepsAreTheSteps) {
  for (const Objective objective :
       {Objective::kWganGp, Objective::kWgan, Objective::kNonSaturating}) {
    const TrainOptions options = options_of(Net::kDcgan, objective);
    Profile profile(true);
    const Players recorded = trained(options, "cuda"), taken = trained(options, "cuda", &profile);
    EXPECT_LT(error_of(recorded.critic.parameters, taken.critic.parameters), 2e-3);
    EXPECT_LT(error_of(recorded.generator.parameters, taken.generator.parameters), 2e-3);
  }
}

TEST_F(Cuda, SweepsEqualAutograd) {
  const Dataset data = pictures();
  const TrainOptions options = options_of(Net::kDcgan, Objective::kWganGp);
  for (const auto& [type, tolerance] :
       {std::pair{torch::kFloat64, 1e-11}, std::pair{torch::kFloat32, 1e-5}}) {
    set_up_gpu(false);
    Players players = make_players(build_networks(options, data), options, "cpu");
    const auto on_gpu = at::TensorOptions(type).device(torch::kCUDA);
    Model critic = make_model(players.critic.network, on_gpu, Training::kYes);
    {
      const torch::NoGradGuard no_grad;
      critic.parameters.copy_(players.critic.parameters);
    }
    const at::Tensor real = torch::rand({8, 1, 16, 16}, on_gpu), fake = torch::rand_like(real);
    const at::Tensor epsilon = torch::rand({8}, on_gpu);
    critic_gradients(critic, {real, fake, epsilon}, {.route = Route::kAutograd});
    const at::Tensor wanted = critic.gradients.clone();
    critic_gradients(critic, {real, fake, epsilon}, {.route = Route::kSweeps});
    EXPECT_LT(error_of(critic.gradients, wanted), tolerance);
  }
}

// A run goes on, on the other device, as it would have on its own.
TEST_F(Cuda, RunsGoOnElsewhere) {
  const Dataset data = pictures();
  TrainOptions options = options_of(Net::kDcgan, Objective::kWganGp);
  for (const auto& [from, to] : {std::pair{"cpu", "cuda"}, std::pair{"cuda", "cpu"}}) {
    SCOPED_TRACE(std::string(from) + " to " + to);
    const TemporaryFolder folder;
    options.length.steps = 6;
    const Players half = trained(options, from);
    const CheckpointState state{.step = half.step,
                                .critic_steps = half.critic_steps,
                                .options = {.train = options, .run = {}, .judge = {}},
                                .data_options = {},
                                .data = describe_data(data),
                                .networks = build_networks(options, data)};
    const auto checkpoint = write_checkpoint(folder.path(), half, state, 0);
    const std::vector<uint64_t> seeds{0, 1, 2, 3};
    const at::Tensor here = sample(load_generator(checkpoint, from), seeds).to(torch::kFloat32);
    const at::Tensor there = sample(load_generator(checkpoint, to), seeds).to(torch::kFloat32);
    EXPECT_LE((here - there).abs().max().item<float>(), 1);  // rounding to bytes

    options.length.steps = 12;
    Players resumed = make_players(state.networks, options, to);
    read_players(checkpoint, read_checkpoint_state(checkpoint), resumed);
    train(resumed, data, options, {});
    const Players whole = trained(options, from);
    EXPECT_EQ(resumed.critic_steps, whole.critic_steps);
    EXPECT_LT(error_of(resumed.critic.parameters, whole.critic.parameters), 2e-3);
    EXPECT_LT(error_of(resumed.average.parameters, whole.average.parameters), 2e-3);
  }
}

}  // namespace
}  // namespace wgan
