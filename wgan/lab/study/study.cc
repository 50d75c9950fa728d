// The runner.
#include "wgan/lab/study/study.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <map>
#include <optional>

#include "wgan/data/open.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/image.h"
#include "wgan/io/json_fields.h"
#include "wgan/io/json_lines.h"
#include "wgan/judge/features.h"
#include "wgan/judge/reference.h"
#include "wgan/nn/threads.h"
#include "wgan/run/device.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/picture.h"
#include "wgan/run/session.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json lines_to_json(const Settings& lines) {
  Json json = Json::object();
  for (const Setting& line : lines) json[line.name] = line.text;
  return json;
}

Json study_to_json(const Study& study) {
  Json json{{"shared", lines_to_json(study.shared)}};
  for (const StudyRecipe& recipe : study.recipes) {
    json["recipes"][recipe.name] = lines_to_json(recipe.lines);
  }
  for (const Choice& choice : study.choices) json["draw"][choice.key] = choice.texts;
  return json;
}

// The folder belongs to this study from now on.
void claim(const fs::path& out, const Study& study) {
  const fs::path file = out / "study.json";
  const Json json = study_to_json(study);
  if (fs::exists(file)) {
    const auto there = read_json_lines(file);
    if (there.size() == 1 && there[0] == json) return;
    throw Error(ErrorKind::kUsage, fmt::format("{} holds another study", out.string()),
                "give another folder with --out, or the options that it was begun with");
  }
  fs::create_directories(out);
  write_file_atomically(file, json.dump() + "\n");
}

StudyResult result_from_json(const Json& json, const std::vector<Job>& jobs) {
  StudyResult r;
  r.job = json_field<std::string>(json, "job");
  const auto job = std::ranges::find(jobs, r.job, &Job::name);
  if (job == jobs.end()) {
    throw Error(ErrorKind::kData, fmt::format("results of an unknown run '{}'", r.job));
  }
  r.recipe = job->recipe, r.draw = job->draw, r.seed = job->seed;
  r.run = json_field<std::string>(json, "run");
  r.step = json_field<int64_t>(json, "step");
  r.seconds = json_field<double>(json, "seconds");
  r.failure = json_field<std::string>(json, "failure");
  for (const Json& score : json.at("scores")) r.scores.push_back(score_from_json(score));
  return r;
}

// What the runs are measured with, the same for all. Throws Error(kUsage) where it cannot be.
GeneratorJudge judge_of(const Study& study, const StudyHooks& hooks) {
  DataOptions data;
  SessionOptions session;
  StudyOptions o;
  apply_settings(study.shared, data);
  apply_settings(study.shared, session);
  apply_settings(study.shared, o);
  check_features(session.judge.space, data);
  GeneratorJudge judge(data, 0, session.judge, parse_measures(o.measures),
                       resolve_device(session.run.device), hooks.on_preparing);
  for (const Measure measure : judge.measures()) {
    const std::string why = judge.obstacle(measure);
    if (!why.empty()) {
      throw Error(ErrorKind::kUsage, fmt::format("measure {}: {}", enum_name(measure), why));
    }
  }
  return judge;
}

// Where the job's run was stopped; otherwise it has to begin.
Start unfinished(const fs::path& runs, const std::string& name) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(runs, ignored)) {
    const std::string folder = entry.path().filename().string();
    const size_t dash = folder.find('-');
    if (dash == std::string::npos || folder.substr(dash + 1) != name) continue;
    try {
      return resume_at(entry.path().string(), runs);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::kUsage) throw;  // another process trains it
    }  // otherwise it was stopped before its first checkpoint
  }
  return {};
}

// Trains the job's generator; nothing where it was told to stop.
std::optional<StudyResult> trained(const Job& job, const fs::path& out, const StudyHooks& hooks) {
  StudyResult result{.job = job.name, .recipe = job.recipe, .draw = job.draw, .seed = job.seed};
  DataOptions data_options;
  apply_settings(job.lines, data_options);
  const Dataset dataset =
      open_dataset(data_options, static_cast<uint64_t>(job.seed), hooks.on_preparing);
  SessionOptions options = options_of(job, dataset);
  options.run.out = (out / "runs").string();
  use_threads(options.run.threads);
  SessionHooks session;
  session.on_tick = [&](const Tick& tick, const auto&) { hooks.on_tick(tick); };
  session.should_stop = hooks.should_stop;
  OptionSources sources;
  for (const Fields& fields : {data_options.fields(), options.fields()}) {
    for (const Field& field : fields) sources[field.name] = "study";
  }
  const Start start = unfinished(options.run.out, job.name);
  try {
    const SessionResult done = run_session(dataset, data_options, options, sources, session, start);
    if (done.end == TrainEnd::kStopped) return std::nullopt;
    result.run = done.run;
    result.step = done.step;
    result.seconds = done.seconds;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kDiverged) throw;
    result.failure = error.what();
  }
  return result;
}

// Samples of every run: a row a draw and seed, the recipes side by side. Runs that failed are
// black.
void write_samples(const fs::path& file, const Study& study,
                   const std::vector<StudyResult>& results, const Dataset& dataset) {
  constexpr int64_t kEach = 6;
  constexpr size_t kMostRows = 60;
  std::vector<at::Tensor> tiles;
  for (const StudyResult& result : results) {
    if (tiles.size() >= kMostRows * study.recipes.size()) break;
    if (!result.failure.empty()) {
      tiles.emplace_back();
      continue;
    }
    tiles.push_back(first_samples(load_generator(result.run), 0, kEach, dataset));
    if (tiles.back().dim() != 4) return;  // points
  }
  const auto one = std::ranges::find_if(tiles, [](const auto& t) { return t.defined(); });
  if (one == tiles.end()) return;
  for (at::Tensor& t : tiles) {
    if (!t.defined()) t = torch::zeros_like(*one);
  }
  if (!images_supported()) return;
  write_png(file,
            image_grid(torch::cat(tiles), kEach * static_cast<int64_t>(study.recipes.size())));
}

}  // namespace

SessionOptions options_of(const Job& job, const Dataset& dataset) {
  SessionOptions options = resolve_options(dataset, job.lines);
  options.train.seed = job.seed;
  options.run.name = job.name;
  return options;
}

std::vector<StudyResult> run_study(const Study& study, const fs::path& out,
                                   const StudyHooks& hooks) {
  const std::vector<Job> jobs = jobs_of(study);
  StudyOptions o;
  apply_settings(study.shared, o);
  if (!o.pass.empty()) parse_numbers("pass", o.pass);
  GeneratorJudge judge = judge_of(study, hooks);
  DataOptions data;
  apply_settings(study.shared, data);
  const Dataset dataset = open_dataset(data, 0, hooks.on_preparing);
  for (const Job& job : jobs) options_of(job, dataset);  // all are checked before the first run
  claim(out, study);
  const fs::path file = out / "results.jsonl";
  std::map<std::string, StudyResult> done;
  if (fs::exists(file)) {
    for (const Json& line : read_json_lines(file)) {
      const StudyResult result = result_from_json(line, jobs);
      done[result.job] = result;
    }
  }
  JsonLines lines(file, /*append=*/true);
  std::vector<StudyResult> results;
  for (size_t i = 0; i < jobs.size(); ++i) {
    if (const auto known = done.find(jobs[i].name); known != done.end()) {
      results.push_back(known->second);
      continue;
    }
    if (hooks.should_stop()) return results;
    hooks.on_job(jobs[i], i, jobs.size());
    std::optional<StudyResult> result = trained(jobs[i], out, hooks);
    if (!result) return results;
    if (result->failure.empty()) result->scores = judge.scores(load_generator(result->run));
    lines.append(result_to_json(*result));
    hooks.on_result(*result);
    results.push_back(std::move(*result));
  }
  write_samples(out / "samples.png", study, results, dataset);
  return results;
}

Json result_to_json(const StudyResult& r) {
  Json json{{"job", r.job},          {"draw", r.draw}, {"seed", r.seed},
            {"run", r.run.string()}, {"step", r.step}, {"seconds", r.seconds},
            {"failure", r.failure}};
  json["scores"] = Json::array();
  for (const Score& score : r.scores) json["scores"].push_back(score_to_json(score));
  return json;
}

}  // namespace wgan
