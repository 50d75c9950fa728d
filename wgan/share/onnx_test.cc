// Models in ONNX Runtime, another program than LibTorch, against a forward run in float64: every
// preset and 200 random networks. The checker of the ONNX project reads them too.
#include "wgan/share/onnx.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "wgan/io/atomic_file.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/run/rows_file.h"
#include "wgan/share/share_test_support.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

// Writes models with inputs, and what comes out of them in float64, for tools/tests/onnx.mjs.
class Cases {
 public:
  explicit Cases(const std::filesystem::path& folder) : folder_(folder) {}

  void add(const std::string& name, const Network& network, uint64_t seed) {
    const torch::NoGradGuard no_grad;
    const Model model = trained_like(network, seed);
    const at::Tensor z = torch::randn({3, network.input[0]});
    const at::Tensor exact = forward(in_double(model), z.to(torch::kFloat64), {}).contiguous();
    const at::Tensor plain = forward(model, z, {}).to(torch::kFloat64);
    const std::string file = fmt::format("{}", list_.size());
    write_file_atomically(
        folder_ / (file + ".onnx"),
        onnx_model({described(network), {numbers_of(model.frozen), numbers_of(model.memory)}}));
    write_rows(folder_ / (file + "-z.npy"), z);
    write_rows(folder_ / (file + "-exact.npy"), exact.flatten());
    list_.push_back({{"name", name}, {"file", file}, {"allowed", allowed_error(plain, exact)}});
  }

  void finish() const { write_file_atomically(folder_ / "cases.json", list_.dump()); }

 private:
  std::filesystem::path folder_;
  Json list_ = Json::array();
};

TEST(Onnx, RunsInOnnxRuntimeAsInFloat64) {
  const TemporaryFolder folder;
  Cases cases(folder.path());
  for (const auto& [name, network] : preset_generators()) cases.add(name, network, 1);
  for (uint64_t seed = 0; seed < 200; ++seed) {
    cases.add(fmt::format("random {}", seed), RandomNetwork(seed).draw(), seed);
  }
  cases.finish();
  const std::string command = fmt::format("node {}/tools/tests/onnx.mjs {} >&2", WGAN_SOURCE_FOLDER,
                                          folder.path().string());
  EXPECT_EQ(std::system(command.c_str()), 0);
#ifdef WGAN_ONNX_CHECK
  const std::string check =
      fmt::format("{} {}/*.onnx >&2", WGAN_ONNX_CHECK, folder.path().string());
  EXPECT_EQ(std::system(check.c_str()), 0);
#endif
}

TEST(Onnx, RefusesLayersOfCritics) {
  const Network network{{4}, {Linear{4, 5}, MinibatchDeviation{}}};
  const Model model = make_model(network, torch::kFloat32, Training::kNo);
  expect_error(ErrorKind::kIncompatible, "minibatch_deviation cannot be written",
               [&] { onnx_model(file_of(model)); });
}

}  // namespace
}  // namespace wgan
