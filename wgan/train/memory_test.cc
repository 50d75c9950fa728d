// The estimate grows with what it should, and refuses what cannot be.
#include "wgan/train/memory.h"

#include <gtest/gtest.h>

#include "wgan/io/test_support.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

TEST(Memory, GrowsWithBatchAndWidth) {
  const Dataset data = bars_dataset(32, 3);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  const auto need = [&] {
    return memory_need(build_networks(options, sample_shape(data)), options);
  };
  const double small = need();
  options.batch *= 64;
  const double batch = need();
  EXPECT_GT(batch, 10 * small);
  options.width *= 4;
  EXPECT_GT(need(), 1.5 * batch);
  options.critic_step = Route::kAutograd;
  options.batch = 64;
  const double autograd = need();
  options.critic_step = Route::kAuto;
  EXPECT_GT(autograd, 1.5 * need());
}

TEST(Memory, RefusesWhatTheMachineDoesNotHave) {
  const Dataset data = bars_dataset(32, 3);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.width = 64;
  EXPECT_NO_THROW(check_memory(build_networks(options, sample_shape(data)), options));
  options.batch = int64_t{1} << 32;
  expect_error(ErrorKind::kMemory, "use --batch ",
               [&] { check_memory(build_networks(options, sample_shape(data)), options); });
}

}  // namespace
}  // namespace wgan
