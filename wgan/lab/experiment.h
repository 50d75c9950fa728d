// What an experiment of the laboratory is: a claim, stated before anything is run, and a function
// that tries it. Claims, texts, captions and remarks may hold formulas between dollar signs
// (formula.h).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/lab/figure.h"

namespace wgan {

// A flag of an experiment of its own, such as the piles of earth-mover.
struct ExperimentSetting {
  const char* name;
  const char* text;  // the default
  const char* help;
};

struct ExperimentOptions {
  bool quick = false;     // at most a minute on two cores
  uint64_t seed = 0;      // of everything random
  std::string data = {};  // where the experiment takes a data set; empty: what it has for that
  std::map<std::string, std::string> settings = {};  // by name; all of the experiment's
  // Told where an experiment has got to; may throw to stop it.
  std::function<void(const std::string&)> on_progress = [](const std::string&) {};
};

// A setting as a number, a flag, a text, ... (core/options.h). Throws Error(kUsage) where it is
// none.
template <class T>
T setting(const ExperimentOptions& options, const std::string& name) {
  T value{};
  read_field("--" + name, options.settings.at(name), value);
  return value;
}

// "3,2,1,4" as numbers. Throws Error(kUsage).
std::vector<double> number_list(const ExperimentOptions& options, const std::string& name);

// What has to lie between two bounds for the claim to hold. The bounds are constants of the
// experiment or closed forms, never taken from the run.
struct Check {
  std::string claim;  // "growth a step is sqrt(1 + eta^2)"
  double seen = 0;
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool holds() const { return seen >= low && seen <= high; }  // false for NaN
};

struct Table {
  std::string name;  // of its CSV file
  std::string caption;
  std::vector<std::string> columns = {};         // the first heads the labels
  std::vector<std::string> labels = {};          // [rows]
  std::vector<std::vector<double>> values = {};  // [rows][columns - 1]; NaN is shown as a dash
};

struct Outcome {
  std::vector<Figure> figures = {};
  std::vector<Animation> animations = {};
  std::vector<Table> tables = {};
  std::vector<Check> checks = {};
  std::string remark = {};  // what else has to be said of the result, honestly

  bool holds() const;  // all checks
};

struct Experiment {
  const char* name;   // "nash"
  const char* title;  // "Simultaneous gradient steps do not find the equilibrium"
  const char* claim;  // what is claimed, and by whom (paper, section or figure)
  const char* text;   // the mathematics behind it in plain words, paragraphs apart by empty lines
  std::vector<ExperimentSetting> settings;
  bool in_all;   // run by `wgan lab all`
  bool trained;  // trains networks: minutes when not quick
  Outcome (*run)(const ExperimentOptions& options);
};

// All of them, in the order of the report.
std::span<const Experiment> all_experiments();

// Throws Error(kUsage) with the nearest name where there is none.
const Experiment& find_experiment(const std::string& name);

// The default settings of an experiment.
std::map<std::string, std::string> default_settings(const Experiment& experiment);

}  // namespace wgan
