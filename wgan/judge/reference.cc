// Opening and observing the real rows.
#include "wgan/judge/reference.h"

#include <fmt/format.h>
#include <torch/types.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/data/open.h"
#include "wgan/judge/data_rows.h"

namespace wgan {
namespace {

constexpr int64_t kMostTrainingRows = 60'000;

// The rows there are; none of an endless set.
std::optional<int64_t> rows_in(const Dataset& dataset) {
  return dataset.endless ? std::nullopt : std::optional(dataset.size);
}

bool has_rows(const Dataset& dataset, int64_t count) {
  return dataset.endless || dataset.size >= count;
}

bool training_has(const ReferenceSets& sets, int64_t count) {
  return sets.training && has_rows(*sets.training, count);
}

// The smaller of two numbers, each of which may be without end.
std::optional<int64_t> least(std::optional<int64_t> a, std::optional<int64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

// As many as leave others for the baseline, where that leaves two or more.
int64_t fitting_rows(const ReferenceSets& sets, int64_t number, std::optional<int64_t> most) {
  const int64_t all = std::min(number, most.value_or(number));
  const std::optional<int64_t> held_out = rows_in(sets.held_out);
  if (!held_out || training_has(sets, all)) return all;
  const int64_t of_training = sets.training ? sets.training->size : 0;
  const int64_t apart = std::min(all, std::max(*held_out / 2, of_training));
  return apart < 2 ? all : apart;
}

Baseline baseline_of(const ReferenceSets& sets, int64_t real) {
  if (has_rows(sets.held_out, 2 * real)) return Baseline::kHeldOut;
  if (training_has(sets, real)) return Baseline::kTraining;
  return real / 2 >= 2 ? Baseline::kHalves : Baseline::kNone;
}

[[noreturn]] void throw_too_many(const ReferenceSets& sets, int64_t asked, int64_t most,
                                 std::optional<int64_t> available) {
  std::string there = available ? counted(*available, "sample") : "";
  if (!sets.held_out.endless) {
    there += fmt::format("{}{} of '{}'", there.empty() ? "" : " and ",
                         counted(sets.held_out.size, "row"), sets.held_out.name);
  }
  throw Error(ErrorKind::kUsage,
              fmt::format("{} to compare, but there {} {}", counted(asked, "row"),
                          noun(most, "is", "are"), there),
              fmt::format("give --n from 2 to {}, or --n all", most));
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

WantedRows parse_wanted_rows(const std::string& text) {
  if (text == "auto") return {};
  if (text == "all") return {.kind = WantedRows::Kind::kAll};
  WantedRows wanted{.kind = WantedRows::Kind::kExactly};
  try {
    read_field("--n", text, wanted.number);
  } catch (const Error&) {
    wanted.number = 0;
  }
  if (wanted.number < 2) {
    throw Error(ErrorKind::kUsage, fmt::format("--n: '{}' is no number of samples", text),
                "give a number from 2 on, all, or auto");
  }
  return wanted;
}

ComparisonSize comparison_size(const ReferenceSets& sets, const WantedRows& wanted,
                               std::optional<int64_t> available) {
  const std::optional<int64_t> held_out = rows_in(sets.held_out);
  if (held_out && *held_out < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} of '{}' to compare samples with, wanted 2 or more",
                            counted(*held_out, "row"), sets.held_out.name),
                sets.training ? "hold more rows out with --holdout" : "give more data");
  }
  if (available && *available < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} to compare, wanted 2 or more", counted(*available, "sample")),
                "give more samples");
  }
  const std::optional<int64_t> most = least(held_out, available);
  ComparisonSize size;
  switch (wanted.kind) {
    case WantedRows::Kind::kAll:
      if (!most) {
        throw Error(ErrorKind::kUsage,
                    "--n all: neither the samples nor the rows they are compared with have an end",
                    "give --n a number");
      }
      size = {available.value_or(*most), held_out.value_or(*most)};
      break;
    case WantedRows::Kind::kExactly:
      if (most && wanted.number > *most) throw_too_many(sets, wanted.number, *most, available);
      size = {wanted.number, wanted.number};
      break;
    case WantedRows::Kind::kFitting:
      size.samples = size.real = fitting_rows(sets, wanted.number, most);
      break;
  }
  size.baseline = baseline_of(sets, size.real);
  return size;
}

std::string baseline_text(const ComparisonSize& size) {
  switch (size.baseline) {
    case Baseline::kHeldOut:
      return counted(size.real, "other row");
    case Baseline::kTraining:
      return counted(size.real, "training row");
    case Baseline::kHalves:
      return fmt::format("two halves of {} each", counted(size.real / 2, "row"));
    case Baseline::kNone:
      return "not known, there are too few rows";
  }
  throw Error(ErrorKind::kInternal, "unknown baseline");
}

EvaluationData observe_reference(const ReferenceSets& sets, const FeatureSpace& space,
                                 const ComparisonSize& size, bool training) {
  EvaluationData data;
  data.reference = space.observe(data_rows(sets.held_out, size.real));
  const int64_t half = size.real / 2;
  switch (size.baseline) {
    case Baseline::kHeldOut:
      data.baseline = space.observe(data_rows(sets.held_out, size.real, size.real));
      break;
    case Baseline::kTraining:
      data.baseline = space.observe(data_rows(sets.training.value(), size.real));
      break;
    case Baseline::kHalves:
      data.baseline = rows_between(data.reference, 0, half);
      data.baseline_reference = rows_between(data.reference, half, 2 * half);
      break;
    case Baseline::kNone:
      break;
  }
  if (training && sets.training) {
    const int64_t count =
        std::min(kMostTrainingRows, rows_in(*sets.training).value_or(kMostTrainingRows));
    data.training = space.observe(data_rows(*sets.training, count)).features;
  }
  return data;
}

std::string class_obstacle(const Generator& generator, const Dataset& data) {
  if (class_count(generator) == 0) return "";
  if (!data.labelled()) return fmt::format("'{}' has no labels", data.name);
  const auto& known = generator.data.class_names;
  for (const std::string& name : data.class_names) {
    if (std::ranges::find(known, name) == known.end()) {
      return fmt::format("'{}' has a class '{}' that the generator was not trained on", data.name,
                         name);
    }
  }
  return "";
}

at::Tensor data_classes(const Generator& generator, const Dataset& data, int64_t count) {
  if (class_count(generator) == 0 || !class_obstacle(generator, data).empty()) return {};
  const auto& known = generator.data.class_names;
  std::vector<int64_t> number_of;
  for (const std::string& name : data.class_names) {
    number_of.push_back(std::ranges::find(known, name) - known.begin());
  }
  return torch::tensor(number_of, torch::kInt64).index_select(0, data_labels(data, count));
}

at::Tensor first_samples(const Generator& generator, uint64_t first_seed, int64_t n,
                         const Dataset& like) {
  std::vector<uint64_t> seeds(static_cast<size_t>(n));
  std::iota(seeds.begin(), seeds.end(), first_seed);
  Wanted wanted;
  wanted.classes = data_classes(generator, like, n);
  if (condition_count(generator) > 0) wanted.conditions = data_conditions(like, n);
  return sample(generator, seeds, wanted);
}

GeneratorJudge::GeneratorJudge(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
                               std::vector<Measure> measures, const std::string& device,
                               const Progress& progress)
    : measures_(std::move(measures)) {
  ReferenceSets sets = open_reference(data, seed, progress);
  space_ = open_features(options.space, sets.held_out.shape, device, sets.held_out.scale);
  size_ = comparison_size(sets, {.number = options.evaluate_n}, std::nullopt);
  const bool training = std::ranges::find(measures_, Measure::kMemorisation) != measures_.end();
  evaluator_ = std::make_unique<Evaluator>(
      observe_reference(sets, space_, size_, training),
      EvaluationOptions{.transport_n = std::max<int64_t>(2, size_.samples)});
  held_out_ = std::move(sets.held_out);
}

std::vector<Score> GeneratorJudge::scores(const Generator& generator) {
  const Observed samples = space_.observe(first_samples(generator, 0, size_.samples, held_out_));
  std::vector<Score> all;
  for (const Measure measure : measures_) {
    for (const Score& score : evaluator_->scores(measure, samples)) all.push_back(score);
  }
  return all;
}

}  // namespace wgan
