// Options of whole runs: what each part refuses, and what becomes of a recipe's under a person's.
#include "wgan/run/options.h"

#include <gtest/gtest.h>

#include <set>

#include "wgan/io/test_support.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

TEST(SessionOptions, RefusesNumbersOutOfRange) {
  const Dataset data = bars_dataset(28, 1);
  const auto expect_refused = [&](const char* fragment, const auto& spoil) {
    SessionOptions options;
    ASSERT_NO_THROW(check_options(options, data)) << "the options must be good before";
    spoil(options);
    expect_error(ErrorKind::kUsage, fragment, [&] { check_options(options, data); });
  };
  for (const int64_t bad : {int64_t{-1}, INT64_MIN}) {
    expect_refused("--keep is", [&](auto& o) { o.run.keep = bad; });
    expect_refused("--threads is", [&](auto& o) { o.run.threads = bad; });
    expect_refused("--evaluate-n is", [&](auto& o) { o.judge.evaluate_n = bad; });
    expect_refused("--patience is", [&](auto& o) { o.judge.patience = bad; });
    expect_refused("--batch is", [&](auto& o) { o.train.batches.size = bad; });
  }
}

TEST(SessionOptions, OfAPersonWinOverTheRecipes) {
  const Dataset data = bars_dataset(28, 1);
  const SessionOptions fast = resolve_options(data, {});
  EXPECT_EQ(fast.train.length.steps, 5000);
  EXPECT_EQ(fast.train.batches.size, 32);
  const SessionOptions timed = resolve_options(
      data, {{"time", "3m"}, {"batch", "16"}, {"keep", "7"}, {"best-by", "kernel"}, {"x", "y"}});
  EXPECT_EQ(timed.train.length.steps, 0) << "a length of one's own takes the recipe's place";
  EXPECT_EQ(timed.train.length.time.seconds, 180);
  EXPECT_EQ(timed.train.batches.size, 16);
  EXPECT_EQ(timed.run.keep, 7);
  EXPECT_EQ(timed.judge.best_by, "kernel");
}

TEST(SessionOptions, GiveTheObjectiveThatFitsTheDataAndWhatElseIsAskedFor) {
  const auto objective = [](const Dataset& data, const char* name, const char* value) {
    return resolve_options(data, {{name, value, "flag"}}).train.objective.kind;
  };
  const Dataset pictures = bars_dataset(32, 1), vectors = vectors_dataset({0}, {1});
  EXPECT_EQ(objective(pictures, "seed", "1"), Objective::kRelativistic);
  EXPECT_EQ(objective(pictures, "penalty", "zero-centred"), Objective::kRelativistic);
  EXPECT_EQ(objective(pictures, "objective", "wgan"), Objective::kWgan);
  EXPECT_EQ(objective(pictures, "lambda", "5"), Objective::kWganGp);
  EXPECT_EQ(objective(pictures, "penalty", "one-sided"), Objective::kWganGp);
  EXPECT_EQ(objective(pictures, "net", "mlp"), Objective::kWganGp);
  EXPECT_EQ(objective(pictures, "recipe", "paper"), Objective::kWganGp);
  EXPECT_EQ(objective(vectors, "seed", "1"), Objective::kWganGp);
}

TEST(SessionOptions, HaveNoNameTwice) {
  SessionOptions options;
  DataOptions data;
  std::set<std::string> names;
  for (const Fields& fields : {options.fields(), data.fields()}) {
    for (const Field& field : fields) EXPECT_TRUE(names.insert(field.name).second) << field.name;
  }
}

}  // namespace
}  // namespace wgan
