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

}  // namespace
}  // namespace wgan
