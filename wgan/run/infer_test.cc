// Generators without LibTorch beside those with it: each preset and random networks against a
// forward run in float64, checkpoints against sample().
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/infer/generator.h"
#include "wgan/infer/wgan_infer.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/net/network_json.h"
#include "wgan/nn/forward.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/generators_test_support.h"
#include "wgan/run/load_generator.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

// Largest errors against float64, of LibTorch in float32 and of the kernels, and the output's
// range.
struct Errors {
  double torch, kernels, range;
};
Errors errors_of(const Network& network, uint64_t seed, int64_t samples, int threads) {
  const torch::NoGradGuard no_grad;
  const Model model = trained_like(network, seed);
  Shape shape = network.input;
  shape.insert(shape.begin(), samples);
  at::Tensor z = torch::randn(shape);
  if (z.dim() == 4) z = z.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor exact = channels_last_rows(forward(in_double(model), z.to(torch::kFloat64), {}));
  const at::Tensor plain = channels_last_rows(forward(model, z, {}));
  infer::Runner runner(
      infer::make_graph(network, {numbers_of(model.frozen), numbers_of(model.memory)}));
  at::Tensor y = torch::empty(exact.sizes(), torch::kFloat32);
  const at::Tensor inputs = channels_last_rows(z);
  runner.run({inputs.data_ptr<float>(), static_cast<size_t>(inputs.numel())},
             {y.data_ptr<float>(), static_cast<size_t>(y.numel())}, threads);
  const auto largest = [&](const at::Tensor& other) {
    return (other.to(torch::kFloat64) - exact).abs().max().item<double>();
  };
  return {largest(plain), largest(y), (exact.max() - exact.min()).item<double>()};
}

void expect_parity(const char* name, const Network& network, uint64_t seed = 1) {
  for (const auto& [samples, threads] : {std::pair{1, 1}, {1, 2}, {5, 1}, {37, 2}}) {
    const Errors e = errors_of(network, seed, samples, threads);
    EXPECT_LE(e.kernels, 4 * e.torch + 1e-6 * e.range)
        << name << ", " << samples << " samples, " << threads << " threads, range " << e.range;
  }
}

TEST(InferParity, Presets) {
  for (const auto& [name, network] : preset_generators()) expect_parity(name.c_str(), network);
}

TEST(InferParity, RandomNetworks) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Network network = RandomNetwork(seed).draw();
    const int64_t samples = 1 + static_cast<int64_t>(seed % 5);
    const Errors e = errors_of(network, seed, samples, 1 + static_cast<int>(seed % 2));
    EXPECT_LE(e.kernels, 4 * e.torch + 1e-6 * e.range)
        << "seed " << seed << ", range " << e.range << ", " << network_to_json(network).dump();
  }
}

// Every variant of the kernels that this processor runs, and not only the best.
TEST(InferParity, KernelsOfOtherProcessors) {
  const torch::NoGradGuard no_grad;
  const Network network = dcgan_generator({3, 32, 32}, 16, fast_options(8));
  const Model model = trained_like(network, 1);
  const infer::Runner runner(
      infer::make_graph(network, {numbers_of(model.frozen), numbers_of(model.memory)}));
  const infer::Plan plan = runner.plan().plan();
  constexpr int64_t kSamples = 3;
  const at::Tensor z = torch::randn({kSamples, 16});
  const auto outputs = [&](infer::RunOperation run) {
    std::vector<float> workspace(static_cast<size_t>(kSamples * plan.workspace));
    std::copy_n(z.data_ptr<float>(), z.numel(), workspace.data() + kSamples * plan.input);
    for (int32_t i = 0; i < plan.operation_count; ++i)
      run(plan, i, kSamples, workspace.data(), 0, 1);
    const float* first = workspace.data() + kSamples * plan.output;
    return torch::tensor(std::vector<float>(first, first + kSamples * plan.outputs));
  };
  const at::Tensor exact =
      channels_last_rows(forward(in_double(model), z.to(torch::kFloat64), {})).flatten();
  std::vector<infer::RunOperation> variants{infer::run_operation_plain};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) variants.push_back(infer::run_operation_avx2);
#endif
  for (const infer::RunOperation run : variants) {
    EXPECT_LT((outputs(run).to(torch::kFloat64) - exact).abs().max().item<double>(), 2e-6);
  }
}

// A checkpoint of untrained players, opened both ways.
struct InferGenerator : testing::Test {
  TemporaryFolder folder;

  std::filesystem::path checkpoint(const Dataset& data, const TrainOptions& options) {
    const Players players = tiny_players(data, options);
    const CheckpointState state{.options = {.train = options, .run = {}, .judge = {}},
                                .data_options = {},
                                .data = describe_data(data),
                                .networks = build_networks(options, data)};
    return write_checkpoint(folder.path() / "checkpoints", players, state, 0);
  }
};

const std::vector<uint64_t> kSomeSeeds{0, 1, 7, uint64_t{1} << 40, 12345};

TEST_F(InferGenerator, DrawsThePicturesThatLibTorchDraws) {
  for (const int64_t channels : {1, 3, 4}) {
    const Dataset data = bars_dataset(16, channels);
    checkpoint(data, tiny_options(Recipe::kFast, Objective::kRelativistic, data));
    const at::Tensor expected =
        sample(load_generator(folder.path() / "checkpoints" / "step-000000"), kSomeSeeds);
    const infer::Samples found = infer::Generator::open(folder.path()).sample(kSomeSeeds);
    EXPECT_EQ(found.shape, expected.sizes().vec());
    ASSERT_EQ(found.pictures.size(), static_cast<size_t>(expected.numel()));
    const at::Tensor pictures = torch::tensor(found.pictures, torch::kUInt8).view(found.shape);
    // Colours are divided by alpha: where that is small, a rounding is worth several levels.
    const int64_t levels = channels == 4 ? 255 : 1;
    const at::Tensor apart = (pictures.to(torch::kInt64) - expected.to(torch::kInt64)).abs();
    EXPECT_LE(apart.max().item<int64_t>(), levels) << channels;
    EXPECT_GT(apart.eq(0).to(torch::kFloat64).mean().item<double>(), 0.98);
  }
}

TEST_F(InferGenerator, DrawsTheRowsThatLibTorchDraws) {
  for (const auto& [mean, deviation] : {std::pair{3.0, 2.0}, {1e9, 1e-3}}) {
    Dataset data = vectors_dataset({mean, -1, 0}, {deviation, 1, 5});
    const auto path = checkpoint(data, tiny_options(Recipe::kFast, Objective::kWganGp, data));
    const at::Tensor expected = sample(load_generator(path), kSomeSeeds).to(torch::kFloat64);
    const infer::Samples found = infer::Generator::open(path).sample(kSomeSeeds);
    EXPECT_EQ(found.shape, expected.sizes().vec());
    const at::Tensor rows = torch::tensor(found.rows, torch::kFloat64).view(found.shape);
    EXPECT_TRUE(torch::allclose(rows, expected, /*rtol=*/1e-12, /*atol=*/1e-5));
  }
}

TEST_F(InferGenerator, RefusesWhatIsDamagedOrNotThere) {
  expect_error(ErrorKind::kData, "there is no such file",
               [&] { infer::Generator::open(folder.path() / "none"); });
  const Dataset data = bars_dataset(16, 1);
  const auto path = checkpoint(data, tiny_options(Recipe::kFast, Objective::kRelativistic, data));
  std::filesystem::resize_file(path / "average.safetensors", 1000);
  expect_error(ErrorKind::kIncompatible, "average.safetensors",
               [&] { infer::Generator::open(path); });
  expect_error(ErrorKind::kIncompatible, "says of no network", [&] {
    infer::Generator::open(
        checkpoint(data, tiny_options(Recipe::kFast, Objective::kRelativistic, data)) /
        "average.safetensors");
  });
}

TEST_F(InferGenerator, IsThereForC) {
  EXPECT_EQ(wgan_open((folder.path() / "none").c_str()), nullptr);
  EXPECT_NE(std::string(wgan_last_error()).find("there is no such file"), std::string::npos);
  EXPECT_EQ(wgan_open(nullptr), nullptr);
  const Dataset data = bars_dataset(16, 3);
  checkpoint(data, tiny_options(Recipe::kFast, Objective::kRelativistic, data));
  wgan_generator* const g = wgan_open(folder.path().c_str());
  ASSERT_NE(g, nullptr) << wgan_last_error();
  EXPECT_TRUE(wgan_makes_pictures(g));
  int64_t shape[3] = {};
  EXPECT_EQ(wgan_shape(g, shape, 3), 3);
  EXPECT_EQ((std::vector<int64_t>{shape[0], shape[1], shape[2]}),
            (std::vector<int64_t>{16, 16, 3}));
  EXPECT_EQ(wgan_size(g), 16u * 16 * 3);
  EXPECT_EQ(wgan_class_count(g), 0u);
  EXPECT_EQ(wgan_class_name(g, 0), nullptr);
  std::vector<uint8_t> pictures(kSomeSeeds.size() * wgan_size(g)), again(pictures.size());
  ASSERT_EQ(wgan_sample_pictures(g, kSomeSeeds.data(), kSomeSeeds.size(), nullptr, pictures.data()),
            0);
  EXPECT_EQ(pictures, infer::Generator::open(folder.path()).sample(kSomeSeeds).pictures);
  std::vector<float> latents(kSomeSeeds.size() * wgan_latent_size(g));
  ASSERT_EQ(wgan_latents(g, kSomeSeeds.data(), kSomeSeeds.size(), nullptr, latents.data()), 0);
  ASSERT_EQ(wgan_pictures_of_latents(g, latents.data(), kSomeSeeds.size(), 1, again.data()), 0);
  EXPECT_EQ(again, pictures);
  double row = 0;
  EXPECT_EQ(wgan_sample_rows(g, kSomeSeeds.data(), 1, nullptr, &row), -1);
  EXPECT_NE(std::string(wgan_last_error()).find("makes pictures"), std::string::npos);
  wgan_wanted wanted{};
  wanted.truncation = 2;
  EXPECT_EQ(wgan_sample_pictures(g, kSomeSeeds.data(), 1, &wanted, again.data()), -1);
  EXPECT_EQ(wgan_sample_pictures(nullptr, kSomeSeeds.data(), 1, nullptr, again.data()), -1);
  EXPECT_EQ(wgan_sample_pictures(g, kSomeSeeds.data(), 1, nullptr, nullptr), -1);
  wgan_close(g);
  wgan_close(nullptr);
}

}  // namespace
}  // namespace wgan
