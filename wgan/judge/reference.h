// The real rows that samples are compared with, and generators judged by them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wgan/core/parallel.h"
#include "wgan/data/dataset.h"
#include "wgan/judge/evaluation.h"
#include "wgan/judge/options.h"
#include "wgan/train/sampler.h"

namespace wgan {

// A data set's parts. held_out: its test part where it has one, else all rows it trains on.
struct ReferenceSets {
  Dataset held_out;
  std::optional<Dataset> training;  // the train part, where held_out is another
};

// options.split is not looked at. seed: of the embedded sets. Throws as open_dataset does.
ReferenceSets open_reference(DataOptions options, uint64_t seed, const Progress& progress = {});

// How many rows to compare: `asked`, or 5000 or as many as there are where it is 0. available: the
// samples there are; endless sets and generators have any number. Throws Error(kUsage) where there
// are not so many rows.
int64_t comparison_size(const ReferenceSets& sets, int64_t asked, int64_t available);

// n rows of the held-out part, n others (of the training part where it does not have so many), and,
// where `training` asks for them, up to 60,000 rows of the training part.
EvaluationData observe_reference(const ReferenceSets& sets, const FeatureSpace& space, int64_t n,
                                 bool training);

// What generators of runs are judged by, while they train or after: the held-out rows of their
// data, looked at once.
class GeneratorJudge {
 public:
  // seed: of embedded sets. Throws as open_reference,
  // open_features and comparison_size do.
  GeneratorJudge(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
                 std::vector<Measure> measures, const std::string& device,
                 const Progress& progress = {});

  const std::vector<Measure>& measures() const { return measures_; }
  const FeatureSpace& space() const { return space_; }

  // As Evaluator's.
  std::string obstacle(Measure measure) const { return evaluator_->obstacle(measure); }

  // Of all measures, from the samples of seeds 0, 1, ...
  std::vector<Score> scores(const Generator& generator);

 private:
  std::vector<Measure> measures_;
  Dataset held_out_;
  FeatureSpace space_;
  int64_t n_ = 0;
  std::unique_ptr<Evaluator> evaluator_;
};

// The samples of seeds first_seed .. first_seed + n - 1. conditions_of: the data whose conditions
// they are to have, row by row, where the generator knows any.
at::Tensor first_samples(const Generator& generator, uint64_t first_seed, int64_t n,
                         const Dataset& conditions_of);

}  // namespace wgan
