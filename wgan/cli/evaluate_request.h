// What wgan evaluate is asked for, and everything about it that is checked before anything is
// computed.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "wgan/cli/settings.h"
#include "wgan/cli/terminal.h"
#include "wgan/judge/reference.h"
#include "wgan/metrics/moments.h"
#include "wgan/run/subject.h"

namespace wgan {

struct EvaluateRequest {
  Settings settings;
  std::vector<std::string> subjects;
  std::vector<std::string> compared;
  std::string measures;  // empty: not given
  std::string statistics;
  std::string save_statistics;
  std::string picture;
  std::string out;
  std::string device = "auto";
  std::string runs = "runs";
  int64_t threads = 0;
  bool critic = false;
  bool json = false;
};
void add_evaluate_flags(CLI::App& command, EvaluateRequest& request);

// What is compared with what, the same for all subjects.
struct Comparing {
  DataOptions data_options;
  FeatureOptions feature_options;
  EvaluationOptions options;
  std::string device;
  bool rows_needed = true;  // false: kept statistics take the place of all real rows
  bool compared = false;    // several subjects are ranked
  std::vector<Measure> measures;
  std::optional<Moments> kept;  // statistics to measure the distance to as well
  FeatureSpace kept_space;      // that they are of
  ReferenceSets sets;           // without rows, where none are needed
  FeatureSpace space;
  ComparisonSize size;
};

// Opens everything: the subjects, in order, and the data. What can be refused is refused here, and
// as much of it as can be known before pictures are prepared, before that. Throws Error(kUsage),
// and what the openers throw.
Comparing checked_comparison(const EvaluateRequest& request, std::vector<Subject>& subjects,
                             Terminal& terminal);

}  // namespace wgan
