// wgan compare-recipes: a study of recipes on the same data with the same budget.
#include <fmt/format.h>

#include <algorithm>

#include "wgan/cli/settings.h"
#include "wgan/cli/signals.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/io/atomic_file.h"
#include "wgan/lab/study/study_table.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

// The options by which a job differs from others, as a person reads them.
std::string own_text(const Job& job, const Study& study) {
  std::string text;
  for (size_t i = study.shared.size(); i < job.lines.size(); ++i) {
    text += fmt::format(" {}={}", job.lines[i].name, job.lines[i].text);
  }
  return text;
}

std::string scores_text(const StudyResult& result) {
  if (!result.failure.empty()) return result.failure;
  std::string text;
  for (const Score& score : result.scores) {
    text += fmt::format("{}{} {:.4g}", text.empty() ? "" : ", ", score.name, score.value);
  }
  return text;
}

// The score that ranks: --best-by where it is among those measured, else the first of them.
std::string ranking_of(const Study& study, const std::vector<StudyResult>& results) {
  SessionOptions o;
  apply_settings(study.shared, o);
  for (const StudyResult& result : results) {
    if (result.scores.empty()) continue;
    const bool known =
        std::ranges::find(result.scores, o.judge.best_by, &Score::name) != result.scores.end();
    return known ? o.judge.best_by : result.scores.front().name;
  }
  return o.judge.best_by;
}

}  // namespace

int compare_recipes_verb(const Arguments& arguments) {
  CLI::App command(
      "Trains several recipes on the same data with the same budget, one after the other, and "
      "ranks them. Called again after a stop, it continues where it stopped.",
      "wgan compare-recipes");
  std::string file, out;
  bool dry_run = false, json = false;
  Settings settings;
  command.add_option("file", file, "TOML file of the study (docs/formats.md)")->required();
  command.add_option("--study-out", out, "folder of the study; default: studies/NAME of the file");
  command.add_flag("--dry-run", dry_run, "list the runs and train nothing");
  command.add_flag("--json", json, "one JSON object per run on stdout, and one at the end");
  add_option_flags<StudyOptions>(command, "Study", settings);
  add_option_flags<DataOptions>(command, "Data [over the file's]", settings);
  add_option_flags<SessionOptions>(command, "Training [over the file's, below a recipe's own]",
                                   settings);
  for (const char* own : {"--seed", "--out", "--name"}) {
    command.remove_option(command.get_option(own));
  }
  if (!parse_arguments(command, arguments)) return 0;
  Terminal terminal(json);
  listen_to_signals();
  Study study = read_study(file);
  study.shared.insert(study.shared.end(), settings.begin(), settings.end());
  const fs::path folder = out.empty() ? fs::path("studies") / fs::path(file).stem() : fs::path(out);
  if (dry_run) {
    for (const Job& job : jobs_of(study)) terminal.result(job.name + ":" + own_text(job, study));
    return 0;
  }
  std::string running;
  StudyHooks hooks;
  hooks.on_preparing = [&](int64_t done, int64_t total) {
    terminal.ongoing(fmt::format("preparing {}/{}", done, total));
  };
  hooks.on_job = [&](const Job& job, size_t number, size_t count) {
    running = fmt::format("{}/{} {}", number + 1, count, job.name);
    terminal.line(running + ":" + own_text(job, study));
  };
  hooks.on_tick = [&](const Tick& tick) {
    terminal.flicker(fmt::format("{}  step {}  {}", running, tick.step,
                                 tick.eta_seconds < 0 ? "" : duration_text(tick.eta_seconds)));
  };
  hooks.on_result = [&](const StudyResult& result) {
    terminal.line(fmt::format("  {} in {}: {}", counted(result.step, "step"),
                              duration_text(result.seconds), scores_text(result)));
    terminal.object(result_to_json(result));
  };
  hooks.should_stop = [] { return stopping_signal() != 0; };
  const std::vector<StudyResult> results = run_study(study, folder, hooks);
  const std::string ranking = ranking_of(study, results);
  std::string table = study_table(study, results, ranking);
  if (const std::string passes = pass_table(study, results, ranking); !passes.empty()) {
    table += "\n" + passes;
  }
  write_file_atomically(folder / "table.md", table);
  terminal.result(table);
  terminal.result((folder / "table.md").string());
  if (fs::exists(folder / "samples.png")) terminal.result((folder / "samples.png").string());
  terminal.object({{"ok", true},
                   {"study", folder.string()},
                   {"runs", results.size()},
                   {"finished", stopping_signal() == 0}});
  return stopping_signal() == 0 ? 0 : 128 + stopping_signal();
}

}  // namespace wgan
