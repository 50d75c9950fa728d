// What can be said of a run at its end, and what to try next: one or two sentences.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/run/health.h"
#include "wgan/train/trainer.h"

namespace wgan {

// An evaluation: a line of evaluations.jsonl.
struct Evaluated {
  int64_t step = 0;
  std::string name;    // of the score
  double value = 0;    // the score
  double real = 0;     // of real rows in the samples' place; NaN: not known
  double badness = 0;  // lower is better (judge/evaluation.h)
};

// The evaluations of a run, by this score; none where the file is missing or damaged.
std::vector<Evaluated> read_evaluated(const std::filesystem::path& run, const std::string& score);

// What a verdict is drawn from.
struct RunStory {
  TrainEnd end = TrainEnd::kSteps;
  TrainOptions options;
  std::vector<Tick> ticks;  // of the whole run, sessions before this one included
  std::vector<Finding> findings;
  std::vector<Evaluated> evaluated;
  int64_t rows = 0;  // of the data; 0: endless
  bool pictures = true;
  std::string run;  // as it is given in a command
};

// The first rule of the table in verdict.cc that holds:
//
//   short       there are too few ticks to tell anything
//   sick        a diagnosis of the health monitor held at the end
//   unbounded   W grew twenty-fold, and grew to the end (Wasserstein objectives)
//   overrun     the best evaluation lies far back, and the last is 1.5 times as bad
//   close       samples score like real rows
//   improving   the score, or W, was still falling at the end
//   learning    W was still rising: the critic was still learning
//   stuck       W has hardly come down from its height
//   level       W, or the score, has come down and stands
//   unmeasured  the objective's losses do not say how good samples are, and nothing else was asked
struct Verdict {
  std::string name;
  std::string text;    // what the run came to: one or two sentences
  std::string advice;  // what to do next, with whole commands
};
Verdict verdict(const RunStory& story);

nlohmann::ordered_json verdict_to_json(const Verdict& verdict);

}  // namespace wgan
