// What a tick's line says, and that it stays in its columns.
#include "wgan/run/tick_line.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace wgan {
namespace {

Tick tick_at(int64_t step) {
  Tick tick{.step = step};
  tick.wasserstein = 1.307;
  tick.critic_loss = 1.3863;
  tick.diversity = 0.972;
  tick.images_per_second = 1663.4;
  tick.seconds = 62;
  tick.eta_seconds = 83;
  return tick;
}

TrainOptions steps_of(int64_t steps, Objective objective = Objective::kWganGp) {
  TrainOptions options;
  options.objective.kind = objective;
  options.length.steps = steps;
  return options;
}

std::string line_of(Tick tick, const TrainOptions& options, const char* rows) {
  tick.last_step = options.length.steps;
  return tick_line(tick, options, rows);
}

TEST(TickLine, SaysHowFarTheRunIsAndHowItFares) {
  EXPECT_EQ(line_of(tick_at(2100), steps_of(5000), "images"),
            "step 2,100/5,000     1:23 left   1,663 images/s  W  1.307  variety 0.97");
  EXPECT_EQ(line_of(tick_at(50), steps_of(5000, Objective::kMinimax), "rows"),
            "step 50/5,000        1:23 left   1,663 rows/s  loss  1.386  variety 0.97");
}

TEST(TickLine, SaysWhatIsGoneOfARunWithoutEnd) {
  Tick tick = tick_at(1'234'567);
  tick.eta_seconds = -1;
  tick.diversity = -1;
  EXPECT_EQ(line_of(tick, steps_of(0), "images"),
            "step 1,235k      1:02 gone   1,663 images/s  W  1.307  variety    ?");
}

TEST(TickLine, KeepsItsColumnsDuringARun) {
  const std::string first = line_of(tick_at(50), steps_of(10'000'000), "images");
  for (const int64_t step : {999, 1000, 999'999, 1'000'000, 10'000'000}) {
    Tick tick = tick_at(step);
    tick.wasserstein = -1e3 / static_cast<double>(step);
    tick.eta_seconds = 35'999.0 * (1 - static_cast<double>(step) / 1e7);
    tick.images_per_second = 99'999;
    const std::string line = line_of(tick, steps_of(10'000'000), "images");
    EXPECT_EQ(line.size(), first.size()) << line;
    for (const char* word : {"left", "images/s", "W", "variety"}) {
      EXPECT_EQ(line.find(word), first.find(word)) << line;
    }
  }
}

// A terminal of 80 columns shows 79 of a line that is rewritten.
TEST(TickLine, FitsIntoATerminalWhateverTheNumbersAre) {
  const double nan = std::nan(""), infinity = std::numeric_limits<double>::infinity();
  const double numbers[] = {nan,     -infinity, infinity, 0,       -1e-300, 0.00049, 9.9996,
                            99.9951, -99.9951,  999.951,  99999.6, -1e300,  123456,  -9999.6};
  for (const Objective objective : {Objective::kWganGp, Objective::kNonSaturating}) {
    for (const int64_t steps : {int64_t{0}, int64_t{999'999}, int64_t{10'000'000}, int64_t{1} << 40,
                                std::numeric_limits<int64_t>::max()}) {
      for (const double number : numbers) {
        for (const double seconds : {-1.0, 0.4, 3599.6, 35'999.6, 400'000.0, 1e7, 1e300, nan}) {
          Tick tick{.step = std::max<int64_t>(steps, 7'000'000)};
          tick.wasserstein = tick.critic_loss = tick.diversity = tick.images_per_second = number;
          tick.seconds = tick.eta_seconds = seconds;
          const std::string line = line_of(tick, steps_of(steps, objective), "images");
          EXPECT_LE(line.size(), 79U) << line;
        }
      }
    }
  }
}

}  // namespace
}  // namespace wgan
