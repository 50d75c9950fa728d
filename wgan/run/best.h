// Evaluation while training: which checkpoint is the best so far, and when to stop waiting for a
// better one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "wgan/io/json_lines.h"
#include "wgan/judge/options.h"
#include "wgan/judge/reference.h"

namespace wgan {

class BestSoFar {
 public:
  // seed: of embedded sets. Opens the data again for rows that are not trained on, and
  // run/evaluations.jsonl, whose lines behind `step` are cut off: a resumed run makes them again.
  // patience_from: step behind which those without a better one count. Throws Error(kUsage) where
  // the options ask for what cannot be measured, and what open_dataset and open_features throw.
  BestSoFar(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
            const std::string& device, const std::filesystem::path& run, int64_t step,
            int64_t patience_from);

  struct Outcome {
    Score score;           // the one of options.best_by
    bool best = false;     // better than all before
    bool give_up = false;  // options.patience evaluations without a better one
  };
  // Writes a line. Throws Error(kOutput).
  Outcome look(const Generator& generator);

 private:
  const JudgeOptions options_;
  GeneratorJudge judge_;
  std::unique_ptr<JsonLines> lines_;
  double least_;       // badness of the best so far
  int64_t since_ = 0;  // evaluations since then
};

}  // namespace wgan
