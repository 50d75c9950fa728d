// How good samples are: measures of samples against data in a feature space, each beside the value
// that real rows of the same number have.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "wgan/core/options.h"
#include "wgan/judge/features.h"

namespace wgan {

// One name a computation; some give several values.
enum class Measure {
  kFrechet,
  kKernel,
  kNeighbours,
  kW1,
  kW2,
  kSliced,
  kSinkhorn,
  kInceptionScore,
  kModes,
  kMsSsim,
  kMemorisation
};
template <>
struct EnumNames<Measure> {
  static constexpr std::pair<Measure, const char*> kNames[] = {
      {Measure::kFrechet, "frechet"},
      {Measure::kKernel, "kernel"},
      {Measure::kNeighbours, "neighbours"},
      {Measure::kW1, "w1"},
      {Measure::kW2, "w2"},
      {Measure::kSliced, "sliced"},
      {Measure::kSinkhorn, "sinkhorn"},
      {Measure::kInceptionScore, "inception-score"},
      {Measure::kModes, "modes"},
      {Measure::kMsSsim, "ms-ssim"},
      {Measure::kMemorisation, "memorisation"}};
};

// What a good value is.
enum class Better { kLower, kHigher, kNearReal };
template <>
struct EnumNames<Better> {
  static constexpr std::pair<Better, const char*> kNames[] = {
      {Better::kLower, "lower"}, {Better::kHigher, "higher"}, {Better::kNearReal, "near real"}};
};

inline constexpr double kNotKnown = std::numeric_limits<double>::quiet_NaN();

struct Score {
  std::string name;  // "frechet", "precision", "modes-kl", ...
  double value = 0;
  double deviation = kNotKnown;  // standard error of the value, where the measure has one
  double real = kNotKnown;       // of as many real rows in the samples' place
  Better better = Better::kLower;
  int64_t samples = 0;  // that were used
};

struct EvaluationOptions {
  std::string n = "auto";
  int64_t transport_n = 2000;
  int64_t neighbour = 5;
  int64_t projections = 200;
  int64_t pairs = 1000;
  int64_t bootstrap = 50;
  int64_t seed = 0;

  Fields fields() & {
    return {{{"n",
              "samples, and real rows to set against them: a number; all: every row of both; auto: "
              "5000, or what there are, such that other rows are left for the value of real rows"},
             n},
            {{"transport-n", "rows for w1, w2 and sinkhorn, which take n^2 memory; at most --n"},
             transport_n},
            {{"neighbour", "which neighbour's distance is the radius of a ball (neighbours)"},
             neighbour},
            {{"projections", "random directions (sliced)"}, projections},
            {{"pairs", "pairs of pictures (ms-ssim)"}, pairs},
            {{"bootstrap", "random halves of the samples that intervals are told from (--compare)"},
             bootstrap},
            {{"seed", "of samples, subsets, projections and pairs"}, seed}};
  }
};

// The real rows that samples are measured against, looked at once.
struct EvaluationData {
  Observed reference;
  Observed baseline;  // real rows in the samples' place; features undefined where there are none
  Observed baseline_reference = {};  // what they are set against; undefined features: reference
  at::Tensor training;  // [T, F] features of the rows that were trained on, for memorisation;
                        // undefined: not known
};

// Throws Error(kUsage) where an option makes no sense.
void check_options(const EvaluationOptions& options);

class Evaluator {
 public:
  // Throws as check_options does.
  Evaluator(EvaluationData data, const EvaluationOptions& options);

  const EvaluationData& data() const { return data_; }

  // Why a measure cannot be taken of so many samples beside these data; empty where it can.
  std::string obstacle(Measure measure, int64_t samples) const;

  // Throws Error(kUsage) where there is an obstacle or there are too few samples.
  std::vector<Score> scores(Measure measure, const Observed& samples);

  // Values of the measure over random halves of the samples, drawn without replacement: [halves] of
  // one value a score, in the order of scores(). Their standard deviation is the standard error of
  // the whole value (the delete-half jackknife, Shao and Wu 1989), and no row comes twice, which
  // measures of neighbours and transport would take for a collapse.
  std::vector<std::vector<double>> halves(Measure measure, const Observed& samples) const;

 private:
  std::vector<Score> values(Measure measure, const Observed& samples) const;
  const std::vector<Score>& baseline(Measure measure);

  const EvaluationData data_;
  const EvaluationData against_;  // what the baseline is set against
  const EvaluationOptions options_;
  std::map<Measure, std::vector<Score>> baseline_;  // what was computed once
};

// How far a value is from the best there could be: smaller is better, infinite for NaN.
double badness(const Score& score);

// The measure that gives a score of this name ("precision": neighbours). Throws Error(kUsage).
Measure measure_of(const std::string& score);

// Those that take seconds for a thousand pictures, the fastest first.
std::vector<Measure> quick_measures();

// The measures in a text such as "frechet,kernel"; for "quick" those above, for "all" all. Throws
// Error(kUsage).
std::vector<Measure> parse_measures(const std::string& text);

// As a line of metric-<name>.jsonl holds it.
nlohmann::ordered_json score_to_json(const Score& score);

// What score_to_json wrote; numbers that are not finite come back as not known. Throws
// Error(kIncompatible) or Error(kUsage) where it is none.
Score score_from_json(const nlohmann::ordered_json& json);

}  // namespace wgan
