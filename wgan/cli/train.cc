// wgan train: from a path to a generator and the pictures it makes.
#include <fmt/format.h>

#include <cmath>
#include <iostream>
#include <utility>

#include "wgan/cli/dry_run.h"
#include "wgan/cli/resume.h"
#include "wgan/cli/settings.h"
#include "wgan/cli/signals.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/core/processors.h"
#include "wgan/core/shell_word.h"
#include "wgan/data/open.h"
#include "wgan/io/config_file.h"
#include "wgan/judge/features.h"
#include "wgan/judge/reference.h"
#include "wgan/nn/threads.h"
#include "wgan/run/class_grid.h"
#include "wgan/run/device.h"
#include "wgan/run/estimate.h"
#include "wgan/run/fit_recipe.h"
#include "wgan/run/run_paths.h"
#include "wgan/run/session.h"
#include "wgan/run/tick_line.h"
#include "wgan/train/combinations.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

// Thrown where a run is stopped while its data are still being prepared: there is nothing to save.
struct Interrupted {};

constexpr std::chrono::milliseconds kGlance(200);  // at what other processes do

struct TrainRequest {
  Settings settings;
  std::string data;
  std::string config;
  std::string resume;
  std::string from;
  bool keep_optimizer = false;
  bool dry_run = false;
  bool verbose = false;
  bool profile = false;
  bool json = false;
  bool markdown = false;
};

// Options as the recipe, the file and the flags make them, and the data they are for.
struct Resolved {
  DataOptions data_options;
  SessionOptions options;
  Dataset dataset;
  OptionSources sources;
  Start start;
  Taken taken;  // before, of a run that is resumed
};

Settings settings_of(const TrainRequest& request) {
  Settings settings;
  if (!request.config.empty()) settings = read_config_file(request.config);
  for (const Setting& flag : request.settings) {
    std::erase_if(settings, [&](const Setting& s) { return s.name == flag.name; });
    settings.push_back(flag);
  }
  check_names(settings);
  return settings;
}

Dataset opened(const DataOptions& options, int64_t seed, Terminal& terminal) {
  const auto progress = [&](int64_t done, int64_t total) {
    if (stopping_signal() != 0) throw Interrupted();
    const std::string text = fmt::format("preparing {}/{}", done, total);
    if (done == total) {
      terminal.line(text);
    } else {
      terminal.flicker(text);
    }
  };
  return open_dataset(options, static_cast<uint64_t>(seed), progress);
}

// Of a new run: the recipe's options, and the settings over them.
Resolved resolve_new(const Settings& settings, Terminal& terminal) {
  Resolved r;
  r.sources = sources_of(settings);
  apply_settings(settings, r.data_options);
  TrainOptions asked;
  apply_settings(settings, asked);
  JudgeOptions judge;
  apply_settings(settings, judge);
  if (asked.cadence.evaluate_every > 0) check_features(judge.space, r.data_options);
  r.dataset = opened(r.data_options, asked.seed, terminal);
  r.options = resolve_options(r.dataset, settings);
  return r;
}

// Of a run that goes on, or starts from another's weights: that run's options, and the settings.
Resolved resolve_started(const TrainRequest& request, const Settings& settings,
                         Terminal& terminal) {
  const bool resumed = !request.resume.empty();
  Resolved r;
  const auto tell = [&](const auto&, const auto& what) { tell_damaged(terminal, what); };
  if (resumed) {
    r.start = resume_at(request.resume, "runs", tell);
  } else {
    r.start = {.kind = Start::Kind::kFrom,
               .checkpoint = find_checkpoint(request.from, "runs", tell),
               .keep_optimizer = request.keep_optimizer};
  }
  CheckpointState state = read_checkpoint_state(r.start.checkpoint);
  if (resumed) {
    r.start.changes = change_options(settings, state);
    r.taken = {state.step, state.seconds};
    r.start.patience_from = state.patience_from;
  } else {
    if (gives_length(settings)) state.options.train.length = {};
    apply_settings(settings, state.data_options);
    apply_settings(settings, state.options);
  }
  r.data_options = state.data_options;
  r.options = state.options;
  if (!given(settings, "data")) {
    r.data_options = data_of_run(
        r.data_options, r.start.checkpoint,
        fmt::format("give its path: wgan train PATH --{} RUN", resumed ? "resume" : "from"));
  }
  if (!given(settings, "features")) {
    r.options.judge.space = features_of_run(r.options.judge.space, r.start.checkpoint);
  }
  for (const Fields& fields : {r.data_options.fields(), r.options.fields()}) {
    for (const Field& field : fields) r.sources[field.name] = "run";
  }
  for (const Setting& setting : settings) r.sources[setting.name] = setting.source;
  r.dataset = opened(r.data_options, r.options.train.seed, terminal);
  check_options(r.options, r.dataset);
  terminal.line(fmt::format("{} {} at step {}", resumed ? "resuming" : "starting from",
                            r.start.checkpoint.string(), state.step));
  for (const std::string& change : r.start.changes) terminal.line("changed: " + change);
  return r;
}

TestPart test_part_of(const Resolved& r) {
  if (r.data_options.split != Split::kTrain) return TestPart::kNone;
  const auto seed = static_cast<uint64_t>(r.options.train.seed);
  if (open_reference(r.data_options, seed).training) return TestPart::kPresent;
  return r.sources.at("holdout") == "recipe" ? TestPart::kPossible : TestPart::kNone;
}

// Lets recipe fast fit the pictures, the time and the machine, and tells what it has chosen.
void fit_new(Resolved& r, const Settings& settings, Terminal& terminal) {
  if (!fits_recipe(r.dataset, r.options)) return;
  const RecipeFit fit = fit_recipe(
      r.dataset, [&] { return test_part_of(r); }, r.options, settings,
      [&](const SessionOptions& options) { return estimate(r.dataset, options).seconds_per_step; });
  for (const std::string& reason : fit.reasons) terminal.line("fitted: " + reason);
  Settings all = fit.settings;
  all.insert(all.end(), settings.begin(), settings.end());
  if (given(fit.settings, "holdout")) {
    apply_settings(fit.settings, r.data_options);
    r.dataset = opened(r.data_options, r.options.train.seed, terminal);
  }
  r.options = resolve_options(r.dataset, all);
  r.sources = sources_of(all);
}

Resolved resolve(const TrainRequest& request, const Settings& settings, Terminal& terminal) {
  return request.resume.empty() && request.from.empty()
             ? resolve_new(settings, terminal)
             : resolve_started(request, settings, terminal);
}

std::string data_text(const Dataset& dataset) {
  const bool shaped = !dataset.row_shape.empty();
  const char* one = dataset.is_image() ? "image" : shaped ? "row" : "vector";
  std::string text =
      fmt::format("data: {}, {} {} of {}", dataset.name,
                  dataset.endless ? "endless" : count_text(static_cast<double>(dataset.size)),
                  noun(dataset.endless ? 0 : dataset.size, one),
                  dataset.is_image() ? picture_text(dataset.shape)
                                     : shape_text(shaped ? dataset.row_shape : dataset.shape));
  if (dataset.labelled()) text += ", " + counted(dataset.class_names.size(), "class", "classes");
  if (dataset.condition_size() > 0) {
    text += ", " + counted(dataset.condition_size(), "condition") + " a row";
  }
  return text;
}

const char* end_text(TrainEnd end) {
  switch (end) {
    case TrainEnd::kSteps:
      return "done";
    case TrainEnd::kTime:
      return "time is up";
    case TrainEnd::kPatience:
      return "no longer better";
    case TrainEnd::kStopped:
      return "interrupted and saved";
  }
  return "";
}

// Takes the field out of its group.
Field taken(std::vector<FieldGroup>& groups, std::string_view name) {
  for (FieldGroup& group : groups) {
    const auto found = std::ranges::find(group.fields, name, &Field::name);
    if (found == group.fields.end()) continue;
    Field field = *found;
    group.fields.erase(found);
    return field;
  }
  throw Error(ErrorKind::kInternal, fmt::format("there is no option {}", name));
}

// The most used options come first, then the others in their groups.
void add_train_flags(CLI::App& command, TrainRequest& request) {
  const char* const kMostUsed = "Most used options";
  const char* const kGeneral = "General options";
  DataOptions data;
  SessionOptions defaults = picture_defaults();
  std::vector<FieldGroup> groups{{"Data", data.fields()}};
  for (FieldGroup& group : defaults.groups()) groups.push_back(std::move(group));
  taken(groups, "data");  // it is the argument
  FieldGroup most_used{kMostUsed, {}};
  for (const char* name : {"time", "steps", "size", "conditional", "recipe", "name"}) {
    most_used.fields.push_back(taken(groups, name));
  }
  command.add_option(
      "data", request.data,
      "image folder or zip, IDX or CIFAR folder, NPY, NPZ, or strokes (the default), "
      "gaussians8, gaussians25, swissroll");
  add_option_flags(command, most_used, request.settings);
  CLI::Option* resume =
      command
          .add_option("--resume", request.resume,
                      "continue a run (its folder, one of its checkpoints, or latest) as if it had "
                      "never stopped")
          ->group(kMostUsed);
  CLI::Option* from =
      command
          .add_option("--from", request.from,
                      "start a new run from the weights of another (run folder, checkpoint or "
                      "latest)")
          ->excludes(resume)
          ->group(kMostUsed);
  command
      .add_flag("--keep-optimizer", request.keep_optimizer,
                "with --from: keep the optimizers' moments and counts of steps too")
      ->needs(from)
      ->group(kGeneral);
  command.add_option("--config", request.config, "TOML file of options; flags override it")
      ->group(kMostUsed);
  command
      .add_flag("--dry-run", request.dry_run,
                "say how long it takes, what comes of it and what to change; train nothing")
      ->group(kMostUsed);
  command
      .add_flag("--verbose", request.verbose,
                "with --dry-run: all options, and the layers of the networks")
      ->group(kGeneral);
  command.add_flag("--profile", request.profile, "report at the end how the time was spent")
      ->group(kGeneral);
  command
      .add_flag("--json", request.json, "results as JSON objects on stdout, one per progress line")
      ->group(kGeneral);
  command.add_flag("--options-markdown", request.markdown, "print docs/options.md")
      ->group(kGeneral);
  command.set_help_flag("-h,--help", "print this help and exit")->group(kGeneral);
  for (const FieldGroup& group : groups) add_option_flags(command, group, request.settings);
  command.footer(combinations_text());
}

std::string length_text(const Length& length) {
  std::string text;
  if (length.steps > 0) {
    text = fmt::format("{} {}", count_text(static_cast<double>(length.steps)),
                       noun(length.steps, "step"));
  }
  if (length.time.seconds > 0) {
    text += (text.empty() ? "for " : ", at most ") + duration_text(length.time.seconds);
  }
  if (text.empty()) return "without end";
  if (!length.extend.empty()) text += ", extended by " + length.extend;
  return text;
}

// What the run has left, and commands to paste.
std::string places_text(const SessionResult& result) {
  std::string text;
  if (!result.best.empty()) text += fmt::format("best:    {}\n", result.best.string());
  const std::string run = shell_path(result.run);
  text += fmt::format("run:     {}\nreal:    {}\nsamples: {}\nmore:    wgan sample {} --seeds 0-63",
                      result.run.string(), result.reals.string(), result.samples.string(), run);
  if (result.end == TrainEnd::kStopped) text += "\ngo on:   wgan train --resume " + run;
  return text;
}

int run_training(const Resolved& r, bool profiled, Terminal& terminal) {
  terminal.line(
      fmt::format("training {} (recipe {}, network {}) on {}, {}; Ctrl-C saves and stops",
                  enum_name(r.options.train.objective.kind), enum_name(r.options.train.recipe),
                  enum_name(r.options.train.players.net), resolve_device(r.options.run.device),
                  length_text(r.options.train.length)));
  SessionHooks hooks;
  hooks.on_tick = [&](const Tick& tick, const std::vector<std::string>& diagnoses) {
    terminal.tick(tick_line(tick, r.options.train, r.dataset.is_image() ? "images" : "rows"));
    Json object = tick_to_json(tick);
    if (!diagnoses.empty()) object["diagnoses"] = diagnoses;
    terminal.object(object);
  };
  hooks.on_extension = [&](const std::string& text) { terminal.line(text); };
  hooks.on_diagnosis = [&](const Diagnosis& d) {
    terminal.line(fmt::format("{}: {}; {}", d.name, d.text, d.remedy));
  };
  hooks.on_evaluation = [&](int64_t step, const Score& score, bool best) {
    terminal.line(fmt::format(
        "evaluation at step {}: {} {:.5g}{}{}", count_text(static_cast<double>(step)), score.name,
        score.value, std::isnan(score.real) ? "" : fmt::format(" (real rows {:.5g})", score.real),
        best ? ", the best so far" : ""));
  };
  hooks.on_test_errors = [&](int64_t step, const TestErrors& test) {
    terminal.line(fmt::format("test errors at step {}: {} of {} ({:.2f} %)",
                              count_text(static_cast<double>(step)), test.errors, test.rows,
                              100.0 * static_cast<double>(test.errors) /
                                  static_cast<double>(std::max<int64_t>(1, test.rows))));
  };
  bool first_picture = true;
  hooks.on_picture = [&](const std::filesystem::path& file, const std::vector<std::string>& rows) {
    if (first_picture) {
      terminal.line("samples as it trains: " + file.parent_path().string() +
                    (rows.empty() ? "" : ", " + rows_text(rows)));
    }
    first_picture = false;
  };
  hooks.should_stop = [] { return stopping_signal() != 0; };
  hooks.should_save = [] { return take_save_request(); };
  Profile profile(/*wait_for_device=*/resolve_device(r.options.run.device) != "cpu");
  if (profiled) hooks.profile = &profile;
  const SessionResult result =
      run_session(r.dataset, r.data_options, r.options, r.sources, hooks, r.start);
  std::string told =
      fmt::format("{}: {} {} in {}", end_text(result.end),
                  count_text(static_cast<double>(result.step - result.first_step)),
                  noun(result.step - result.first_step, "step"), duration_text(result.seconds));
  if (result.first_step > 0) {
    told += fmt::format(", {} in all", count_text(static_cast<double>(result.step)));
  }
  terminal.line(told);
  for (const Finding& f : result.findings) {
    terminal.line(fmt::format(
        "seen at steps {} to {}{}: {}: {}", count_text(static_cast<double>(f.first_step)),
        count_text(static_cast<double>(f.last_step)),
        f.last_step < result.step ? ", and over since" : "", f.diagnosis.name, f.diagnosis.text));
  }
  terminal.line("verdict: " + result.verdict.text);
  terminal.line("next:    " + result.verdict.advice);
  if (profiled) terminal.line(profile_text(profile, result.seconds));
  terminal.result(places_text(result));
  Json object{{"ok", true},
              {"run", result.run.string()},
              {"checkpoint", result.checkpoint.string()},
              {"best", result.best.string()},
              {"reals", result.reals.string()},
              {"samples", result.samples.string()},
              {"step", result.step},
              {"seconds", result.seconds},
              {"skipped", r.dataset.skipped.size()},
              {"verdict", verdict_to_json(result.verdict)}};
  if (result.test_errors) object["test_errors"] = result.test_errors->errors;
  terminal.object(object);
  return stopping_signal() == 0 ? 0 : 128 + stopping_signal();
}

// --extend 2000 steps, without quotes: "steps" is no data set then.
void take_unit_of_extension(TrainRequest& request) {
  if (request.data != "steps" && request.data != "step") return;
  for (Setting& setting : request.settings) {
    if (setting.name != "extend" || std::filesystem::exists(request.data)) continue;
    setting.text += " " + request.data;
    request.data.clear();
  }
}

}  // namespace

int train_verb(const Arguments& arguments) {
  CLI::App command(
      "Trains a generator on data and keeps everything in a run folder. Without --time and --steps "
      "a run is as long as its recipe says. The defaults shown are those of recipe fast for "
      "images; "
      "--dry-run --verbose prints those for your data.",
      "wgan train");
  TrainRequest request;
  add_train_flags(command, request);
  if (!parse_arguments(command, arguments)) return 0;
  if (request.markdown) {
    std::cout << options_markdown();
    return 0;
  }
  take_unit_of_extension(request);
  if (!request.data.empty()) request.settings.push_back({"data", request.data, "flag"});
  Terminal terminal(request.json);
  listen_to_signals();
  try {
    const Settings settings = settings_of(request);
    Resolved r = resolve(request, settings, terminal);
    if (stopping_signal() != 0) throw Interrupted();
    const int threads = use_threads(r.options.run.threads);
    terminal.line(data_text(r.dataset));
    for (const std::string& note : r.dataset.notes) terminal.line("  " + note);
    warn_of_empty_classes(terminal, r.dataset.class_names, r.dataset.class_sizes());
    warn_of_skipped(terminal, "image was skipped", "images were skipped", r.dataset.skipped);
    warn_of_enlarged(terminal, r.dataset.enlarged);
    if (r.dataset.is_image()) {
      const std::vector<int64_t>& shape = r.dataset.shape;
      warn_of_cut(terminal, r.dataset.cut, r.dataset.aspect, {shape[1], shape[0]});
      tell_transparency(terminal, r.data_options, shape[2]);
    }
    if (r.start.kind == Start::Kind::kNew) fit_new(r, settings, terminal);
    if (resolve_device(r.options.run.device) == "cpu") {
      warn_of_crowd(terminal, threads, ProcessorWatch().use_within(kGlance).others);
    }
    if (!request.dry_run) return run_training(r, request.profile, terminal);
    return dry_run({r.dataset, r.data_options, r.options, r.sources, r.taken}, request.verbose,
                   terminal);
  } catch (const Interrupted&) {
    terminal.line("interrupted before the training began: nothing to save");
    terminal.object({{"ok", false},
                     {"error",
                      {{"code", "interrupted"},
                       {"message", "interrupted before the training began"},
                       {"hint", ""}}}});
    return 128 + stopping_signal();
  }
}

}  // namespace wgan
