// The layers' tensors are views of one vector, and gradients arrive in another.
#include "wgan/nn/parameters.h"

#include <gtest/gtest.h>

#include "wgan/core/error.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/test_support.h"

namespace wgan {
namespace {

Network small_network() {
  return {{2, 5, 5},
          {Conv2d{2, 3, 3, 1, 1, false}, BatchNorm{3}, LeakyRelu{0.2},
           ConvTranspose2d{3, 4, 2, 1, 0}, Reshape{{4 * 6 * 6}}, Linear{4 * 6 * 6, 1}}};
}

TEST(Parameters, HaveNamesAndCanonicalShapes) {
  const auto slots = parameter_slots(small_network());
  ASSERT_EQ(slots.size(), 7u);
  EXPECT_EQ(slots[0].name, "0.weight");
  EXPECT_EQ(slots[0].shape, (Shape{3, 2, 3, 3}));
  EXPECT_EQ(slots[1].name, "1.weight");
  EXPECT_EQ(slots[2].name, "1.bias");
  EXPECT_EQ(slots[3].name, "3.weight");
  EXPECT_EQ(slots[3].shape, (Shape{3, 4, 2, 2}));  // [in, out, kh, kw]
  EXPECT_EQ(slots[4].shape, (Shape{4}));
  EXPECT_EQ(slots[5].shape, (Shape{1, 144}));
  EXPECT_EQ(slots[6].layer, 5u);
  const auto state = state_slots(small_network());
  ASSERT_EQ(state.size(), 2u);
  EXPECT_EQ(state[0].name, "1.running_mean");
  EXPECT_EQ(state[1].name, "1.running_var");
}

TEST(Parameters, AreAlignedAndDoNotOverlap) {
  int64_t end = 0;
  for (const Slot& slot : parameter_slots(small_network())) {
    EXPECT_EQ(slot.offset % kSlotAlignment, 0) << slot.name;
    EXPECT_GE(slot.offset, end) << slot.name;
    EXPECT_LT(slot.offset - end, kSlotAlignment) << slot.name;
    end = slot.offset + elements(slot.shape);
  }
}

TEST(Parameters, AreCountedWithoutTheGaps) {
  // 3*2*9 + (3 + 3) + (3*4*4 + 4) + (144 + 1)
  EXPECT_EQ(parameter_count(small_network()), 54 + 6 + 52 + 145);
}

TEST(Model, ViewsShareTheVectorsMemory) {
  Model model = make_model(small_network(), torch::kFloat32, Training::kYes);
  model.parameters.fill_(2);
  for (size_t i = 0; i < model.frozen.size(); ++i) {
    EXPECT_TRUE((model.frozen[i] == 2).all().item<bool>()) << i;
    EXPECT_TRUE((model.leaves[i] == 2).all().item<bool>()) << i;
    EXPECT_TRUE(model.leaves[i].requires_grad());
    EXPECT_FALSE(model.frozen[i].requires_grad());
    model.frozen[i].fill_(static_cast<double>(i));
    EXPECT_EQ(model.parameters[parameter_slots(small_network())[i].offset].item<double>(),
              static_cast<double>(i));
  }
}

TEST(Model, StartsAtZeroWithRunningVariancesOfOne) {
  const Model model = make_model(small_network(), torch::kFloat64, Training::kNo);
  EXPECT_EQ(model.parameters.abs().max().item<double>(), 0);
  EXPECT_TRUE((model.memory[0] == 0).all().item<bool>());
  EXPECT_TRUE((model.memory[1] == 1).all().item<bool>());
  EXPECT_FALSE(model.gradients.defined());
  EXPECT_TRUE(model.leaves.empty());
  EXPECT_EQ(model.parameters.scalar_type(), torch::kFloat64);
}

TEST(Model, KeepsConvolutionWeightsInChannelsLastOrder) {
  const Model model = make_model(small_network(), torch::kFloat32, Training::kNo);
  EXPECT_TRUE(model.frozen[0].is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(model.frozen[3].is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(Model, AccumulatesGradientsIntoTheVector) {
  Model model = random_model(small_network(), 1, torch::kFloat64);
  const void* place = model.gradients.data_ptr();
  const at::Tensor x = random_batch(small_network().input, 3, 2, torch::kFloat64);
  const auto backward = [&] {
    forward(model, x, {.training = true, .gradients = true}).square().sum().backward();
  };
  backward();
  const at::Tensor once = model.gradients.clone();
  backward();
  EXPECT_EQ(model.gradients.data_ptr(), place);
  for (size_t i = 0; i < model.leaves.size(); ++i) {
    EXPECT_TRUE(model.leaves[i].grad().is_alias_of(model.gradients)) << i;
  }
  EXPECT_GT(once.norm().item<double>(), 0);
  EXPECT_LT(relative_error(model.gradients, 2 * once), 1e-12);
}

TEST(Model, LeavesTheGapsZero) {
  Model model = random_model(small_network(), 1);
  const at::Tensor x = random_batch(small_network().input, 3, 2);
  forward(model, x, {.training = true, .gradients = true}).sum().backward();
  at::Tensor outside = torch::ones_like(model.parameters);
  for (const Slot& slot : parameter_slots(small_network())) {
    outside.narrow(0, slot.offset, elements(slot.shape)).zero_();
  }
  ASSERT_GT(outside.sum().item<double>(), 0) << "no gaps, nothing tested";
  EXPECT_EQ((model.parameters * outside).abs().max().item<double>(), 0);
  EXPECT_EQ((model.gradients * outside).abs().max().item<double>(), 0);
}

TEST(Model, RefusesNetworksThatDoNotFitTogether) {
  const Network bad{{4}, {Linear{5, 1}}};
  EXPECT_THROW(make_model(bad, torch::kFloat32, Training::kNo), Error);
}

}  // namespace
}  // namespace wgan
