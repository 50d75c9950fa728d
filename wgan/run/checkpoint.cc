// Writing and reading checkpoints.
#include "wgan/run/checkpoint.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/version.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string_view>

#include "wgan/io/atomic_file.h"
#include "wgan/io/checksums.h"
#include "wgan/io/mapped_file.h"
#include "wgan/io/output_error.h"
#include "wgan/io/remove_tree.h"
#include "wgan/nn/model_file.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kCheckpoints = "checkpoints";  // of a run folder
constexpr const char* kLast = "last";
constexpr const char* kBest = "best";
constexpr const char* kTicks = "ticks.safetensors";
const std::vector<std::string> kFiles = {"generator.safetensors",
                                         "average.safetensors",
                                         "critic.safetensors",
                                         "generator_optimizer.safetensors",
                                         "critic_optimizer.safetensors",
                                         kTicks,
                                         kStateFile};
const std::vector<std::string> kSampleFiles = {"average.safetensors", kStateFile};

// What an optimizer remembers, by the suffixes of its tensors' names.
std::vector<std::pair<std::string, at::Tensor>> moments(const Optimizer& optimizer) {
  std::vector<std::pair<std::string, at::Tensor>> found;
  if (optimizer.mean.defined()) found.emplace_back(".mean", optimizer.mean);
  found.emplace_back(".mean_square", optimizer.mean_square);
  if (optimizer.history.defined()) found.emplace_back(".history", optimizer.history);
  return found;
}

void write_optimizer(const fs::path& path, const Model& model, const Optimizer& optimizer) {
  TensorFile file;
  for (const auto& [suffix, flat] : moments(optimizer)) {
    file.add(model.slots, parameter_views(model.slots, flat), suffix);
  }
  file.write(path);
}

const std::vector<Slot> kTickSlots = {{"critic", 0, {6}, 0}, {"generator", 0, {2}, 0}};

void read_optimizer(const fs::path& path, const Model& model, int64_t steps, Optimizer& optimizer) {
  const SafetensorsFile file(path);
  for (const auto& [suffix, flat] : moments(optimizer)) {
    read_slots(file, path, model.slots, parameter_views(model.slots, flat), suffix);
  }
  optimizer.steps = steps;
}

std::string step_name(int64_t step) { return fmt::format("{}{:06}", kStepPrefix, step); }

// step-NNNNNN folders with a state.json, oldest first.
std::vector<std::pair<int64_t, fs::path>> checkpoints_in(const fs::path& folder) {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kStepPrefix)) continue;
    int64_t step = 0;
    const char* const end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(name.data() + kStepPrefix.size(), end, step);
    if (error != std::errc() || stop != end) continue;
    if (fs::exists(entry.path() / kStateFile)) found.emplace_back(step, entry.path());
  }
  std::ranges::sort(found);
  return found;
}

void remove_old(const fs::path& folder, int64_t keep) {
  const auto found = checkpoints_in(folder);
  const fs::path best = pointed_to(folder / kBest);
  std::error_code ignored;  // a folder that cannot be removed does no harm
  for (size_t i = 0; i + static_cast<size_t>(keep) < found.size(); ++i) {
    if (found[i].second == best) continue;
    // Under another name first: no checkpoint is ever seen without some of its files.
    const fs::path leaving = folder / (kWritingPrefix + found[i].second.filename().string());
    remove_tree(leaving);
    fs::rename(found[i].second, leaving, ignored);
    remove_tree(leaving);
  }
}

// The newest run with a checkpoint.
fs::path newest_run(const fs::path& runs) {
  fs::path newest;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(runs, ignored)) {
    if (!checkpoints_in(entry.path() / kCheckpoints).empty() && entry.path() > newest) {
      newest = entry.path();
    }
  }
  if (newest.empty()) {
    throw Error(ErrorKind::kData, fmt::format("no run with a checkpoint in {}", runs.string()),
                "train one first: wgan train");
  }
  return newest;
}

// What a person names: a path, or "latest".
fs::path named_place(const std::string& name, const fs::path& runs) {
  return name == "latest" && !fs::exists(name) ? newest_run(runs) : fs::path(name);
}

[[noreturn]] void refuse_without_checkpoint(const fs::path& place) {
  throw Error(
      ErrorKind::kData,
      fs::exists(place) ? fmt::format("{} holds no checkpoint", place.string())
                        : fmt::format("{} does not exist", place.string()),
      "give a run folder, a checkpoint (checkpoints/step-..., checkpoints/best), or latest");
}

}  // namespace

fs::path write_checkpoint(const fs::path& folder, const Players& players, CheckpointState state,
                          int64_t keep) {
  state.step = players.step;
  state.critic_steps = players.critic_steps;
  state.seconds = players.seconds;
  state.tick_critic_steps = players.sums.critic_steps;
  state.tick_penalty_steps = players.sums.penalty_steps;
  state.tick_generator_steps = players.sums.generator_steps;
  state.generator_optimizer_steps = players.generator_optimizer.steps;
  state.critic_optimizer_steps = players.critic_optimizer.steps;
  state.part = players.part;
  state.steering = players.steering;
  const fs::path target = folder / step_name(state.step);
  const fs::path temporary = folder / (kWritingPrefix + step_name(state.step));
  try {
    fs::create_directories(folder);
    if (const std::error_code error = remove_tree(temporary)) {
      throw output_error("remove " + temporary.string(), error.value());
    }
    fs::create_directory(temporary);
    write_model(temporary / "generator.safetensors", players.generator);
    write_model(temporary / "average.safetensors", players.average);
    write_model(temporary / "critic.safetensors", players.critic);
    write_optimizer(temporary / "generator_optimizer.safetensors", players.generator,
                    players.generator_optimizer);
    write_optimizer(temporary / "critic_optimizer.safetensors", players.critic,
                    players.critic_optimizer);
    TensorFile ticks;
    ticks.add(kTickSlots, {players.sums.critic, players.sums.generator});
    ticks.write(temporary / kTicks);
    Json json = state_to_json(state);
    json["libtorch"] = TORCH_VERSION;
    const auto replace = Json::error_handler_t::replace;  // a path may be no UTF-8
    write_file_atomically(temporary / kStateFile, json.dump(2, ' ', false, replace) + "\n");
    write_checksums(temporary, kFiles);
    publish_folder(temporary, target);
  } catch (const fs::filesystem_error& error) {
    throw output_error("write " + target.string(), error.code().value());
  } catch (const Error&) {
    remove_tree(temporary);
    throw;
  }
  write_file_atomically(folder / kLast, target.filename().string() + "\n");
  if (keep > 0) remove_old(folder, keep);
  return target;
}

void mark_best(const fs::path& folder, const fs::path& checkpoint) {
  write_file_atomically(folder / kBest, checkpoint.filename().string() + "\n");
}

fs::path run_of_checkpoint(const fs::path& checkpoint) {
  const fs::path around = fs::absolute(checkpoint).lexically_normal().parent_path();
  return around.filename() == kCheckpoints ? around.parent_path() : fs::path();
}

void check_checkpoint(const fs::path& checkpoint, Purpose purpose) {
  check_checksums(checkpoint, purpose == Purpose::kTrain ? kFiles : kSampleFiles);
}

int64_t set_aside_later(const fs::path& folder, int64_t step) {
  int64_t count = 0;
  for (const auto& [later, path] : checkpoints_in(folder)) {
    if (later <= step) continue;
    fs::path aside = folder / ("set-aside-" + step_name(later));
    for (int number = 2; fs::exists(aside); ++number) {
      aside = folder / fmt::format("set-aside-{}-{}", step_name(later), number);
    }
    if (std::rename(path.c_str(), aside.c_str()) != 0) {
      throw output_error("rename " + path.string(), errno);
    }
    ++count;
  }
  return count;
}

void read_models(const fs::path& checkpoint, Players& players) {
  read_model(checkpoint / "generator.safetensors", players.generator);
  read_model(checkpoint / "average.safetensors", players.average);
  read_model(checkpoint / "critic.safetensors", players.critic);
}

void read_optimizers(const fs::path& checkpoint, const CheckpointState& state, Players& players) {
  read_optimizer(checkpoint / "generator_optimizer.safetensors", players.generator,
                 state.generator_optimizer_steps, players.generator_optimizer);
  read_optimizer(checkpoint / "critic_optimizer.safetensors", players.critic,
                 state.critic_optimizer_steps, players.critic_optimizer);
}

void read_players(const fs::path& checkpoint, const CheckpointState& state, Players& players) {
  read_models(checkpoint, players);
  read_optimizers(checkpoint, state, players);
  const SafetensorsFile ticks(checkpoint / kTicks);
  read_slots(ticks, checkpoint / kTicks, kTickSlots, {players.sums.critic, players.sums.generator});
  players.step = state.step;
  players.critic_steps = state.critic_steps;
  players.seconds = state.seconds;
  players.part = state.part;
  players.steering = state.steering;
  players.sums.critic_steps = state.tick_critic_steps;
  players.sums.penalty_steps = state.tick_penalty_steps;
  players.sums.generator_steps = state.tick_generator_steps;
}

fs::path run_named(const std::string& run_or_checkpoint, const fs::path& runs) {
  const fs::path place = named_place(run_or_checkpoint, runs);
  if (fs::is_directory(place / kCheckpoints)) {
    return place.has_filename() ? place : place.parent_path();
  }
  fs::path whole = fs::absolute(place).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  for (const fs::path& folder : {whole, whole.parent_path()}) {
    if (folder.filename() == kCheckpoints && fs::exists(whole)) return folder.parent_path();
  }
  if (!fs::exists(place / kStateFile)) refuse_without_checkpoint(place);
  throw Error(
      ErrorKind::kUsage,
      fmt::format("{} lies in no run folder, wanted RUN/checkpoints/step-...", place.string()),
      "start a new run with --from");
}

fs::path find_checkpoint(const std::string& run_or_checkpoint, const fs::path& runs,
                         const OnDamaged& on_damaged, Purpose purpose) {
  fs::path place = named_place(run_or_checkpoint, runs);
  if (fs::is_regular_file(place) && !pointed_to(place).empty()) place = pointed_to(place);
  if (fs::exists(place / kStateFile)) {
    check_checkpoint(place, purpose);
    return place;
  }
  for (const fs::path& folder : {place / kCheckpoints, place}) {
    auto found = checkpoints_in(folder);
    while (!found.empty()) {
      const fs::path newest = found.back().second;
      found.pop_back();
      try {
        check_checkpoint(newest, purpose);
        return newest;
      } catch (const Error& error) {
        if (found.empty()) throw;
        on_damaged(newest, error.what());
      }
    }
  }
  refuse_without_checkpoint(place);
}

}  // namespace wgan
