// wgan lab: tries claims of the literature and says which of them held.
#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "wgan/cli/signals.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/lab/formula.h"
#include "wgan/lab/gnuplot.h"
#include "wgan/lab/report.h"
#include "wgan/nn/threads.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;

// Thrown where a person has asked to stop.
struct Stopped {};

struct LabOptions {
  ExperimentOptions experiment;
  std::string out;
  int64_t seed = 0;
  int64_t threads = 0;
  bool json = false;
};

constexpr const char* kExits =
    "A claim that does not hold is a result, not an error: the exit code is 0\n"
    "whenever the experiment could be run.";

void add_common_flags(CLI::App& command, LabOptions& o) {
  command.add_flag("--quick", o.experiment.quick, "short form: at most a minute per experiment");
  command.add_option("--seed", o.seed, "seed of all random numbers")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  command.add_option("--out", o.out, "folder for figures, numbers and report")
      ->capture_default_str();
  command.add_option("--threads", o.threads, "CPU threads for the computation; 0: all cores")
      ->capture_default_str();
  command.add_flag("--json", o.json, "one JSON object per experiment on stdout");
  command.footer(kExits);
}

// The experiment's own settings as flags; those that are true or false take no value.
void add_setting_flags(CLI::App& command, const Experiment& experiment,
                       std::map<std::string, std::string>& settings) {
  for (const ExperimentSetting& setting : experiment.settings) {
    const std::string flag = std::string("--") + setting.name, no = "--no-" + flag.substr(2);
    std::string& value = settings[setting.name];
    value = setting.text;
    if (value == "true" || value == "false") {
      command
          .add_flag_callback(
              flag, [&value] { value = "true"; }, setting.help)
          ->group("Of this experiment");
      command.add_flag_callback(no, [&value] { value = "false"; })->group("");
    } else {
      command.add_option(flag, value, setting.help)
          ->type_name("VALUE")
          ->default_str(value)
          ->group("Of this experiment");
    }
  }
}

// The name of an experiment among the arguments, which is taken out of them; empty: there is none.
std::string take_name(Arguments& arguments) {
  std::set<std::string> names{"all"};
  for (const Experiment& experiment : all_experiments()) names.insert(experiment.name);
  auto found = arguments.begin();
  if (arguments.empty() || arguments[0].starts_with("-")) {  // flags before the name
    found = std::ranges::find_if(arguments, [&](const auto& word) { return names.contains(word); });
  }
  if (found == arguments.end()) return "";
  const std::string name = *found;
  if (!names.contains(name)) find_experiment(name);  // throws, with the nearest name
  arguments.erase(found);
  return name;
}

int list_experiments(const Arguments& arguments) {
  LabOptions o;
  CLI::App command(
      "Tries claims of the literature on Wasserstein GANs, and says which of them held. wgan lab "
      "lists the experiments, wgan lab NAME runs one, wgan lab all runs them all and writes a "
      "report; wgan lab NAME --help says more of one.",
      "wgan lab");
  add_common_flags(command, o);
  if (!parse_arguments(command, arguments)) return 0;
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() == 0 || option->check_lname("json")) continue;
    throw Error(ErrorKind::kUsage, option->get_name() + " needs the name of an experiment",
                "give one, or all: wgan lab NAME (wgan lab lists the names)");
  }
  Terminal terminal(o.json);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Experiment& e : all_experiments()) {
    terminal.result(fmt::format("{:<24} {}{}", e.name, e.title, e.trained ? " (trains)" : ""));
    list.push_back(
        {{"name", e.name}, {"title", e.title}, {"trained", e.trained}, {"in_all", e.in_all}});
  }
  terminal.result("\nRun one: wgan lab NAME. Run all: wgan lab all --quick.");
  terminal.object({{"ok", true}, {"experiments", list}});
  return 0;
}

// Runs one with what it says of its progress on the terminal. Throws Stopped.
Record run_watched(const Experiment& experiment, ExperimentOptions options, const fs::path& folder,
                   Terminal& terminal) {
  options.on_progress = [&terminal, name = experiment.name](const std::string& text) {
    if (stopping_signal() != 0) throw Stopped();
    terminal.flicker(fmt::format("{}: {}", name, text));
  };
  terminal.progress(std::string(experiment.name) + ": begins");
  Record record = run_experiment(experiment, options, folder);
  if (stopping_signal() != 0) throw Stopped();
  return record;
}

int stopped(Terminal& terminal, const fs::path& folder) {
  terminal.line("stopped");
  terminal.object({{"ok", true}, {"folder", folder.string()}, {"finished", false}});
  return 128 + stopping_signal();
}

void tell(Terminal& terminal, const Record& record) {
  std::string text = verdict_text(record);
  text.pop_back();
  terminal.result(text);
  nlohmann::ordered_json object = {{"ok", record.failure.empty()},
                                   {"folder", record.folder.string()}};
  object.update(record_to_json(record));
  terminal.object(object);
}

int run_one(const Experiment& experiment, const Arguments& arguments) {
  LabOptions o;
  o.out = (fs::path("lab") / experiment.name).string();
  CLI::App command(fmt::format("{}.\n{}", experiment.title, plain_formulas(experiment.claim)),
                   std::string("wgan lab ") + experiment.name);
  add_common_flags(command, o);
  command.add_option("--data", o.experiment.data,
                     "data set, of an experiment that takes one; empty: its own");
  add_setting_flags(command, experiment, o.experiment.settings);
  if (!parse_arguments(command, arguments)) return 0;
  o.experiment.seed = static_cast<uint64_t>(o.seed);
  use_threads(o.threads);
  Terminal terminal(o.json);
  listen_to_signals();
  try {
    const Record record = run_watched(experiment, o.experiment, o.out, terminal);
    const fs::path report = fs::path(o.out) / "report.html";
    write_report({&record, 1}, report);
    tell(terminal, record);
    terminal.result(report.string());
  } catch (const Stopped&) {
    return stopped(terminal, o.out);
  }
  return 0;
}

// Runs it, or says why it cannot be run: the others still can.
Record run_or_fail(const Experiment& experiment, const LabOptions& o, Terminal& terminal,
                   int& code) {
  const fs::path folder = fs::path(o.out) / experiment.name;
  ExperimentOptions options = o.experiment;
  options.settings = default_settings(experiment);
  const auto failed = [&](ErrorKind kind, const std::string& why) {
    if (code == 0) code = exit_code(kind);
    return Record{.experiment = &experiment, .options = options, .folder = folder, .failure = why};
  };
  try {
    return run_watched(experiment, options, folder, terminal);
  } catch (const c10::Error& error) {
    return failed(ErrorKind::kInternal, error.what_without_backtrace());
  } catch (const Error& error) {
    const std::string hint = error.hint().empty() ? "" : " (" + error.hint() + ")";
    return failed(error.kind(), error.what() + hint);
  }
}

int run_all(const Arguments& arguments) {
  LabOptions o;
  o.out = "lab";
  CLI::App command(
      "Runs all experiments that need no data of their own, one after the other, and writes what "
      "came of them to OUT/report.html. One that cannot be run does not stop the others; the exit "
      "code is then the first of theirs.",
      "wgan lab all");
  add_common_flags(command, o);
  if (!parse_arguments(command, arguments)) return 0;
  o.experiment.seed = static_cast<uint64_t>(o.seed);
  use_threads(o.threads);
  want_gnuplot();
  Terminal terminal(o.json);
  listen_to_signals();
  std::vector<Record> records;
  bool finished = true;
  int code = 0;
  for (const Experiment& experiment : all_experiments()) {
    if (!experiment.in_all) continue;
    try {
      records.push_back(run_or_fail(experiment, o, terminal, code));
    } catch (const Stopped&) {
      finished = false;
      break;
    }
    tell(terminal, records.back());
  }
  const fs::path report = fs::path(o.out) / "report.html";
  if (!records.empty()) write_report(records, report);
  const auto held = std::ranges::count_if(records, &Record::held);
  const auto unrun = std::ranges::count_if(records, [](auto& r) { return !r.failure.empty(); });
  terminal.result(fmt::format("{} of {} held{}", held, counted(records.size(), "claim"),
                              unrun > 0 ? fmt::format(", {} could not be run", unrun) : ""));
  terminal.result(report.string());
  terminal.object({{"ok", unrun == 0},
                   {"report", report.string()},
                   {"held", held},
                   {"run", records.size()},
                   {"finished", finished}});
  if (!finished) return 128 + stopping_signal();
  return code;
}

}  // namespace

int lab_verb(const Arguments& arguments) {
  Arguments rest = arguments;
  const std::string name = take_name(rest);
  if (name.empty()) return list_experiments(rest);
  return name == "all" ? run_all(rest) : run_one(find_experiment(name), rest);
}

}  // namespace wgan
