// Ties the trainer to its run folder.
#include "wgan/run/session.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/version.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "wgan/core/shell_word.h"
#include "wgan/judge/data_rows.h"
#include "wgan/judge/reference.h"
#include "wgan/run/best.h"
#include "wgan/run/checkpoint.h"
#include "wgan/run/class_grid.h"
#include "wgan/run/device.h"
#include "wgan/run/estimate.h"
#include "wgan/run/run_paths.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

constexpr int64_t kGridImages = 64;
constexpr int64_t kGridColumns = 8;
constexpr int64_t kCloudPoints = 2000;
constexpr int64_t kMostTestRows = 10'000;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
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

// Rows that training does not see, where a semi-supervised run's discriminator is tested on them or
// the augmentation is steered by them; none where the data has no test part.
std::optional<Dataset> held_out_part(const DataOptions& data_options, const TrainOptions& options) {
  const bool tested = options.objective.kind == Objective::kSemiSupervised;
  if (!tested && options.augment.target == 0) return std::nullopt;
  ReferenceSets sets = open_reference(data_options, static_cast<uint64_t>(options.seed));
  if (!sets.training) return std::nullopt;
  return std::move(sets.held_out);
}

// Adds the resumption to what run.json says of those before. set_aside: checkpoints that were.
void note_resume(RunFolder& folder, const Start& start, int64_t step, int64_t set_aside,
                 Json& manifest) {
  const Json before = folder.read_manifest();
  Json resumes = before.value("resumed", Json::array());
  if (!resumes.is_array()) resumes = Json::array();
  resumes.push_back({{"step", step}, {"changed", start.changes}});
  manifest["resumed"] = resumes;
  for (const char* origin : {"from", "kept_optimizer"}) {
    if (before.contains(origin)) manifest[origin] = before[origin];
  }
  std::string text = fmt::format("resumed at step {}", step);
  if (set_aside > 0) text += fmt::format(", {} later checkpoints set aside", set_aside);
  for (const std::string& change : start.changes) text += ", " + change;
  folder.append_log(text);
}

// That an extension begins, and what the schedules make of it.
std::string extension_told(const Players& players, const TrainOptions& options) {
  const PartLength part = parts_of(options.length).at(static_cast<size_t>(players.part.number));
  const bool rates = options.optimizer.lr_decay || has_rate_ramps(options.optimizer);
  std::string falling = rates ? "the learning rates" : "";
  if (options.stabilisers.instance_noise > 0) {
    falling += falling.empty() ? "the instance noise" : " and the instance noise";
  }
  const std::string text =
      fmt::format("extension at step {}: on for {}", players.step, extensions_text({part}));
  if (falling.empty()) return text + ", with the learning rates as they are";
  return fmt::format("{}, with {} from what they were at the start", text, falling);
}

SessionOptions with_absolute_features(SessionOptions options) {
  options.judge.space = with_absolute_paths(options.judge.space);
  return options;
}

// One session of training, and what it leaves in the run folder. The methods named on_... are what
// the trainer calls, in this order.
class Session {
 public:
  Session(const Dataset& dataset, const DataOptions& data_options, const SessionOptions& options,
          const SessionHooks& hooks, const Start& start)
      : dataset_(dataset),
        data_options_(with_absolute_paths(data_options)),
        options_(with_absolute_features(options)),
        hooks_(hooks),
        resumed_(start.kind == Start::Kind::kResume),
        patience_from_(start.patience_from),
        device_(resolve_device(options.run.device, options.train.compute.precision)),
        networks_(build_networks(options.train, dataset)),
        players_(started(start)),
        folder_(resumed_ ? RunFolder(start.run, players_.step, start.lock)
                         : RunFolder(options.run.out, name())),
        health_(options.train, result_.findings) {}

  SessionResult run(const OptionSources& sources, const Start& start) {
    try {
      prepare(sources, start);
    } catch (...) {
      if (!resumed_) folder_.discard();  // one that cannot begin leaves no folder
      throw;
    }
    const double began = now();
    try {
      result_.end = train(players_, dataset_, options_.train, train_hooks());
    } catch (const std::exception& error) {
      note_failure(error);
      const auto* known = dynamic_cast<const Error*>(&error);
      if (known == nullptr || known->kind() != ErrorKind::kDiverged) throw;
      throw Error(known->kind(), known->what(), known->hint() + way_on(result_.checkpoint));
    }
    result_.seconds = now() - began;
    note_end();
    return std::move(result_);
  }

 private:
  Players started(const Start& start) const {
    if (device_ == "cpu") check_memory(networks_, options_.train);
    return started_players(networks_, dataset_, options_.train, device_, start);
  }

  std::string name() const {
    if (!options_.run.name.empty()) return options_.run.name;
    return dataset_.name + "-" + enum_name(options_.train.objective.kind);
  }

  // What a run does before its first step.
  void prepare(const OptionSources& sources, const Start& start) {
    result_.first_step = players_.step;
    result_.run = folder_.path();
    if (resumed_) result_.checkpoint = start.checkpoint;
    begin_manifest(start);
    folder_.write_config(options_to_toml(data_options_, options_, sources));
    choose_pictures();
    folder_.write_manifest(manifest_);
    if (options_.train.cadence.evaluate_every > 0) {
      best_ = std::make_unique<BestSoFar>(data_options_, seed(), options_.judge, device_,
                                          folder_.path(), players_.step, patience_from_);
    }
    held_out_ = held_out_part(data_options_, options_.train);
    if (!resumed_) return;
    for (const Tick& tick : folder_.read_ticks()) health_.look(tick, [](const Diagnosis&) {});
  }

  // Which rows and samples the pictures show: those of a grid of classes where there are classes.
  void choose_pictures() {
    if (dataset_.is_image()) grid_ = class_grid(shown_classes(generator()));
    if (grid_.columns > 0) {
      const std::vector<int64_t> rows = rows_of_classes(dataset_, grid_.classes);
      reals_ = rows_at(dataset_, rows);
      seeds_ = grid_.seeds;
      wanted_.classes = torch::tensor(grid_.classes, torch::kInt64);
      wanted_.conditions = conditions_at(dataset_, rows);
      row_names_ = row_names(grid_, dataset_.class_names);
      manifest_["picture_rows"] = row_names_;
      folder_.append_log("pictures: " + rows_text(row_names_));
    } else {
      grid_.columns = kGridColumns;
      reals_ = data_rows(dataset_, drawn());
      seeds_.resize(static_cast<size_t>(drawn()));
      std::iota(seeds_.begin(), seeds_.end(), uint64_t{0});
      if (options_.train.players.conditional) {
        wanted_.conditions = data_conditions(dataset_, drawn());
      }
    }
    result_.reals = folder_.write_reals(reals_, grid_.columns);
  }

  void begin_manifest(const Start& start) {
    manifest_["schema"] = 1;
    manifest_["state"] = "running";
    manifest_["wgan"] = WGAN_VERSION;
    manifest_["libtorch"] = TORCH_VERSION;
    manifest_["device"] = device_;
    manifest_["threads"] = at::get_num_threads();
    manifest_["seed"] = options_.train.seed;
    manifest_["data"] = {
        {"name", dataset_.name}, {"identity", dataset_.identity}, {"rows", dataset_.size}};
    if (!options_.train.length.extend.empty()) manifest_["extended"] = options_.train.length.extend;
    if (start.kind == Start::Kind::kFrom) manifest_["from"] = start.checkpoint.string();
    if (start.keep_optimizer) manifest_["kept_optimizer"] = true;
    if (!resumed_) return;
    const int64_t set_aside = set_aside_later(folder_.checkpoints(), players_.step);
    note_resume(folder_, start, players_.step, set_aside, manifest_);
  }

  TrainHooks train_hooks() {
    TrainHooks hooks;
    hooks.on_tick = [this](const Tick& tick) { on_tick(tick); };
    hooks.on_samples = [this](const Players&) { on_samples(); };
    hooks.on_checkpoint = [this](const Players&) { on_checkpoint(); };
    hooks.on_evaluation = [this](const Players&) { return on_evaluation(); };
    hooks.on_extension = [this](const Players& players) {
      const std::string text = extension_told(players, options_.train);
      folder_.append_log(text);
      hooks_.on_extension(text);
    };
    hooks.on_obstacle = [this](const std::string& why) { on_obstacle(why); };
    hooks.should_stop = hooks_.should_stop;
    hooks.should_save = hooks_.should_save;
    hooks.profile = hooks_.profile;
    if (held_out_) hooks.held_out = &*held_out_;
    return hooks;
  }

  void on_tick(const Tick& tick) {
    std::vector<Diagnosis> begun;
    const auto names =
        health_.look(tick, [&](const Diagnosis& diagnosis) { begun.push_back(diagnosis); });
    hooks_.on_tick(tick, names);
    for (const Diagnosis& diagnosis : begun) {
      folder_.append_log(diagnosis.name + ": " + diagnosis.text);
      hooks_.on_diagnosis(diagnosis);
    }
    folder_.append_tick(tick, names);
    folder_.append_log(tick_to_json(tick).dump());
  }

  void on_samples() {
    const double before = now();
    result_.samples = folder_.write_samples(players_.step, sample(generator(), seeds_, wanted_),
                                            reals_, grid_.columns);
    sampling_seconds_ += now() - before;
    hooks_.on_picture(result_.samples, row_names_);
    if (!held_out_ || options_.train.objective.kind != Objective::kSemiSupervised) return;
    result_.test_errors = test_errors(players_.critic, *held_out_, kMostTestRows);
    folder_.append_log(fmt::format("test errors at step {}: {} of {}", players_.step,
                                   result_.test_errors->errors, result_.test_errors->rows));
    hooks_.on_test_errors(players_.step, *result_.test_errors);
  }

  void on_checkpoint() {
    result_.checkpoint = write_checkpoint(folder_.checkpoints(), players_,
                                          {.patience_from = patience_from_,
                                           .options = options_,
                                           .data_options = data_options_,
                                           .data = describe_data(dataset_),
                                           .networks = networks_},
                                          options_.run.keep);
  }

  bool on_evaluation() {
    const BestSoFar::Outcome found = best_->look(generator());
    if (found.best) {
      on_checkpoint();
      mark_best(folder_.checkpoints(), result_.checkpoint);
      result_.best = result_.checkpoint;
    }
    folder_.append_log(fmt::format("evaluation at step {}: {} {}{}", players_.step,
                                   found.score.name, found.score.value,
                                   found.best ? ", the best so far" : ""));
    hooks_.on_evaluation(players_.step, found.score, found.best);
    return found.give_up;
  }

  void on_obstacle(const std::string& why) {
    if (!std::exchange(obstacle_told_, true)) folder_.append_log("no CUDA graph: " + why);
  }

  void note_end() {
    result_.step = players_.step;
    manifest_["state"] = end_text(result_.end);
    manifest_["step"] = players_.step;
    manifest_["seconds"] = result_.seconds;
    manifest_["findings"] = findings_to_json(result_.findings);
    result_.verdict = verdict({.end = result_.end,
                               .options = options_.train,
                               .ticks = folder_.read_ticks(),
                               .findings = result_.findings,
                               .evaluated = read_evaluated(folder_.path(), options_.judge.best_by),
                               .rows = dataset_.endless ? 0 : dataset_.size,
                               .pictures = dataset_.is_image(),
                               .run = folder_.path().string()});
    manifest_["verdict"] = verdict_to_json(result_.verdict);
    manifest_["sampling_seconds"] = sampling_seconds_;
    if (result_.test_errors) {
      manifest_["test_errors"] = {{"errors", result_.test_errors->errors},
                                  {"rows", result_.test_errors->rows}};
    }
    if (hooks_.profile != nullptr) {
      manifest_["profile"] = profile_to_json(*hooks_.profile, result_.seconds);
    }
    folder_.write_manifest(manifest_);
    folder_.append_log(fmt::format("{} at step {}", end_text(result_.end), players_.step));
  }

  // As well as the end can be written: the error itself comes first.
  void note_failure(const std::exception& error) {
    const auto* torch_error = dynamic_cast<const c10::Error*>(&error);
    const std::string text =
        torch_error ? torch_error->what_without_backtrace() : std::string(error.what());
    manifest_["state"] = "failed";
    manifest_["error"] = text;
    manifest_["step"] = players_.step;
    try {
      folder_.write_manifest(manifest_);
      folder_.append_log(fmt::format("failed: {}", text));
    } catch (const Error&) {  // a full disk, which is what `error` says then
    }
  }

  // What is left of a run that diverged, and what to do with it: added to a hint.
  std::string way_on(const std::filesystem::path& checkpoint) const {
    if (checkpoint.empty()) return "; there is no checkpoint yet";
    return fmt::format(
        "; the last checkpoint is good: wgan train --from {} --critic-lr {:g} --generator-lr {:g}",
        shell_path(checkpoint), options_.train.optimizer.critic_lr.start / 2,
        options_.train.optimizer.generator_lr.start / 2);
  }

  // The moving average, as it is now.
  Generator generator() const { return averaged_generator(players_, dataset_, options_.train); }

  int64_t drawn() const { return dataset_.is_image() ? kGridImages : kCloudPoints; }
  uint64_t seed() const { return static_cast<uint64_t>(options_.train.seed); }

  const Dataset& dataset_;
  const DataOptions data_options_;
  const SessionOptions options_;
  const SessionHooks& hooks_;
  const bool resumed_;
  const int64_t patience_from_;
  const std::string device_;
  const Networks networks_;
  Players players_;
  RunFolder folder_;
  SessionResult result_;
  HealthRecord health_;
  Json manifest_;
  at::Tensor reals_;  // rows to compare samples with
  std::unique_ptr<BestSoFar> best_;
  std::optional<Dataset> held_out_;
  ClassGrid grid_;  // of the pictures
  std::vector<std::string> row_names_;
  std::vector<uint64_t> seeds_;  // of the samples
  Wanted wanted_;
  double sampling_seconds_ = 0;
  bool obstacle_told_ = false;
};

}  // namespace

SessionResult run_session(const Dataset& dataset, const DataOptions& data_options,
                          const SessionOptions& options, const OptionSources& sources,
                          const SessionHooks& hooks, const Start& start) {
  return Session(dataset, data_options, options, hooks, start).run(sources, start);
}

}  // namespace wgan
