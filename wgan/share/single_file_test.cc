// Single files come back as they were, in 32 bits to the bit and in 16 to the nearest number.
#include "wgan/share/single_file.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/net/network_json.h"
#include "wgan/share/share_test_support.h"

namespace wgan {
namespace {

struct SingleFile : testing::Test {
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "generator.safetensors";
  Model model = trained_like(dcgan_generator({3, 16, 16}, 5, fast_options(8)), 1);
};

TEST_F(SingleFile, ComesBackToTheBit) {
  const infer::GeneratorFile file = file_of(model);
  write_single_file(path, file, /*half=*/false);
  const infer::GeneratorFile back = infer::read_generator(path);
  EXPECT_EQ(back.tensors.parameters, file.tensors.parameters);
  EXPECT_EQ(back.tensors.memory, file.tensors.memory);
  EXPECT_EQ(network_to_json(back.state.network), network_to_json(model.network));
  EXPECT_EQ(back.state.data.shape, file.state.data.shape);
}

TEST_F(SingleFile, HasTheNearestNumbersOf16Bits) {
  infer::GeneratorFile file = file_of(model);
  // Zeros, the smallest numbers, ties, the largest, and what becomes the next power of two.
  const std::vector<float> special{0.0F,           -0.0F,          0x1p-24F,  0x1p-25F,  0x1.8p-25F,
                                   0x1.ffcp-15F,   1.00048828125F, 1.5e-5F,   65504.0F,  -65504.0F,
                                   1.00146484375F, 0x1.fffp3F,     -0x1p-14F, 65519.99F, 3.14159F};
  std::vector<float>& numbers = file.tensors.parameters[0];
  ASSERT_GE(numbers.size(), special.size());
  std::ranges::copy(special, numbers.begin());
  write_single_file(path, file, /*half=*/true);
  const std::vector<float> back = infer::read_generator(path).tensors.parameters[0];
  const at::Tensor expected = torch::tensor(numbers).to(torch::kHalf).to(torch::kFloat32);
  EXPECT_TRUE(torch::equal(torch::tensor(back), expected));
}

TEST_F(SingleFile, RefusesNumbersBeyond16Bits) {
  infer::GeneratorFile file = file_of(model);
  for (const float number : {65520.0F, -1e6F, std::numeric_limits<float>::quiet_NaN()}) {
    file.tensors.parameters[0][0] = number;
    expect_error(ErrorKind::kIncompatible, "does not fit into 16 bits",
                 [&] { write_single_file(path, file, /*half=*/true); });
    EXPECT_FALSE(std::filesystem::exists(path));
  }
}

}  // namespace
}  // namespace wgan
