// Ties the trainer to its run folder.
#include "wgan/train/session.h"

#include <fmt/format.h>
#include <torch/cuda.h>
#include <torch/types.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/nn/network_json.h"
#include "wgan/train/best.h"
#include "wgan/train/checkpoint.h"
#include "wgan/train/data_rows.h"
#include "wgan/train/evaluation_data.h"
#include "wgan/train/memory.h"
#include "wgan/train/model_file.h"
#include "wgan/train/precision.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kGridImages = 64;
constexpr int64_t kCloudPoints = 2000;
constexpr int64_t kMostTestRows = 10'000;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Generator averaged_generator(const Players& players, const Dataset& dataset,
                             const TrainOptions& options) {
  return {.model = players.average,
          .latent = options.latent,
          .latent_dist = options.latent_dist,
          .data = describe_data(dataset),
          .step = players.step,
          .checkpoint = {}};
}

const char* end_text(TrainEnd end) {
  switch (end) {
    case TrainEnd::kSteps:
      return "steps done";
    case TrainEnd::kTime:
      return "time is up";
    case TrainEnd::kPatience:
      return "no longer better";
    case TrainEnd::kStopped:
      return "stopped";
  }
  return "";
}

Json manifest_of(const Dataset& dataset, const TrainOptions& options, const std::string& device) {
  Json json;
  json["schema"] = 1;
  json["state"] = "running";
  json["wgan"] = WGAN_VERSION;
  json["libtorch"] = TORCH_VERSION;
  json["device"] = device;
  json["threads"] = at::get_num_threads();
  json["seed"] = options.seed;
  json["data"] = {{"name", dataset.name}, {"identity", dataset.identity}, {"rows", dataset.size}};
  return json;
}

// What a run does before its first step: one that cannot begin leaves no folder.
template <class Work>
auto begin(RunFolder& folder, bool resumed, const Work& work) {
  try {
    return work();
  } catch (...) {
    if (!resumed) folder.discard();
    throw;
  }
}

// The rows that a semi-supervised run's discriminator is tested on; none where the data has no test
// part.
std::optional<Dataset> test_part(const DataOptions& data_options, const TrainOptions& options) {
  ReferenceSets sets = open_reference(data_options, static_cast<uint64_t>(options.seed));
  if (!sets.training) return std::nullopt;
  return std::move(sets.held_out);
}

// The players at the session's start.
Players started_players(const Networks& networks, const Dataset& dataset,
                        const TrainOptions& options, const std::string& device,
                        const Start& start) {
  if (start.kind == Start::Kind::kNew) return make_players(networks, options, device);
  const CheckpointState state = read_checkpoint_state(start.checkpoint);
  const bool resumed = start.kind == Start::Kind::kResume;
  if (network_to_json(state.networks.generator) != network_to_json(networks.generator) ||
      network_to_json(state.networks.critic) != network_to_json(networks.critic)) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} has other networks than these options and data make",
                            start.checkpoint.string()),
                "compare them: wgan describe CHECKPOINT, and wgan train --dry-run");
  }
  if (resumed && state.data.identity != dataset.identity) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} is not the data that {} was trained on", dataset.name,
                            run_of(start.checkpoint).string()),
                "give the path of the same data, or start a new run with --from");
  }
  check_model_file(start.checkpoint / "generator.safetensors", networks.generator);
  check_model_file(start.checkpoint / "critic.safetensors", networks.critic);
  Players players = make_players(networks, options, device);
  if (resumed) {
    read_players(start.checkpoint, state, players);
  } else {
    read_models(start.checkpoint, players);
  }
  return players;
}

// The monitor with what it has found so far.
class Health {
 public:
  Health(const TrainOptions& options, std::vector<Finding>& findings)
      : monitor_(options), findings_(findings) {}

  // Returns the names of what is wrong; begins: called for each of them that was not before.
  template <class Begins>
  std::vector<std::string> look(const Tick& tick, const Begins& begins) {
    std::vector<std::string> names;
    for (const Diagnosis& diagnosis : monitor_.look(tick)) {
      names.push_back(diagnosis.name);
      const auto known = std::ranges::find_if(findings_, [&](const Finding& finding) {
        return finding.diagnosis.name == diagnosis.name;
      });
      if (known == findings_.end()) {
        findings_.push_back({diagnosis, tick.step, tick.step});
      } else {
        known->last_step = tick.step;
      }
      if (std::ranges::find(before_, diagnosis.name) == before_.end()) begins(diagnosis);
    }
    before_ = names;
    return names;
  }

 private:
  HealthMonitor monitor_;
  std::vector<Finding>& findings_;
  std::vector<std::string> before_;  // names, at the tick before
};

Json findings_to_json(const std::vector<Finding>& findings) {
  Json json = Json::array();
  for (const Finding& f : findings) {
    json.push_back({{"name", f.diagnosis.name},
                    {"text", f.diagnosis.text},
                    {"remedy", f.diagnosis.remedy},
                    {"first_step", f.first_step},
                    {"last_step", f.last_step}});
  }
  return json;
}

// Adds the resumption to what run.json says of those before. set_aside: checkpoints that were.
void note_resume(RunFolder& folder, const Start& start, int64_t step, int64_t set_aside,
                 Json& manifest) {
  const Json before = folder.read_manifest();
  Json resumes = before.value("resumed", Json::array());
  if (!resumes.is_array()) resumes = Json::array();
  resumes.push_back({{"step", step}, {"changed", start.changes}});
  manifest["resumed"] = resumes;
  if (before.contains("from")) manifest["from"] = before["from"];
  std::string text = fmt::format("resumed at step {}", step);
  if (set_aside > 0) text += fmt::format(", {} later checkpoints set aside", set_aside);
  for (const std::string& change : start.changes) text += ", " + change;
  folder.append_log(text);
}

// The run's end in its folder, as well as that can be written: the error itself comes first.
void note_failure(RunFolder& folder, Json manifest, const std::exception& error, int64_t step) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
  const std::string text =
      torch_error ? torch_error->what_without_backtrace() : std::string(error.what());
  manifest["state"] = "failed";
  manifest["error"] = text;
  manifest["step"] = step;
  try {
    folder.write_manifest(manifest);
    folder.append_log(fmt::format("failed: {}", text));
  } catch (const Error&) {  // a full disk, which is what `error` says then
  }
}

// The device of a run.
std::string device_for(const TrainOptions& options) {
  const std::string device = resolve_device(options.device);
  if (options.precision == Precision::kTf32 && device == "cpu") {
    throw Error(ErrorKind::kUsage, "--precision tf32: CPUs have no TF32",
                "use --precision float32 or bf16, or --device cuda");
  }
  if (options.precision == Precision::kBf16 && device == "cpu" && !cpu_multiplies_bf16()) {
    throw Error(ErrorKind::kUsage,
                "--precision bf16: this processor has no AVX-512, which bfloat16 products need",
                "use --precision float32");
  }
  return device;
}

}  // namespace

std::filesystem::path run_of(const std::filesystem::path& checkpoint) {
  const std::filesystem::path whole = std::filesystem::absolute(checkpoint).lexically_normal();
  const std::filesystem::path folder =
      whole.has_filename() ? whole.parent_path() : whole.parent_path().parent_path();
  if (folder.filename() != "checkpoints") {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} lies in no run folder, wanted RUN/checkpoints/step-...",
                            checkpoint.string()),
                "start a new run with --from");
  }
  return folder.parent_path();
}

std::string resolve_device(const std::string& device) {
  const bool cuda = torch::cuda::is_available();
  if (device == "auto") return cuda ? "cuda" : "cpu";
  if (device == "cuda" && !cuda) {
    throw Error(ErrorKind::kUsage, "--device cuda: LibTorch sees no CUDA device",
                "use --device cpu, or a CUDA build of LibTorch (see wgan doctor)");
  }
  if (device != "cpu" && device != "cuda") {
    throw Error(ErrorKind::kUsage,
                fmt::format("--device is '{}', wanted cpu, cuda or auto", device));
  }
  return device;
}

Estimate estimate(const Dataset& dataset, const TrainOptions& options) {
  constexpr int64_t kMeasuredSteps = 3;
  const Networks networks = build_networks(options, dataset);
  Estimate result;
  const int64_t generator = parameter_count(networks.generator);
  const int64_t critic = parameter_count(networks.critic);
  result.parameters = generator + critic;
  result.memory_bytes = memory_need(networks, options);

  TrainOptions trial = options;
  trial.checkpoint_every.seconds = 0;
  trial.time.seconds = 0;
  trial.critic_bursts = false;
  Players players = make_players(networks, trial, device_for(trial));
  const TrainHooks silent{[](const Tick&) {}, [](const Players&) {}, [](const Players&) {},
                          [] { return false; }};
  trial.steps = 1;
  train(players, dataset, trial, silent);  // the first step pays for set-up
  trial.steps += kMeasuredSteps;
  const double start = now();
  train(players, dataset, trial, silent);
  result.seconds_per_step = (now() - start) / kMeasuredSteps;
  return result;
}

SessionResult run_session(const Dataset& dataset, const DataOptions& data_options,
                          const TrainOptions& options, const OptionSources& sources,
                          const SessionHooks& hooks, const Start& start) {
  const std::string device = device_for(options);
  const Networks networks = build_networks(options, dataset);
  const std::string name =
      options.name.empty() ? dataset.name + "-" + enum_name(options.objective) : options.name;
  if (device == "cpu") check_memory(networks, options);
  const bool resumed = start.kind == Start::Kind::kResume;
  Players players = started_players(networks, dataset, options, device, start);
  RunFolder folder =
      resumed ? RunFolder(run_of(start.checkpoint), players.step) : RunFolder(options.out, name);
  Json manifest = manifest_of(dataset, options, device);
  if (resumed) {
    const int64_t set_aside = set_aside_later(folder.checkpoints(), players.step);
    note_resume(folder, start, players.step, set_aside, manifest);
  }
  if (start.kind == Start::Kind::kFrom) manifest["from"] = start.checkpoint.string();
  SessionResult result;
  result.first_step = players.step;
  result.run = folder.path();
  const at::Tensor reals = begin(folder, resumed, [&] {  // rows to compare samples with
    folder.write_config(options_to_toml(data_options, options, sources));
    folder.write_manifest(manifest);
    const at::Tensor rows = data_rows(dataset, dataset.is_image() ? kGridImages : kCloudPoints);
    result.reals = folder.write_reals(rows);
    return rows;
  });
  std::unique_ptr<BestSoFar> best;
  if (options.evaluate_every > 0) {
    best = begin(folder, resumed, [&] {
      return std::make_unique<BestSoFar>(data_options, options, device, folder.path(),
                                         players.step);
    });
  }
  const std::optional<Dataset> test = begin(folder, resumed, [&] {
    return options.objective == Objective::kSemiSupervised ? test_part(data_options, options)
                                                           : std::nullopt;
  });
  const int64_t drawn = dataset.is_image() ? kGridImages : kCloudPoints;
  std::vector<uint64_t> seeds(static_cast<size_t>(drawn));
  std::iota(seeds.begin(), seeds.end(), uint64_t{0});
  Wanted wanted;
  if (options.conditional) wanted.conditions = data_conditions(dataset, drawn);
  double sampling_seconds = 0;
  TrainHooks train_hooks;
  Health health(options, result.findings);
  if (resumed) {
    for (const Tick& tick : folder.read_ticks()) health.look(tick, [](const Diagnosis&) {});
  }
  train_hooks.on_tick = [&](const Tick& tick) {
    std::vector<Diagnosis> begun;
    const auto names =
        health.look(tick, [&](const Diagnosis& diagnosis) { begun.push_back(diagnosis); });
    hooks.on_tick(tick, names);
    for (const Diagnosis& diagnosis : begun) {
      folder.append_log(diagnosis.name + ": " + diagnosis.text);
      hooks.on_diagnosis(diagnosis);
    }
    folder.append_tick(tick, names);
    folder.append_log(tick_to_json(tick).dump());
  };
  train_hooks.on_samples = [&](const Players& p) {
    const double before = now();
    result.samples = folder.write_samples(
        p.step, sample(averaged_generator(p, dataset, options), seeds, wanted), reals);
    sampling_seconds += now() - before;
    hooks.on_picture(result.samples);
    if (!test) return;
    result.test_errors = test_errors(p.critic, *test, kMostTestRows);
    folder.append_log(fmt::format("test errors at step {}: {} of {}", p.step,
                                  result.test_errors->errors, result.test_errors->rows));
    hooks.on_test_errors(p.step, *result.test_errors);
  };
  train_hooks.on_checkpoint = [&](const Players& p) {
    result.checkpoint = write_checkpoint(folder.checkpoints(), p,
                                         {.options = options,
                                          .data_options = data_options,
                                          .data = describe_data(dataset),
                                          .networks = networks},
                                         options.keep);
  };
  train_hooks.on_evaluation = [&](const Players& p) {
    const BestSoFar::Outcome found = best->look(averaged_generator(p, dataset, options));
    if (found.best) {
      train_hooks.on_checkpoint(p);
      mark_best(folder.checkpoints(), result.checkpoint);
      result.best = result.checkpoint;
    }
    folder.append_log(fmt::format("evaluation at step {}: {} {}{}", p.step, found.score.name,
                                  found.score.value, found.best ? ", the best so far" : ""));
    hooks.on_evaluation(p.step, found.score, found.best);
    return found.give_up;
  };
  train_hooks.should_stop = hooks.should_stop;
  train_hooks.should_save = hooks.should_save;
  train_hooks.profile = hooks.profile;
  bool told = false;
  train_hooks.on_obstacle = [&](const std::string& why) {
    if (!std::exchange(told, true)) folder.append_log("no CUDA graph: " + why);
  };

  const double began = now();
  try {
    result.end = train(players, dataset, options, train_hooks);
  } catch (const std::exception& error) {
    note_failure(folder, manifest, error, players.step);
    throw;
  }
  result.seconds = now() - began;
  result.step = players.step;
  manifest["state"] = end_text(result.end);
  manifest["step"] = players.step;
  manifest["seconds"] = result.seconds;
  manifest["findings"] = findings_to_json(result.findings);
  manifest["sampling_seconds"] = sampling_seconds;
  if (result.test_errors) {
    manifest["test_errors"] = {{"errors", result.test_errors->errors},
                               {"rows", result.test_errors->rows}};
  }
  if (hooks.profile != nullptr) {
    manifest["profile"] = profile_to_json(*hooks.profile, result.seconds);
  }
  folder.write_manifest(manifest);
  folder.append_log(fmt::format("{} at step {}", end_text(result.end), players.step));
  return result;
}

}  // namespace wgan
