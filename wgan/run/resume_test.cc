// Training that was cut in two ends where training in one piece does, bit for bit.
#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <string>
#include <vector>

#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/nn/test_support.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/session.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

// What a tick says, without times.
std::string numbers_of(const Tick& tick) {
  nlohmann::ordered_json json = tick_to_json(tick);
  for (const char* key : {"seconds", "images_per_second", "waited_seconds"}) json.erase(key);
  return json.dump();
}

TrainHooks collecting(std::vector<std::string>& ticks) {
  TrainHooks hooks = silent_hooks();
  hooks.on_tick = [&](const Tick& tick) { ticks.push_back(numbers_of(tick)); };
  return hooks;
}

void expect_same(const Players& a, const Players& b) {
  for (const auto& [left, right] :
       {std::pair{&a.generator, &b.generator}, {&a.average, &b.average}, {&a.critic, &b.critic}}) {
    EXPECT_TRUE(bits_equal(left->parameters, right->parameters));
    for (size_t i = 0; i < left->memory.size(); ++i) {
      EXPECT_TRUE(bits_equal(left->memory[i], right->memory[i]));
    }
  }
  EXPECT_TRUE(bits_equal(a.critic_optimizer.mean_square, b.critic_optimizer.mean_square));
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.critic_steps, b.critic_steps);
}

// Trains `total` steps at once, and `first` steps, a checkpoint, new players and the rest.
void expect_continued(const Dataset& data, TrainOptions options, int64_t first, int64_t total,
                      int64_t later_loader_threads = 0) {
  const TemporaryFolder folder;
  std::vector<std::string> ticks_once, ticks_twice;
  options.length.steps = total;
  Players once = tiny_players(data, options);
  train(once, data, options, collecting(ticks_once));

  Players before = tiny_players(data, options);
  TrainHooks hooks = collecting(ticks_twice);
  hooks.should_stop = [&] { return before.step >= first; };
  ASSERT_EQ(train(before, data, options, hooks), TrainEnd::kStopped);
  const fs::path checkpoint =
      write_checkpoint(folder.path(), before,
                       {.options = {.train = options, .run = {}, .judge = {}},
                        .data_options = {},
                        .data = describe_data(data),
                        .networks = build_networks(options, sample_shape(data.shape))},
                       0);

  options.compute.loader_threads = later_loader_threads;
  Players after = tiny_players(data, options);
  read_players(checkpoint, read_checkpoint_state(checkpoint), after);
  expect_same(after, before);
  train(after, data, options, collecting(ticks_twice));
  expect_same(after, once);
  EXPECT_EQ(ticks_twice, ticks_once);
  EXPECT_GE(after.seconds, before.seconds);
}

TEST(Resume, EndsWhereUndisturbedTrainingEnds) {
  for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
    for (const Objective objective :
         {Objective::kWganGp, Objective::kWgan, Objective::kNonSaturating}) {
      for (const Dataset& data : {bars_dataset(16, 1), vectors_dataset({1, 2}, {3, 4})}) {
        SCOPED_TRACE(std::string(enum_name(recipe)) + " " + enum_name(objective) + " " + data.name);
        TrainOptions options = tiny_options(recipe, objective, data);
        options.optimizer.lr_decay = true;
        options.optimizer.average = 0.9;
        options.cadence.tick_every = 4;  // a tick begins before the cut and ends behind it
        expect_continued(data, options, 6, 11);
      }
    }
  }
}

TEST(Resume, KeepsTheLengthsOfNormalisedWeights) {
  const Dataset data = bars_dataset(16, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kNonSaturating, data);
  options.players.critic_norm = Norm::kWeight;
  options.stabilisers.critic_noise = 0.5;
  expect_continued(data, options, 3, 7);
}

TEST(Resume, DoesNotDependOnTheLoadersThreads) {
  const Dataset data = bars_dataset(16, 1);
  const TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  expect_continued(data, options, 3, 8, 3);
}

// A whole session, as the program runs it.
struct Session : testing::Test {
  TemporaryFolder folder;
  Dataset data = bars_dataset(16, 1);
  SessionOptions options;

  void SetUp() override {
    options.train = tiny_options(Recipe::kFast, Objective::kWganGp, data);
    options.run.out = folder.path().string();
  }
  SessionResult run(int64_t steps, const Start& start = {}) {
    options.train.length.steps = steps;
    return run_session(data, {}, options, {}, {}, start);
  }
  static Start resumption(const fs::path& named, const std::vector<std::string>& changes = {}) {
    Start start = resume_at(named.string(), "runs");
    start.changes = changes;
    return start;
  }
};

TEST_F(Session, GoesOnInTheRunsFolder) {
  options.train.cadence.tick_every = 2;
  options.train.optimizer.lr_decay = false;  // the length may change
  const SessionResult whole = run(10);
  const SessionResult first = run(5);
  const SessionResult second = run(10, resumption(first.checkpoint, {"steps: 5 -> 10"}));
  EXPECT_EQ(fs::canonical(second.run), fs::canonical(first.run));
  EXPECT_TRUE(read_test_file(second.checkpoint / "generator.safetensors") ==
              read_test_file(whole.checkpoint / "generator.safetensors"));
  EXPECT_TRUE(read_test_file(second.samples) == read_test_file(whole.samples));
  const auto lines = read_json_lines(second.run / "metrics.jsonl");
  ASSERT_EQ(lines.size(), 6u);  // 2, 4, 5 (the first session's end), 6, 8, 10
  EXPECT_EQ(lines.back().at("step"), 10);
  const auto manifest = nlohmann::json::parse(read_test_file(second.run / "run.json"));
  EXPECT_EQ(manifest.at("resumed").at(0).at("step"), 5);
  EXPECT_EQ(manifest.at("resumed").at(0).at("changed").at(0), "steps: 5 -> 10");
  EXPECT_EQ(manifest.at("state"), "steps done");
}

TEST_F(Session, CutsOffWhatCameBehindTheCheckpoint) {
  const SessionResult first = run(4);
  std::string metrics = read_test_file(first.run / "metrics.jsonl");
  write_test_file(first.run / "metrics.jsonl", metrics + "{\"step\":6}\n{\"step\":");
  write_test_file(first.run / "run.json.12-0.tmp", "half");
  fs::create_directory(first.run / "checkpoints" / ".writing-step-000005");
  fs::copy(first.checkpoint, first.run / "checkpoints" / "step-000009",
           fs::copy_options::recursive);
  const SessionResult second = run(6, resumption(first.checkpoint));
  const auto lines = read_json_lines(second.run / "metrics.jsonl");
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[4].at("step"), 5);
  EXPECT_FALSE(fs::exists(first.run / "run.json.12-0.tmp"));
  EXPECT_FALSE(fs::exists(first.run / "checkpoints" / ".writing-step-000005"));
  EXPECT_TRUE(fs::exists(first.run / "checkpoints" / "set-aside-step-000009"));
}

TEST_F(Session, StartsANewRunFromWeights) {
  const SessionResult first = run(4);
  const SessionResult second = run(1, {Start::Kind::kFrom, first.checkpoint});
  EXPECT_NE(second.run, first.run);
  EXPECT_EQ(second.step, 1);
  const SessionResult fresh = run(1);
  EXPECT_FALSE(read_test_file(second.checkpoint / "generator.safetensors") ==
               read_test_file(fresh.checkpoint / "generator.safetensors"));
}

TEST_F(Session, RefusesOtherDataAndNetworks) {
  const SessionResult first = run(2);
  const Start resume = resumption(first.checkpoint);
  data.identity = "others";
  expect_error(ErrorKind::kIncompatible, "not the data", [&] { run(4, resume); });
  data.identity = "bars";
  options.train.players.width = 5;
  for (const Start& start : {resume, Start{Start::Kind::kFrom, first.checkpoint}}) {
    expect_error(ErrorKind::kIncompatible, "other networks", [&] { run(4, start); });
  }
  options.train.players.width = 4;
  fs::copy(first.checkpoint, folder.path() / "step-000002", fs::copy_options::recursive);
  expect_error(ErrorKind::kUsage, "lies in no run folder",
               [&] { resumption(folder.path() / "step-000002"); });
}

TEST_F(Session, IsAloneInItsFolder) {
  const SessionResult first = run(2);
  const FileLock other(first.run / "lock", "x");
  for (const fs::path& named :
       {first.run, first.checkpoint, first.run / "checkpoints", first.run / "checkpoints/last"}) {
    expect_error(ErrorKind::kUsage, "another process", [&] { resumption(named); });
  }
}

}  // namespace
}  // namespace wgan
