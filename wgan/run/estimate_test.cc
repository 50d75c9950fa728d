// The estimate grows with what it should, and refuses what cannot be.
#include "wgan/run/estimate.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

TEST(Memory, GrowsWithBatchAndWidth) {
  const Dataset data = bars_dataset(32, 3);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  const auto need = [&] {
    return memory_need(build_networks(options, sample_shape(data.shape)), options);
  };
  const double small = need();
  options.batches.size *= 64;
  const double batch = need();
  EXPECT_GT(batch, 10 * small);
  options.players.width *= 4;
  EXPECT_GT(need(), 1.5 * batch);
  options.compute.critic_step = Route::kAutograd;
  options.batches.size = 64;
  const double autograd = need();
  options.compute.critic_step = Route::kAuto;
  EXPECT_GT(autograd, 1.5 * need());
}

TEST(Memory, RefusesWhatTheMachineDoesNotHave) {
  const Dataset data = bars_dataset(32, 3);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.players.width = 64;
  EXPECT_NO_THROW(check_memory(build_networks(options, sample_shape(data.shape)), options));
  options.batches.size = int64_t{1} << 32;
  expect_error(ErrorKind::kMemory, "use --batch ",
               [&] { check_memory(build_networks(options, sample_shape(data.shape)), options); });
}

// 250 steps of 40 ms.
Outlook ten_seconds() {
  return {.need = {.seconds_per_step = 0.04},
          .steps = 250,
          .seconds = 10,
          .rows = 8000,
          .enough = 160'000,
          .timed = true,
          .size = "64",
          .half_size = "32",
          .half_rows = 31'480};
}

TEST(Advice, NamesASmallerSizeAndALongerTimeWhereARunIsShort) {
  SessionOptions options;
  options.train.batches.size = 32;
  EXPECT_EQ(advice(ten_seconds(), options),
            (std::vector<std::string>{"8,000 pictures of 64x64 are few: recipe fast takes 160,000",
                                      "in the same time 31,000 pass at 32x32 (measured): --size 32",
                                      "for 160,000 of them: --time 4m"}));
  Outlook by_steps = ten_seconds();
  by_steps.timed = false;
  by_steps.half_size = by_steps.size = "";
  EXPECT_EQ(advice(by_steps, options),
            (std::vector<std::string>{"8,000 rows are few: recipe fast takes 160,000",
                                      "for 160,000 of them: --steps 5000, about 4 min 00 s"}));
}

TEST(Advice, IsSilentWhereARunIsLongEnoughOrHasNoEnd) {
  Outlook enough = ten_seconds();
  enough.rows = 160'000;
  EXPECT_TRUE(advice(enough, {}).empty());
  Outlook endless = ten_seconds();
  endless.seconds = -1;
  EXPECT_TRUE(advice(endless, {}).empty());
}

TEST(Outlook, CountsStepsRowsAndTimeOfARun) {
  const Dataset data = bars_dataset(32, 1);
  SessionOptions options;
  options.train = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.train.length = {};
  options.train.length.steps = 100;
  const auto rows =
      static_cast<double>(options.train.batches.size * options.train.objective.n_critic);
  const Outlook steps = outlook(data, options, /*resizable=*/true);
  EXPECT_EQ(steps.steps, 100);
  EXPECT_EQ(steps.rows, 100 * rows);
  EXPECT_EQ(steps.epochs, 100 * rows / 64);
  EXPECT_GT(steps.seconds, 0);
  EXPECT_FALSE(steps.timed);
  EXPECT_EQ(steps.half_size, "") << "of no use to a run that --steps ends";
  EXPECT_EQ(outlook(data, options, true, {.steps = 60}).steps, 40);
  options.train.length = {};
  options.train.length.time = {0.05};
  const Outlook timed = outlook(data, options, /*resizable=*/true);
  EXPECT_TRUE(timed.timed);
  EXPECT_EQ(timed.seconds, 0.05);
  EXPECT_EQ(timed.size, "32");
  EXPECT_EQ(timed.half_size, "16");
  EXPECT_GT(timed.half_rows, 0);
  EXPECT_EQ(outlook(data, options, /*resizable=*/false).half_size, "");
  options.train.length = {};
  EXPECT_LT(outlook(data, options, true).seconds, 0);
}

}  // namespace
}  // namespace wgan
