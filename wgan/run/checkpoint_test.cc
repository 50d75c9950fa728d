// Checkpoints come back as they were, and damaged ones are refused.
#include "wgan/run/checkpoint.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <string>
#include <vector>

#include "wgan/io/checksums.h"
#include "wgan/io/temporary_folder.h"
#include "wgan/io/test_support.h"
#include "wgan/nn/model_file.h"
#include "wgan/nn/test_support.h"
#include "wgan/run/load_generator.h"
#include "wgan/train/test_support.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A run of the recipe with BatchNorm (so with state), before its first step.
struct Checkpoint : testing::Test {
  TemporaryFolder folder;
  Dataset data = bars_dataset(16, 3);
  TrainOptions options = tiny_options(Recipe::kPaper, Objective::kWgan, data);
  Players players = tiny_players(data, options);

  CheckpointState state(int64_t step) const {
    return {.step = step,
            .critic_steps = 5 * step,
            .seconds = 2.5,
            .tick_critic_steps = 3,
            .tick_generator_steps = 1,
            .options = {.train = options, .run = {}, .judge = {}},
            .data_options = {},
            .data = describe_data(data),
            .networks = build_networks(options, sample_shape(data.shape))};
  }
  fs::path write_in(const fs::path& place, int64_t step, int64_t keep = 0) {
    players.step = step;
    players.critic_steps = 5 * step;
    players.seconds = 2.5;
    players.sums.critic_steps = 3;
    players.sums.generator_steps = 1;
    return write_checkpoint(place, players, state(0), keep);
  }
  fs::path write(int64_t step, int64_t keep = 0) { return write_in(folder.path(), step, keep); }

  // Makes the checksums right again: of files that are wrong on purpose.
  static void sign(const fs::path& checkpoint) {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(checkpoint)) {
      if (entry.path().filename() != "SHA256SUMS") files.push_back(entry.path().filename());
    }
    write_checksums(checkpoint, files);
  }
  // state.json with one change.
  void expect_state_refused(const std::string& pointer, const Json& value) const {
    Json json = state_to_json(state(3));
    json[Json::json_pointer(pointer)] = value;
    SCOPED_TRACE(pointer + " = " + value.dump());
    expect_error(ErrorKind::kIncompatible, "some/state.json",
                 [&] { state_from_json(json, "some/state.json"); });
  }
};

TEST_F(Checkpoint, ComesBackAsItWas) {
  players.generator.state.copy_(random_tensor(players.generator.state.sizes().vec(), 1));
  players.average.parameters.mul_(2);
  const fs::path path = write(12);
  EXPECT_EQ(path.filename(), "step-000012");
  const CheckpointState back = read_checkpoint_state(path);
  EXPECT_EQ(state_to_json(back), state_to_json(state(12)));
  for (const auto& [name, model] :
       {std::pair<const char*, const Model*>{"generator.safetensors", &players.generator},
        {"average.safetensors", &players.average},
        {"critic.safetensors", &players.critic}}) {
    Model read = make_model(model->network, torch::kFloat32, Training::kNo);
    read_model(path / name, read);
    EXPECT_TRUE(bits_equal(read.parameters, model->parameters)) << name;
    for (size_t i = 0; i < read.memory.size(); ++i) {
      EXPECT_TRUE(bits_equal(read.memory[i], model->memory[i])) << name;
    }
  }
}

TEST_F(Checkpoint, GivesTheAveragedGenerator) {
  players.average.parameters.mul_(2);
  const fs::path path = write(12);
  const Generator generator = load_generator(path);
  EXPECT_TRUE(bits_equal(generator.model.parameters, players.average.parameters));
  EXPECT_EQ(generator.step, 12);
  EXPECT_EQ(generator.latent, options.players.latent);
  EXPECT_EQ(generator.latent_dist, options.players.latent_dist);
}

TEST_F(Checkpoint, LeavesNothingElseBehind) {
  const fs::path path = write(3);
  write(3);  // the same step again
  size_t entries = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    EXPECT_TRUE(entry.path() == path || entry.path().filename() == "last") << entry.path();
    ++entries;
  }
  EXPECT_EQ(entries, 2u);
  EXPECT_EQ(read_test_file(folder.path() / "last"), "step-000003\n");
}

TEST_F(Checkpoint, KeepsTheNewest) {
  for (const int64_t step : {5, 999'999, 1'000'000, 1'000'001}) write(step, 2);
  EXPECT_FALSE(fs::exists(folder.path() / "step-000005"));
  EXPECT_FALSE(fs::exists(folder.path() / "step-999999"));
  EXPECT_TRUE(fs::exists(folder.path() / "step-1000000"));
  EXPECT_TRUE(fs::exists(folder.path() / "step-1000001"));
}

TEST_F(Checkpoint, IsFoundByRunFolderAndLatest) {
  const fs::path runs = folder.path();
  for (const char* run : {"00000-a", "00001-b"}) {
    for (const int64_t step : {5, 20}) {
      write_in(runs / run / "checkpoints", step);
    }
  }
  fs::create_directories(runs / "00002-c" / "checkpoints");  // a run that has none yet
  const fs::path expected = runs / "00001-b" / "checkpoints" / "step-000020";
  EXPECT_EQ(find_checkpoint("latest", runs), expected);
  EXPECT_EQ(find_checkpoint((runs / "00001-b").string(), runs), expected);
  EXPECT_EQ(find_checkpoint(expected.string(), runs), expected);
  EXPECT_EQ(find_checkpoint((runs / "00000-a" / "checkpoints").string(), runs),
            runs / "00000-a" / "checkpoints" / "step-000020");
}

TEST_F(Checkpoint, SaysWhereThereIsNone) {
  expect_error(ErrorKind::kData, "no run with a checkpoint",
               [&] { find_checkpoint("latest", folder.path()); });
  expect_error(ErrorKind::kData, "holds no checkpoint",
               [&] { find_checkpoint(folder.path().string(), "runs"); });
  expect_error(ErrorKind::kData, "does not exist",
               [&] { find_checkpoint((folder.path() / "none").string(), "runs"); });
}

TEST_F(Checkpoint, RefusesStatesThatAreWrong) {
  EXPECT_NO_THROW(state_from_json(state_to_json(state(3)), "some/state.json"));
  expect_state_refused("/format", "zip");
  expect_state_refused("/version", 99);
  expect_state_refused("/version", "3");
  for (const Json& step :
       {Json("three"), Json(true), Json(1.5), Json(1e300), Json(-1), Json(INT64_MAX)}) {
    expect_state_refused("/step", step);
  }
  expect_state_refused("/options/width", "many");
  expect_state_refused("/options/surprise", "1");
  expect_state_refused("/options/latent", "7");
  expect_state_refused("/options/extend", "soon");
  expect_state_refused("/part", {{"number", 1}, {"step", 1}, {"seconds", 0.5}});
  expect_state_refused("/part", {{"number", 0}, {"step", 4}, {"seconds", 0.5}});
  expect_state_refused("/patience_from", 4);
  expect_state_refused("/optimizer_steps", {1});
  expect_state_refused("/optimizer_steps", {1, -1});
  expect_state_refused("/data/conditions", {1.0});
  expect_state_refused("/data/shape", {16, 16});
  expect_state_refused("/data/shape", {16, 16, 1});
  expect_state_refused("/data/mean", {1.0});
  expect_state_refused("/data/mean", {1e300});
  expect_state_refused("/data/class_names", {1});
  expect_state_refused("/data/class_rows", {1, 2, 3});
  expect_state_refused("/data/row_shape", {4, 4});
  expect_state_refused("/generator/layers/0/type", "attention");
  expect_state_refused("/generator/layers/0/out", INT64_MAX);
  expect_state_refused("/critic/input", {1, 16, 16});
  for (const char* key : {"format", "version", "step", "options", "data", "generator", "critic"}) {
    Json json = state_to_json(state(3));
    json.erase(key);
    expect_error(ErrorKind::kIncompatible, "x.json", [&] { state_from_json(json, "x.json"); });
  }
  for (const Json& json : {Json(), Json(3), Json::array(), Json::object()}) {
    expect_error(ErrorKind::kIncompatible, "x.json", [&] { state_from_json(json, "x.json"); });
  }
}

// Deeper than the stack is, were anything to follow the brackets down.
TEST_F(Checkpoint, RefusesAMillionBrackets) {
  const std::string deep = std::string(1'000'000, '[') + std::string(1'000'000, ']');
  const std::string good = state_to_json(state(3)).dump();
  for (const std::string key : {"version", "step", "options", "data", "generator"}) {
    SCOPED_TRACE(key);
    // The last of two fields of one name is the one that counts.
    const std::string json = good.substr(0, good.size() - 1) + ",\"" + key + "\":" + deep + "}";
    write_test_file(folder.path() / "state.json", json);
    expect_error(ErrorKind::kIncompatible, "state.json",
                 [&] { read_checkpoint_state(folder.path()); });
  }
}

TEST_F(Checkpoint, RefusesDamagedFiles) {
  const fs::path path = write(3);
  const std::string json = read_test_file(path / "state.json");
  write_test_file(path / "state.json", json.substr(0, json.size() / 2));
  sign(path);
  expect_error(ErrorKind::kIncompatible, "is damaged", [&] { read_checkpoint_state(path); });
  write_test_file(path / "state.json", json);
  sign(path);

  const fs::path file = path / "average.safetensors";
  const std::string tensors = read_test_file(file);
  write_test_file(file, tensors.substr(0, tensors.size() - 1));
  sign(path);
  expect_error(ErrorKind::kIncompatible, "average.safetensors", [&] { load_generator(path); });
  fs::remove(file);
  expect_error(ErrorKind::kIncompatible, "average.safetensors", [&] { load_generator(path); });
}

// In every file: the first bytes (headers, JSON), the last, and many between.
TEST_F(Checkpoint, RefusesFlippedBitsInEveryRegion) {
  const fs::path path = write(3);
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string good = read_test_file(entry.path());
    const std::string name = entry.path().filename();
    const size_t step = std::max<size_t>(1, good.size() / 40);
    for (size_t i = 0; i < good.size(); i += i < 24 ? 1 : step) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << (i % 8)));
      write_test_file(entry.path(), bad);
      // A changed name in SHA256SUMS leaves its file unlisted, and that is named then.
      expect_error(ErrorKind::kIncompatible, name == "SHA256SUMS" ? "is damaged" : name,
                   [&] { check_checkpoint(path); });
    }
    write_test_file(entry.path(), good);
    ++files;
  }
  EXPECT_EQ(files, 8u);
  EXPECT_NO_THROW(check_checkpoint(path));
}

TEST_F(Checkpoint, IsPassedOverWhereItIsDamaged) {
  for (const int64_t step : {3, 4, 5}) write(step);
  const fs::path newest = folder.path() / "step-000005";
  write_test_file(newest / "critic.safetensors", "x");
  std::vector<std::string> told;
  const auto find = [&] {
    return find_checkpoint(folder.path().string(), "runs",
                           [&](const fs::path& checkpoint, const std::string& what) {
                             EXPECT_EQ(checkpoint, newest);
                             told.push_back(what);
                           });
  };
  EXPECT_EQ(find().filename(), "step-000004");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_NE(told[0].find("critic.safetensors is damaged"), std::string::npos) << told[0];
  expect_error(ErrorKind::kIncompatible, "is damaged",
               [&] { find_checkpoint(newest.string(), "runs"); });
  EXPECT_EQ(set_aside_later(folder.path(), 4), 1);
  EXPECT_EQ(find().filename(), "step-000004");
  EXPECT_EQ(told.size(), 1u);
  EXPECT_TRUE(fs::exists(folder.path() / "set-aside-step-000005" / "critic.safetensors"));
  for (const int64_t step : {3, 4}) {
    fs::remove(folder.path() / ("step-00000" + std::to_string(step)) / "state.json");
  }
  expect_error(ErrorKind::kData, "holds no checkpoint", [&] { find(); });
}

// Of a run that is only to be sampled from, the weights alone may be kept.
TEST_F(Checkpoint, NeedsForSamplesWhatTheyAreDrawnFrom) {
  write(3);
  const fs::path path = write(4);
  for (const char* name : {"generator.safetensors", "critic.safetensors", "ticks.safetensors",
                           "generator_optimizer.safetensors", "critic_optimizer.safetensors"}) {
    fs::remove(path / name);
  }
  EXPECT_EQ(load_generator(path).step, 4);
  EXPECT_EQ(load_generator(folder.path()).step, 4);
  expect_error(ErrorKind::kIncompatible, "generator.safetensors is missing",
               [&] { find_checkpoint(path.string(), "runs"); });
  EXPECT_EQ(find_checkpoint(folder.path().string(), "runs").filename(), "step-000003");

  std::string told;
  write_test_file(path / "average.safetensors", "x");
  const auto tell = [&](const fs::path&, const std::string& what) { told = what; };
  EXPECT_EQ(load_generator(folder.path(), "cpu", "runs", tell).step, 3);
  EXPECT_NE(told.find("average.safetensors is damaged"), std::string::npos) << told;
  fs::remove(path / "SHA256SUMS");
  expect_error(ErrorKind::kIncompatible, "SHA256SUMS", [&] { load_generator(path); });
}

TEST_F(Checkpoint, RefusesTensorsOfAnotherNetwork) {
  const fs::path path = write(3);
  fs::copy_file(path / "critic.safetensors", path / "average.safetensors",
                fs::copy_options::overwrite_existing);
  sign(path);
  expect_error(ErrorKind::kIncompatible, "0.weight", [&] { load_generator(path); });
}

// The state asks for 128 GiB of weights that the file does not hold: refused before memory is.
TEST_F(Checkpoint, AllocatesNothingThatTheFileDoesNotHold) {
  const fs::path path = write(3);
  Json json = state_to_json(state(3));
  json["generator"] = Json::parse(R"({"input": [6], "layers": [
      {"type": "linear", "in": 6, "out": 262144, "bias": false},
      {"type": "linear", "in": 262144, "out": 131072, "bias": false},
      {"type": "linear", "in": 131072, "out": 768, "bias": false},
      {"type": "reshape", "shape": [3, 16, 16]}]})");
  write_test_file(path / "state.json", json.dump());
  sign(path);
  expect_error(ErrorKind::kIncompatible, "0.weight", [&] { load_generator(path); });
}

TEST_F(Checkpoint, SaysWhereItCannotBeWritten) {
  const fs::path blocked = folder.path() / "file";
  write_test_file(blocked, "");
  expect_error(ErrorKind::kOutput, "step-000003", [&] { write_in(blocked, 3); });
}

}  // namespace
}  // namespace wgan
