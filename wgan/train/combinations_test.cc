// Each combination is refused with its reason, and its neighbours are not.
#include "wgan/train/combinations.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "wgan/io/test_support.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

struct Case {
  Objective objective;
  bool image;
  std::function<void(TrainOptions&)> change;
};

void check(const Case& c) {
  Dataset data = c.image ? bars_dataset(16, 1) : vectors_dataset({0}, {1});
  data.class_names = {"one", "two"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row % 2); };
  TrainOptions o = tiny_options(Recipe::kFast, c.objective, data);
  o.players.conditional = false;
  c.change(o);
  check_options(o, data);
}

// In the order of the table.
const std::vector<Case> kCases = {
    {Objective::kWganGp, true, [](auto& o) { o.players.critic_norm = Norm::kBatch; }},
    {Objective::kWganGp, true, [](auto& o) { o.players.minibatch_kernels = 5; }},
    {Objective::kWganGp, true, [](auto& o) { o.players.minibatch_deviation = true; }},
    {Objective::kWgan, true, [](auto& o) { o.stabilisers.real_label = 0.9; }},
    {Objective::kCTransform, true, [](auto& o) { o.players.conditional = true; }},
    {Objective::kSemiSupervised, true, [](auto& o) { o.players.conditional = true; }},
    {Objective::kNonSaturating, true, [](auto& o) { o.objective.labels_per_class = 3; }},
    {Objective::kWganGp, true, [](auto& o) { o.recipe = Recipe::kPaper; }},
    {Objective::kMinimax, true, [](auto& o) { o.players.critic_norm = Norm::kVirtual; }},
    {Objective::kMinimax, true, [](auto& o) { o.players.generator_norm = Norm::kWeight; }},
    {Objective::kMinimax, true,
     [](auto& o) {
       o.players.critic_norm = Norm::kWeight;
       o.players.spectral_norm = true;
     }},
    {Objective::kWgan, true, [](auto& o) { o.penalty.kind = Penalty::kZeroCentred; }},
    {Objective::kCTransform, true, [](auto& o) { o.penalty.kind = Penalty::kZeroCentred; }},
    {Objective::kRelativistic, true, [](auto& o) { o.penalty.kind = Penalty::kOneSided; }},
    {Objective::kRelativistic, true, [](auto& o) { o.batches.generator_size = 4; }},
    {Objective::kRelativistic, true,
     [](auto& o) { o.stabilisers.feature_matching = FeatureMatching::kMean; }},
    {Objective::kWgan, true, [](auto& o) { o.players.spectral_norm = true; }},
    {Objective::kWgan, true, [](auto& o) { o.penalty.clip = 0; }},
    {Objective::kWganGp, false, [](auto& o) { o.augment.kinds = "flip"; }},
    {Objective::kCTransform, true, [](auto& o) { o.augment.kinds = "flip"; }},
    {Objective::kWganGp, true, [](auto& o) { o.augment.target = 0.6; }},
    {Objective::kWganGp, true,
     [](auto& o) {
       o.augment.kinds = "flip", o.augment.target = 0.6, o.augment.strength = Ramp(0, 0.3);
     }},
    {Objective::kWganGp, true, [](auto& o) { o.penalty.gamma = Ramp(2, 1), o.length.steps = 0; }},
    {Objective::kWganGp, true,
     [](auto& o) { o.optimizer.critic_lr = Ramp(2e-4, 1e-4), o.optimizer.lr_decay = true; }},
    {Objective::kWganGp, true,
     [](auto& o) { o.stabilisers.instance_noise = 0.1, o.length.steps = 0; }},
    {Objective::kWganGp, true,
     [](auto& o) { o.recipe = Recipe::kPaper, o.players.net = Net::kModern; }},
    {Objective::kWganGp, true, [](auto& o) { o.length.extend = "5m", o.length.steps = 0; }},
    {Objective::kWganGp, false, [](auto& o) { o.batches.dequantize = true; }},
};

TEST(Combinations, AreRefusedWithTheirReason) {
  const auto table = refused_combinations();
  ASSERT_EQ(table.size(), kCases.size()) << "a combination without a test";
  for (size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(table[i].options);
    expect_error(ErrorKind::kUsage, table[i].reason, [&] { check(kCases[i]); });
  }
}

TEST(Combinations, NeighboursAreNotRefused) {
  check({Objective::kMinimax, true, [](auto& o) { o.players.critic_norm = Norm::kBatch; }});
  check({Objective::kMinimax, true, [](auto& o) { o.players.minibatch_kernels = 5; }});
  check({Objective::kMinimax, true, [](auto& o) { o.players.minibatch_deviation = true; }});
  check({Objective::kWganGp, true, [](auto& o) { o.players.net = Net::kModern; }});
  check({Objective::kSemiSupervised, true, [](auto& o) { o.objective.labels_per_class = 3; }});
  check({Objective::kMinimax, true,
         [](auto& o) { o.stabilisers.real_label = 0.9, o.stabilisers.fake_label = 0.1; }});
  check({Objective::kWganGp, true, [](auto& o) { o.players.generator_norm = Norm::kVirtual; }});
  check({Objective::kWgan, true,
         [](auto& o) { o.players.spectral_norm = true, o.penalty.clip = 0; }});
  check({Objective::kWgan, true,
         [](auto& o) { o.stabilisers.weight_decay = 1e-3, o.penalty.clip = 0; }});
  check({Objective::kWganGp, true, [](auto& o) { o.stabilisers.instance_noise = 0.1; }});
  check({Objective::kWganGp, true, [](auto& o) { o.batches.dequantize = true; }});
  check({Objective::kWganGp, true, [](auto& o) { o.players.critic_norm = Norm::kLayer; }});
  check({Objective::kWganGp, true, [](auto& o) { o.players.critic_norm = Norm::kWeight; }});
  check({Objective::kWgan, true,
         [](auto& o) { o.penalty.kind = Penalty::kZeroCentred, o.penalty.clip = 0; }});
  check({Objective::kWganGp, true, [](auto& o) {
           o.augment.kinds = "color,translation,cutout,flip", o.augment.strength = Ramp(0, 0.3);
           o.optimizer.lr_decay = false, o.optimizer.critic_lr = Ramp(2e-4, 5e-5);
         }});
  check({Objective::kNonSaturating, true,
         [](auto& o) { o.penalty.kind = Penalty::kZeroCentred, o.penalty.at = PenaltyAt::kReal; }});
  check({Objective::kRelativistic, true, [](auto& o) {
           o.batches.generator_size = o.batches.size;
           o.penalty.gamma = 0, o.players.critic_norm = Norm::kBatch;
         }});
}

TEST(Combinations, AreListedForPeople) {
  for (const Combination& c : refused_combinations()) {
    EXPECT_NE(combinations_text().find(c.options), std::string::npos);
    EXPECT_NE(combinations_markdown().find(c.options), std::string::npos);
    EXPECT_NE(combinations_markdown().find(c.reason), std::string::npos);
  }
}

}  // namespace
}  // namespace wgan
