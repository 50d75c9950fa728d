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

TrainHooks collecting(std::vector<std::string>& ticks, const Dataset& held_out) {
  TrainHooks hooks;
  hooks.held_out = &held_out;
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
  EXPECT_EQ(a.steering.strength, b.steering.strength);
  EXPECT_EQ(a.steering.height, b.steering.height);
}

// Trains `total` steps at once, and `first` steps, a checkpoint, new players and the rest.
void expect_continued(const Dataset& data, TrainOptions options, int64_t first, int64_t total,
                      int64_t later_loader_threads = 0) {
  const TemporaryFolder folder;
  std::vector<std::string> ticks_once, ticks_twice;
  options.length.steps = total;
  Players once = tiny_players(data, options);
  train(once, data, options, collecting(ticks_once, data));

  Players before = tiny_players(data, options);
  TrainHooks hooks = collecting(ticks_twice, data);
  hooks.should_stop = [&] { return before.step >= first; };
  ASSERT_EQ(train(before, data, options, hooks), TrainEnd::kStopped);
  const fs::path checkpoint =
      write_checkpoint(folder.path(), before,
                       {.options = {.train = options, .run = {}, .judge = {}},
                        .data_options = {},
                        .data = describe_data(data),
                        .networks = build_networks(options, data)},
                       0);

  options.compute.loader_threads = later_loader_threads;
  Players after = tiny_players(data, options);
  read_players(checkpoint, read_checkpoint_state(checkpoint), after);
  expect_same(after, before);
  train(after, data, options, collecting(ticks_twice, data));
  expect_same(after, once);
  EXPECT_EQ(ticks_twice, ticks_once);
  EXPECT_GE(after.seconds, before.seconds);
}

TEST(Resume, EndsWhereUndisturbedTrainingEnds) {
  for (const Recipe recipe : {Recipe::kFast, Recipe::kPaper}) {
    for (const Objective objective : {Objective::kWganGp, Objective::kWgan,
                                      Objective::kNonSaturating, Objective::kRelativistic}) {
      for (const Dataset& data : {bars_dataset(16, 1), vectors_dataset({1, 2}, {3, 4})}) {
        SCOPED_TRACE(std::string(enum_name(recipe)) + " " + enum_name(objective) + " " + data.name);
        TrainOptions options = tiny_options(recipe, objective, data);
        options.optimizer.lr_decay = true;
        options.optimizer.average = 0.9;
        options.cadence.tick_every = 4;  // a tick begins before the cut and ends behind it
        options.penalty.every = 5;
        expect_continued(data, options, 6, 11);
      }
    }
  }
}

TEST(Resume, KeepsEveryScheduleAndTheSteeredStrength) {
  const Dataset data = bars_dataset(16, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kRelativistic, data);
  options.optimizer.lr_decay = false;
  options.optimizer.critic_lr = Ramp(1e-3, 1e-4);
  options.optimizer.generator_lr = Ramp(1e-4, 1e-3);
  options.optimizer.beta2 = Ramp(0.9, 0.99);
  options.optimizer.average_images = Ramp(0, 1000);
  options.optimizer.ramp_share = 0.8;
  options.penalty.gamma = Ramp(2, 0.2);
  options.penalty.every = 3;
  options.augment.kinds = "color,translation,cutout,flip";
  options.augment.strength = Ramp(0, 0.7);
  expect_continued(data, options, 6, 11);
  options.augment.strength = 0.8;
  options.augment.target = 0.5;
  expect_continued(data, options, 7, 13);
}

TEST(Resume, KeepsModernNetworks) {
  Dataset data = bars_dataset(16, 3);
  data.class_names = {"even", "odd"};
  data.label = [](int64_t row) { return static_cast<int32_t>(row % 2); };
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kRelativistic, data);
  options.players.net = Net::kModern;
  options.players.init = Init::kScaledDepth;
  ASSERT_TRUE(has_layer<Projection>(build_networks(options, data).critic));
  expect_continued(data, options, 3, 7);
}

// The critic has LayerNorm there.
TEST(Resume, ContinuesResidualNetworksOf64Pixels) {
  const Dataset data = bars_dataset(64, 1);
  TrainOptions options = tiny_options(Recipe::kFast, Objective::kWganGp, data);
  options.players.net = Net::kResnet;
  options.players.width = 2;
  ASSERT_TRUE(is_curved(build_networks(options, data).critic));
  expect_continued(data, options, 2, 4);
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
  SessionHooks hooks;

  void SetUp() override {
    options.train = tiny_options(Recipe::kFast, Objective::kWganGp, data);
    options.run.out = folder.path().string();
  }
  SessionResult run(int64_t steps, const Start& start = {}) {
    options.train.length.steps = steps;
    return run_session(data, {}, options, {}, hooks, start);
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

// A run of 5 steps that is extended by 6, stopped in the middle of these and resumed ends as one
// that was to have the extension from the beginning.
TEST_F(Session, GoesOnBeyondItsLengthAsIfItHadAlwaysBeenSoLong) {
  options.train.cadence.tick_every = 3;
  options.train.optimizer.lr_decay = true;
  options.train.stabilisers.instance_noise = 0.1;
  const SessionResult first = run(5);
  options.train.length.extend = "6 steps";
  const SessionResult whole = run(5);
  int64_t steps = 0;
  hooks.should_stop = [&] { return ++steps == 3; };
  const SessionResult second = run(5, resumption(first.run, {"extended by 6 steps"}));
  EXPECT_EQ(second.end, TrainEnd::kStopped);
  EXPECT_EQ(second.step, 7);
  hooks.should_stop = [] { return false; };
  const SessionResult third = run(5, resumption(first.run));
  EXPECT_EQ(third.step, 11);
  for (const char* name :
       {"generator.safetensors", "average.safetensors", "critic.safetensors",
        "generator_optimizer.safetensors", "critic_optimizer.safetensors", "ticks.safetensors"}) {
    EXPECT_TRUE(read_test_file(third.checkpoint / name) == read_test_file(whole.checkpoint / name))
        << name;
  }
  EXPECT_TRUE(read_test_file(third.samples) == read_test_file(whole.samples));
  const auto state = nlohmann::json::parse(read_test_file(third.checkpoint / "state.json"));
  EXPECT_EQ(state.at("options").at("extend"), "6 steps");
  EXPECT_EQ(state.at("part").at("number"), 1);
  EXPECT_EQ(state.at("part").at("step"), 5);
  const auto manifest = nlohmann::json::parse(read_test_file(third.run / "run.json"));
  EXPECT_EQ(manifest.at("extended"), "6 steps");
  EXPECT_EQ(manifest.at("resumed").at(0).at("changed").at(0), "extended by 6 steps");
  std::vector<int64_t> ticks;
  for (const auto& line : read_json_lines(third.run / "metrics.jsonl"))
    ticks.push_back(line.at("step"));
  EXPECT_EQ(ticks, (std::vector<int64_t>{3, 5, 6, 9, 11}));
}

TEST_F(Session, KeepsTheOptimizersOfTheRunItStartsFrom) {
  const SessionResult first = run(4);
  Start start{.kind = Start::Kind::kFrom, .checkpoint = first.checkpoint, .keep_optimizer = true};
  const SessionResult kept = run(3, start);
  EXPECT_EQ(kept.step, 3);
  start.keep_optimizer = false;
  const SessionResult fresh = run(3, start);
  EXPECT_FALSE(read_test_file(kept.checkpoint / "generator.safetensors") ==
               read_test_file(fresh.checkpoint / "generator.safetensors"));
  const CheckpointState state = read_checkpoint_state(kept.checkpoint);
  EXPECT_EQ(state.generator_optimizer_steps, 4 + 3);
  EXPECT_EQ(state.critic_optimizer_steps, 2 * (4 + 3));
  EXPECT_TRUE(nlohmann::json::parse(read_test_file(kept.run / "run.json"))
                  .at("kept_optimizer")
                  .get<bool>());

  // The counts come through a stop.
  start.keep_optimizer = true;
  int64_t steps = 0;
  hooks.should_stop = [&] { return ++steps == 2; };
  const SessionResult cut = run(3, start);
  EXPECT_EQ(cut.step, 1);
  hooks.should_stop = [] { return false; };
  const SessionResult whole = run(3, resumption(cut.run));
  EXPECT_TRUE(read_test_file(whole.checkpoint / "generator.safetensors") ==
              read_test_file(kept.checkpoint / "generator.safetensors"));

  options.train.optimizer.beta2 = 0.5;
  expect_error(ErrorKind::kUsage, "--beta2 is 0.99 in the run and 0.5 here",
               [&] { run(3, start); });
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
