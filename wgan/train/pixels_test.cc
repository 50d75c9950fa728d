// Bytes survive the way to the values of networks and back.
#include "wgan/train/pixels.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace wgan {
namespace {

// Every alpha with every grey, and colours that differ.
at::Tensor every_rgba() {
  const at::Tensor alpha = torch::arange(256).repeat_interleave(256);
  const at::Tensor grey = torch::arange(256).repeat({256});
  return torch::stack({grey, 255 - grey, (grey * 7) % 256, alpha}, 1)
      .to(torch::kUInt8)
      .view({2, 128, 256, 4});
}

TEST(Pixels, ComeBackFromNetworksAsTheyWere) {
  for (const PixelRange range : {PixelRange::kSigned, PixelRange::kUnit}) {
    const at::Tensor rgb = torch::arange(2 * 4 * 5 * 3).to(torch::kUInt8).view({2, 4, 5, 3});
    EXPECT_TRUE(torch::equal(to_pictures(to_values(rgb, range), range), rgb));
    const at::Tensor back = to_pictures(to_values(every_rgba(), range), range);
    at::Tensor wanted = every_rgba();
    wanted.masked_fill_(wanted.slice(3, 3).eq(0), 0);  // what no one sees is black
    EXPECT_TRUE(torch::equal(back, wanted));
  }
}

TEST(Pixels, OfNetworksThatAreNoColoursAreClampedWithoutNan) {
  // Colours brighter than their alpha allows, at no alpha and at little, and all out of range.
  const at::Tensor values = torch::tensor({{1.0F, 1.0F, 1.0F, -1.0F},
                                           {1.0F, 0.0F, -1.0F, -0.9F},
                                           {5.0F, -5.0F, 0.0F, 5.0F},
                                           {0.5F, 0.5F, 0.5F, -1.5F}});
  const at::Tensor pictures = to_pictures(values.view({4, 4, 1, 1}), PixelRange::kSigned);
  const at::Tensor wanted =
      torch::tensor({{0, 0, 0, 0}, {255, 255, 0, 13}, {255, 0, 128, 255}, {0, 0, 0, 0}});
  EXPECT_TRUE(torch::equal(pictures.view({4, 4}), wanted.to(torch::kUInt8))) << pictures;
}

TEST(Pixels, LieOnWhiteByTheirAlpha) {
  const at::Tensor rgba =
      torch::tensor({{9, 9, 9, 0}, {0, 100, 255, 255}, {0, 255, 100, 51}}).to(torch::kUInt8);
  const at::Tensor wanted =
      torch::tensor({{255.0F, 255.0F, 255.0F}, {0.0F, 100.0F, 255.0F}, {204.0F, 255.0F, 224.0F}});
  EXPECT_TRUE(torch::allclose(on_white(rgba.view({3, 1, 1, 4})).view({3, 3}), wanted));
}

}  // namespace
}  // namespace wgan
