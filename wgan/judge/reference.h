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

// How many rows a person wants compared.
struct WantedRows {
  enum class Kind {
    kFitting,  // at most `number`: what the data and the samples have
    kExactly,  // `number`
    kAll       // every row of both, which need not be equally many
  };
  Kind kind = Kind::kFitting;
  int64_t number = 5000;
};

// "auto", "all" or a number from 2 on. Throws Error(kUsage).
WantedRows parse_wanted_rows(const std::string& text);

// What stands in the samples' place for the value of real against real.
enum class Baseline {
  kHeldOut,   // as many other held-out rows
  kTraining,  // as many rows of the training part
  kHalves,    // one half of the held-out rows, against the other half
  kNone       // there are too few rows
};

struct ComparisonSize {
  int64_t samples = 0;  // to draw
  int64_t real = 0;     // held-out rows to set against them
  Baseline baseline = Baseline::kNone;
};

// available: the samples there are; endless sets and generators have any number, no value. Throws
// Error(kUsage) where there are not so many rows, or fewer than two.
ComparisonSize comparison_size(const ReferenceSets& sets, const WantedRows& wanted,
                               std::optional<int64_t> available);

// "two halves of 500 rows", and so on.
std::string baseline_text(const ComparisonSize& size);

// The rows of the held-out part, those of the baseline, and, where `training` asks for them, up to
// 60,000 rows of the training part.
EvaluationData observe_reference(const ReferenceSets& sets, const FeatureSpace& space,
                                 const ComparisonSize& size, bool training);

// What generators of runs are judged by, while they train or after: the held-out rows of their
// data, looked at once.
class GeneratorJudge {
 public:
  // seed: of embedded sets. Throws as open_reference, open_features and comparison_size do.
  GeneratorJudge(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
                 std::vector<Measure> measures, const std::string& device,
                 const Progress& progress = {});

  const std::vector<Measure>& measures() const { return measures_; }
  const FeatureSpace& space() const { return space_; }

  // As Evaluator's.
  std::string obstacle(Measure measure) const {
    return evaluator_->obstacle(measure, size_.samples);
  }

  // Of all measures, from the samples of seeds 0, 1, ...
  std::vector<Score> scores(const Generator& generator);

 private:
  std::vector<Measure> measures_;
  Dataset held_out_;
  FeatureSpace space_;
  ComparisonSize size_;
  std::unique_ptr<Evaluator> evaluator_;
};

// The generator's numbers of the classes of the data's first rows, [count] int64, row by row as
// data_rows gives them. Undefined where class_obstacle says why.
at::Tensor data_classes(const Generator& generator, const Dataset& data, int64_t count);

// Why a generator that knows classes cannot be asked for those of the data; empty where it can, or
// where it knows none.
std::string class_obstacle(const Generator& generator, const Dataset& data);

// The samples of seeds first_seed .. first_seed + n - 1. like: the data whose classes and
// conditions they are to have, row by row, where the generator knows any; where its classes are not
// those of the data, all of them in equal shares.
at::Tensor first_samples(const Generator& generator, uint64_t first_seed, int64_t n,
                         const Dataset& like);

}  // namespace wgan
