// Modules that are loaded again against a forward run in float64: every preset and 200 random
// networks.
#include "wgan/share/torchscript.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <torch/script.h>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/share/share_test_support.h"

namespace wgan {
namespace {

void expect_loads(const std::string& name, const Network& network, uint64_t seed) {
  const torch::NoGradGuard no_grad;
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "generator.pt";
  const Model model = trained_like(network, seed);
  write_torchscript(file, file_of(model));
  torch::jit::Module module = torch::jit::load(file.string());
  const at::Tensor z = torch::randn({3, network.input[0]});
  const at::Tensor exact = forward(in_double(model), z.to(torch::kFloat64), {});
  const at::Tensor plain = forward(model, z, {});
  const at::Tensor values = module.get_method("values")({z}).toTensor();
  ASSERT_EQ(values.sizes(), exact.sizes()) << name;
  EXPECT_LE((values.to(torch::kFloat64) - exact).abs().max().item<double>(),
            allowed_error(plain, exact))
      << name;
  const at::Tensor samples = module.forward({z}).toTensor();
  if (exact.dim() == 4) {
    EXPECT_EQ(samples.scalar_type(), torch::kUInt8);
    EXPECT_EQ(samples.size(3), exact.size(1));
  }
}

TEST(Torchscript, PresetsRunAsInFloat64) {
  for (const auto& [name, network] : preset_generators()) expect_loads(name, network, 1);
}

TEST(Torchscript, RandomNetworksRunAsInFloat64) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    expect_loads(fmt::format("random {}", seed), RandomNetwork(seed).draw(), seed);
  }
}

TEST(Torchscript, RefusesLayersOfCritics) {
  const TemporaryFolder folder;
  const Network network{{4}, {Linear{4, 5}, MinibatchDeviation{}}};
  const Model model = make_model(network, torch::kFloat32, Training::kNo);
  expect_error(ErrorKind::kIncompatible, "minibatch_deviation cannot be written",
               [&] { write_torchscript(folder.path() / "x.pt", file_of(model)); });
}

}  // namespace
}  // namespace wgan
