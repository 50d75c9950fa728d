// Runs, draws, and writes down.
#include "wgan/lab/run_experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "wgan/core/error.h"
#include "wgan/core/shell_word.h"
#include "wgan/io/atomic_file.h"
#include "wgan/io/output_error.h"
#include "wgan/lab/csv.h"
#include "wgan/lab/formula.h"
#include "wgan/lab/gnuplot.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw output_error("make the folder " + folder.string(), error.value());
  for (const char* name : {"result.json", "verdict.txt"}) {  // of a run before
    fs::remove(folder / name, error);
    if (error) throw output_error("replace " + (folder / name).string(), error.value());
  }
}

// Figures and tables of one name would overwrite one another's numbers.
void check_names(const Outcome& outcome) {
  std::set<std::string> names;
  const auto add = [&](const std::string& name) {
    const bool plain = !name.empty() && name.find_first_of("/\\\n") == std::string::npos;
    if (!plain || !names.insert(name).second) {
      throw Error(ErrorKind::kInternal, fmt::format("'{}' names two results, or is no name", name));
    }
  };
  for (const Figure& figure : outcome.figures) add(figure.name);
  for (const Table& table : outcome.tables) add(table.name);
}

std::string csv(const Table& table) {
  std::string text;
  for (const std::string& column : table.columns) {
    text += (text.empty() ? "" : ",") + csv_cell(column);
  }
  text += '\n';
  for (size_t row = 0; row < table.labels.size(); ++row) {
    text += csv_cell(table.labels[row]);
    for (const double value : table.values.at(row)) text += fmt::format(",{}", value);
    text += '\n';
  }
  return text;
}

// JSON knows no infinity.
Json number_to_json(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

Json bound_to_json(double bound) { return std::isfinite(bound) ? Json(bound) : Json(nullptr); }

Json captions_to_json(const std::string& name, const std::string& caption,
                      const std::vector<std::string>& files) {
  return {{"name", name}, {"caption", plain_formulas(caption)}, {"files", files}};
}

}  // namespace

Record run_experiment(const Experiment& experiment, const ExperimentOptions& options,
                      const fs::path& folder) {
  want_gnuplot();  // before minutes of training rather than after them
  make_folder(folder);
  Record record{.experiment = &experiment, .options = options, .folder = folder};
  const double began = now();
  try {
    record.outcome = experiment.run(options);
  } catch (...) {
    std::error_code ignored;
    fs::remove(folder, ignored);  // where there is nothing in it
    throw;
  }
  record.seconds = now() - began;
  check_names(record.outcome);
  for (Figure& figure : record.outcome.figures) {
    draw(figure, folder);
    figure.panels.clear();
    if (figure.picture) figure.picture.emplace();
  }
  for (Animation& animation : record.outcome.animations) {
    draw(animation, folder);
    animation.frames.clear();
  }
  for (const Table& table : record.outcome.tables) {
    write_file_atomically(folder / (table.name + ".csv"), csv(table));
  }
  write_file_atomically(folder / "verdict.txt", verdict_text(record));
  write_file_atomically(
      folder / "result.json",
      record_to_json(record).dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
  return record;
}

std::string verdict_word(const Record& record) {
  if (!record.failure.empty()) return "could not be run";
  return record.outcome.holds() ? "held" : "did not hold";
}

std::string number_text(double value) { return fmt::format("{:.6g}", value); }

std::string wanted_text(const Check& check) {
  if (check.low == std::numeric_limits<double>::infinity()) return "infinite";
  const bool low = std::isfinite(check.low), high = std::isfinite(check.high);
  if (low && high && check.low == check.high) return "exactly " + number_text(check.low);
  if (low && high) return fmt::format("{:.6g} to {:.6g}", check.low, check.high);
  if (low) return "at least " + number_text(check.low);
  return high ? "at most " + number_text(check.high) : "a number";
}

std::string verdict_text(const Record& record) {
  std::string text = fmt::format("{}: {} ({:.1f} s)\n", record.experiment->name,
                                 verdict_word(record), record.seconds);
  for (const Check& check : record.outcome.checks) {
    text += fmt::format("  {:<12}  {}: {}, wanted {}\n", check.holds() ? "held" : "DID NOT HOLD",
                        plain_formulas(check.claim), number_text(check.seen), wanted_text(check));
  }
  if (!record.failure.empty()) text += "  " + record.failure + "\n";
  if (!record.outcome.remark.empty()) {
    text += "  " + plain_formulas(record.outcome.remark) + "\n";
  }
  return text;
}

Json record_to_json(const Record& record) {
  Json checks = Json::array(), figures = Json::array(), animations = Json::array(),
       tables = Json::array();
  for (const Check& check : record.outcome.checks) {
    checks.push_back({{"claim", plain_formulas(check.claim)},
                      {"seen", number_to_json(check.seen)},
                      {"low", bound_to_json(check.low)},
                      {"high", bound_to_json(check.high)},
                      {"holds", check.holds()}});
  }
  for (const Figure& f : record.outcome.figures) {
    std::vector<std::string> files{f.name + ".png", f.name + ".svg"};
    if (!f.picture) files.push_back(f.name + ".csv");
    figures.push_back(captions_to_json(f.name, f.caption, files));
  }
  for (const Animation& a : record.outcome.animations) {
    animations.push_back(captions_to_json(a.name, a.caption, {a.name + ".gif"}));
  }
  for (const Table& t : record.outcome.tables) {
    tables.push_back(captions_to_json(t.name, t.caption, {t.name + ".csv"}));
  }
  Json json = {{"schema", 1},
               {"experiment", record.experiment->name},
               {"title", record.experiment->title},
               {"claim", plain_formulas(record.experiment->claim)},
               {"verdict", verdict_word(record)},
               {"held", record.held()},
               {"checks", checks},
               {"remark", plain_formulas(record.outcome.remark)},
               {"quick", record.options.quick},
               {"seed", record.options.seed},
               {"data", record.options.data},
               {"settings", record.options.settings},
               {"seconds", record.seconds},
               {"figures", figures},
               {"animations", animations},
               {"tables", tables}};
  if (!record.failure.empty()) json["failure"] = record.failure;
  return json;
}

std::string command_text(const Record& record) {
  const ExperimentOptions& o = record.options;
  std::string text = std::string("wgan lab ") + record.experiment->name;
  if (o.quick) text += " --quick";
  text += fmt::format(" --seed {}", o.seed);
  if (!o.data.empty()) text += " --data " + shell_path(o.data);
  for (const ExperimentSetting& setting : record.experiment->settings) {
    const std::string& value = o.settings.at(setting.name);
    if (value == setting.text) continue;
    if (value == "true" || value == "false") {
      text += fmt::format(" --{}{}", value == "true" ? "" : "no-", setting.name);
    } else {
      text += fmt::format(" --{} {}", setting.name, shell_word(value));
    }
  }
  return text;
}

}  // namespace wgan
