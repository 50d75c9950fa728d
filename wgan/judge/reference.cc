// Opening and observing the real rows.
#include "wgan/judge/reference.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/judge/data_rows.h"

namespace wgan {
namespace {

constexpr int64_t kDefaultRows = 5000;
constexpr int64_t kMostTrainingRows = 60'000;

int64_t rows_in(const Dataset& dataset) {
  return dataset.endless ? std::numeric_limits<int64_t>::max() / 4 : dataset.size;
}

}  // namespace

ReferenceSets open_reference(DataOptions options, uint64_t seed, const Progress& progress) {
  options.split = Split::kTrain;
  Dataset training = open_dataset(options, seed, progress);
  options.split = Split::kTest;
  try {
    return {open_dataset(options, seed, progress), std::move(training)};
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kUsage) throw;
    return {std::move(training), std::nullopt};  // it has no test part
  }
}

int64_t comparison_size(const ReferenceSets& sets, int64_t asked, int64_t available) {
  const int64_t held_out = rows_in(sets.held_out);
  const bool others = sets.training && rows_in(*sets.training) >= kDefaultRows;
  const int64_t most = std::min(others ? held_out : held_out / 2, available);
  if (asked == 0) asked = std::min(kDefaultRows, most);
  if (asked < 2 || asked > most) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} to compare, but there are {} and {} of '{}'", counted(asked, "row"),
                    counted(available, "sample"), counted(held_out, "row"), sets.held_out.name),
        fmt::format("give --n from 2 to {}: as many samples as real rows, and as many "
                    "others to set the real rows against",
                    most));
  }
  return asked;
}

EvaluationData observe_reference(const ReferenceSets& sets, const FeatureSpace& space, int64_t n,
                                 bool training) {
  EvaluationData data;
  data.reference = space.observe(data_rows(sets.held_out, n));
  if (rows_in(sets.held_out) >= 2 * n) {
    data.baseline = space.observe(data_rows(sets.held_out, n, n));
  } else {
    data.baseline = space.observe(data_rows(sets.training.value(), n));
  }
  if (training && sets.training) {
    const int64_t count = std::min(kMostTrainingRows, rows_in(*sets.training));
    data.training = space.observe(data_rows(*sets.training, count)).features;
  }
  return data;
}

at::Tensor first_samples(const Generator& generator, uint64_t first_seed, int64_t n,
                         const Dataset& conditions_of) {
  std::vector<uint64_t> seeds(static_cast<size_t>(n));
  std::iota(seeds.begin(), seeds.end(), first_seed);
  Wanted wanted;
  if (condition_count(generator) > 0) wanted.conditions = data_conditions(conditions_of, n);
  return sample(generator, seeds, wanted);
}

GeneratorJudge::GeneratorJudge(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
                               std::vector<Measure> measures, const std::string& device,
                               const Progress& progress)
    : measures_(std::move(measures)) {
  ReferenceSets sets = open_reference(data, seed, progress);
  space_ = open_features(options.space, sets.held_out.shape, device);
  n_ = comparison_size(sets, options.evaluate_n, std::numeric_limits<int64_t>::max());
  const bool training = std::ranges::find(measures_, Measure::kMemorisation) != measures_.end();
  evaluator_ = std::make_unique<Evaluator>(
      observe_reference(sets, space_, n_, training),
      EvaluationOptions{.n = n_, .transport_n = std::max<int64_t>(2, n_)});
  held_out_ = std::move(sets.held_out);
}

std::vector<Score> GeneratorJudge::scores(const Generator& generator) {
  const Observed samples = space_.observe(first_samples(generator, 0, n_, held_out_));
  std::vector<Score> all;
  for (const Measure measure : measures_) {
    for (const Score& score : evaluator_->scores(measure, samples)) all.push_back(score);
  }
  return all;
}

}  // namespace wgan
