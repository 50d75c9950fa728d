// Runs an experiment into a folder: its figures and numbers as files, and its verdict.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "wgan/lab/experiment.h"

namespace wgan {

// What came of an experiment.
struct Record {
  const Experiment* experiment = nullptr;
  ExperimentOptions options = {};
  std::filesystem::path folder = {};
  // Of figures and frames the captions alone, once they are drawn; a figure that is a picture keeps
  // an empty one.
  Outcome outcome = {};
  double seconds = 0;
  std::string failure = {};  // why it could not be run

  bool held() const { return failure.empty() && outcome.holds(); }
};

// Runs it and fills the folder, which is made where it is missing: NAME.png, NAME.svg and NAME.csv
// of figures, NAME.gif of animations, NAME.csv of tables, verdict.txt and, as the last, result.json
// (docs/formats.md). Each file appears whole or not at all, and a folder with result.json is
// complete. Throws what the experiment throws, Error(kUsage) where there is no gnuplot,
// Error(kOutput) where the folder cannot be written.
Record run_experiment(const Experiment& experiment, const ExperimentOptions& options,
                      const std::filesystem::path& folder);

// "held", "did not hold" or "could not be run".
std::string verdict_word(const Record& record);

// The bounds of a check in words: "at least 0.5".
std::string wanted_text(const Check& check);

// A number for people: at most six digits.
std::string number_text(double value);

// The verdict for people, a line a check.
std::string verdict_text(const Record& record);

// As result.json holds it.
nlohmann::ordered_json record_to_json(const Record& record);

// The command line that runs it again: "wgan lab nash --quick --seed 1".
std::string command_text(const Record& record);

}  // namespace wgan
