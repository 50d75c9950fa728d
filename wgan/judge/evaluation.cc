// The measures, one function each, and what is done with all of them.
#include "wgan/judge/evaluation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/io/json_fields.h"
#include "wgan/metrics/frechet.h"
#include "wgan/metrics/ground_cost.h"
#include "wgan/metrics/inception_score.h"
#include "wgan/metrics/kernel_distance.h"
#include "wgan/metrics/memorisation.h"
#include "wgan/metrics/modes.h"
#include "wgan/metrics/ms_ssim.h"
#include "wgan/metrics/neighbours.h"
#include "wgan/metrics/sinkhorn.h"
#include "wgan/metrics/sliced.h"
#include "wgan/metrics/transport.h"
#include "wgan/train/pixels.h"

namespace wgan {
namespace {

using Scores = std::vector<Score>;

constexpr int64_t kInceptionSplits = 10;

// What a measure is computed from.
struct Sides {
  const Observed& samples;
  const EvaluationData& data;
  const EvaluationOptions& options;
  uint64_t seed() const { return static_cast<uint64_t>(options.seed); }
};

Score score(const std::string& name, double value, Better better, const Sides& s,
            double deviation = kNotKnown) {
  return {.name = name,
          .value = value,
          .deviation = deviation,
          .better = better,
          .samples = s.samples.rows.size(0)};
}

Scores frechet(const Sides& s) {
  const double value = frechet_distance(s.samples.features, s.data.reference.features);
  return {score("frechet", value, Better::kLower, s)};
}

Scores kernel(const Sides& s) {
  // Subsets of half of the rows at most: those of all rows would all be the same.
  const int64_t rows = std::min(s.samples.features.size(0), s.data.reference.features.size(0));
  const int64_t size = std::clamp<int64_t>(rows / 2, 2, 1000);
  const KernelDistance found =
      kernel_distance(s.samples.features, s.data.reference.features,
                      {.subsets = 50, .subset_size = size, .seed = s.seed()});
  return {score("kernel", found.mean, Better::kLower, s, found.standard_error)};
}

Scores neighbours(const Sides& s) {
  const NeighbourMeasures found =
      neighbour_measures(s.data.reference.features, s.samples.features, s.options.neighbour);
  return {score("precision", found.precision, Better::kHigher, s),
          score("recall", found.recall, Better::kHigher, s),
          score("density", found.density, Better::kNearReal, s),
          score("coverage", found.coverage, Better::kHigher, s)};
}

// The first rows of both sides, as many as transport is to be computed between.
struct TransportRows {
  at::Tensor samples, reference;
};
TransportRows transport_rows(const Sides& s) {
  const auto first = [&](const at::Tensor& rows) {
    return rows.slice(0, 0, std::min(s.options.transport_n, s.samples.features.size(0)));
  };
  return {first(s.samples.features), first(s.data.reference.features)};
}

Scores transport(const Sides& s, const char* name, int order) {
  const TransportRows rows = transport_rows(s);
  Score found = score(name, wasserstein(rows.samples, rows.reference, order), Better::kLower, s);
  found.samples = rows.samples.size(0);
  return {found};
}

Scores sliced(const Sides& s) {
  const double found =
      sliced_wasserstein(s.samples.features, s.data.reference.features,
                         {.order = 1, .projections = s.options.projections, .seed = s.seed()});
  return {score("sliced", found, Better::kLower, s)};
}

Scores sinkhorn(const Sides& s) {
  const TransportRows rows = transport_rows(s);
  // A tenth of the mean cost: far enough from the exact distance to be quick, near enough to order
  // samples as it does.
  const at::Tensor costs = ground_costs(rows.samples.to(torch::kFloat64),
                                        rows.reference.to(torch::kFloat64), GroundCost::kEuclidean);
  const double epsilon = 0.1 * std::max(costs.mean().item<double>(), 1e-12);
  const SinkhornDivergence found =
      sinkhorn_divergence(rows.samples, rows.reference, GroundCost::kEuclidean,
                          {.epsilon = epsilon, .marginal_error = 1e-6, .iterations = 1000});
  Score result = score("sinkhorn", found.dual, Better::kLower, s);
  result.samples = rows.samples.size(0);
  return {result};
}

Scores inception(const Sides& s) {
  const InceptionScore found =
      inception_score_of_probabilities(s.samples.probabilities, kInceptionSplits);
  return {score("inception-score", found.mean, Better::kHigher, s, found.deviation)};
}

Scores modes(const Sides& s) {
  const at::Tensor probabilities = s.data.reference.probabilities;
  const at::Tensor real = most_probable_classes(probabilities);
  const at::Tensor counts = torch::bincount(real, {}, probabilities.size(1)).to(torch::kFloat64);
  const ModeCoverage found =
      mode_coverage(most_probable_classes(s.samples.probabilities),
                    {counts.data_ptr<double>(), static_cast<size_t>(counts.numel())});
  return {score("modes-found", static_cast<double>(found.found), Better::kHigher, s),
          score("modes-kl", found.kl, Better::kLower, s)};
}

Scores similarity(const Sides& s) {
  const at::Tensor& rows = s.samples.rows;
  const at::Tensor pictures =
      rows.size(3) == 4 ? premultiplied(rows).round().to(torch::kUInt8) : rows;
  const MsSsimDiversity found =
      ms_ssim_diversity(pictures, {.pairs = s.options.pairs, .seed = s.seed()});
  return {score("ms-ssim", found.mean, Better::kNearReal, s, found.standard_error)};
}

Scores memory(const Sides& s) {
  const auto distances = [&](const at::Tensor& rows) {
    return nearest_neighbours(rows, s.data.training).distance;
  };
  const Memorisation found =
      memorisation(distances(s.samples.features), distances(s.data.reference.features));
  return {
      score("memorised-share", found.nearer_share, Better::kNearReal, s),
      score("memorised-z", found.z, Better::kNearReal, s),
      score("nearest-median", found.samples[kDistanceQuantiles.size() / 2], Better::kNearReal, s)};
}

Scores compute(Measure measure, const Sides& s) {
  switch (measure) {
    case Measure::kFrechet:
      return frechet(s);
    case Measure::kKernel:
      return kernel(s);
    case Measure::kNeighbours:
      return neighbours(s);
    case Measure::kW1:
      return transport(s, "w1", 1);
    case Measure::kW2:
      return transport(s, "w2", 2);
    case Measure::kSliced:
      return sliced(s);
    case Measure::kSinkhorn:
      return sinkhorn(s);
    case Measure::kInceptionScore:
      return inception(s);
    case Measure::kModes:
      return modes(s);
    case Measure::kMsSsim:
      return similarity(s);
    case Measure::kMemorisation:
      return memory(s);
  }
  throw Error(ErrorKind::kInternal, "unknown measure");
}

// Why a measure cannot be taken of `samples` samples beside such data, or "".
std::string obstacle_of(Measure measure, const EvaluationData& data, int64_t samples,
                        const EvaluationOptions& options) {
  const Observed& real = data.reference;
  const int64_t n = std::min(samples, real.rows.size(0));
  const auto at_least = [n](int64_t wanted) {
    return n >= wanted
               ? ""
               : fmt::format("it needs {} or more, and there are {}", counted(wanted, "row"), n);
  };
  switch (measure) {
    case Measure::kInceptionScore:
    case Measure::kModes:
      if (!real.probabilities.defined()) {
        return "it needs class probabilities: give --features a classifier (wgan features train "
               "DATA)";
      }
      return at_least(measure == Measure::kModes ? 1 : kInceptionSplits);
    case Measure::kMsSsim:
      if (real.rows.dim() != 4) return "it compares pictures";
      return ms_ssim_scales(real.rows.size(1), real.rows.size(2)) > 0
                 ? at_least(2)
                 : "it needs pictures of 11 pixels a side or more";
    case Measure::kMemorisation:
      return data.training.defined()
                 ? ""
                 : "it needs rows that were trained on beside others that were not: hold some out "
                   "with --holdout, as in --holdout 0.1, when the run is trained";
    case Measure::kNeighbours:
      return options.neighbour < n
                 ? ""
                 : fmt::format("it needs more than --neighbour {} rows, and there are {}",
                               options.neighbour, n);
    default:
      return at_least(2);
  }
}

// What the baseline is measured against.
EvaluationData baseline_data(const EvaluationData& data) {
  EvaluationData against = data;
  if (data.baseline_reference.features.defined()) against.reference = data.baseline_reference;
  return against;
}

Observed chosen(const Observed& all, const at::Tensor& index) {
  const auto pick = [&](const at::Tensor& x) { return x.defined() ? x.index_select(0, index) : x; };
  return {pick(all.rows), pick(all.features), pick(all.probabilities)};
}

}  // namespace

void check_options(const EvaluationOptions& options) {
  if (options.transport_n < 2 || options.neighbour < 1 || options.projections < 1 ||
      options.pairs < 2 || options.bootstrap < 2 || options.seed < 0) {
    throw Error(ErrorKind::kUsage,
                "--transport-n, --pairs and --bootstrap must be 2 or more, --neighbour and "
                "--projections 1 or more, --seed not negative");
  }
}

Evaluator::Evaluator(EvaluationData data, const EvaluationOptions& options)
    : data_(std::move(data)), against_(baseline_data(data_)), options_(options) {
  check_options(options);
}

std::string Evaluator::obstacle(Measure measure, int64_t samples) const {
  return obstacle_of(measure, data_, samples, options_);
}

Scores Evaluator::values(Measure measure, const Observed& samples) const {
  return compute(measure, {samples, data_, options_});
}

Scores Evaluator::scores(Measure measure, const Observed& samples) {
  if (const std::string why = obstacle(measure, samples.rows.size(0)); !why.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} cannot be measured: {}", enum_name(measure), why));
  }
  Scores found = values(measure, samples);
  const Scores& real = baseline(measure);
  for (size_t i = 0; i < real.size(); ++i) found[i].real = real[i].value;
  return found;
}

// Computed once; none where there are too few rows.
const Scores& Evaluator::baseline(Measure measure) {
  const auto [place, missing] = baseline_.try_emplace(measure);
  if (missing && data_.baseline.features.defined() &&
      obstacle_of(measure, against_, data_.baseline.rows.size(0), options_).empty()) {
    place->second = compute(measure, {data_.baseline, against_, options_});
  }
  return place->second;
}

std::vector<std::vector<double>> Evaluator::halves(Measure measure, const Observed& samples) const {
  const auto n = static_cast<uint64_t>(samples.rows.size(0));
  std::vector<std::vector<double>> all;
  for (int64_t round = 0; round < options_.bootstrap; ++round) {
    std::vector<int64_t> rows(n / 2);
    for (uint64_t i = 0; i < rows.size(); ++i) {
      rows[i] =
          static_cast<int64_t>(permuted_index(static_cast<uint64_t>(options_.seed), Stream::kHalves,
                                              static_cast<uint64_t>(round), i, n));
    }
    std::vector<double> one;
    for (const Score& found : values(measure, chosen(samples, torch::tensor(rows)))) {
      one.push_back(found.value);
    }
    all.push_back(std::move(one));
  }
  return all;
}

double badness(const Score& score) {
  if (std::isnan(score.value)) return std::numeric_limits<double>::infinity();
  switch (score.better) {
    case Better::kLower:
      return score.value;
    case Better::kHigher:
      return -score.value;
    case Better::kNearReal:
      return std::abs(score.value - (std::isnan(score.real) ? 0 : score.real));
  }
  throw Error(ErrorKind::kInternal, "unknown direction");
}

Measure measure_of(const std::string& score) {
  static const std::pair<const char*, Measure> kScores[] = {
      {"frechet", Measure::kFrechet},
      {"kernel", Measure::kKernel},
      {"precision", Measure::kNeighbours},
      {"recall", Measure::kNeighbours},
      {"density", Measure::kNeighbours},
      {"coverage", Measure::kNeighbours},
      {"w1", Measure::kW1},
      {"w2", Measure::kW2},
      {"sliced", Measure::kSliced},
      {"sinkhorn", Measure::kSinkhorn},
      {"inception-score", Measure::kInceptionScore},
      {"modes-found", Measure::kModes},
      {"modes-kl", Measure::kModes},
      {"ms-ssim", Measure::kMsSsim},
      {"memorised-share", Measure::kMemorisation},
      {"memorised-z", Measure::kMemorisation},
      {"nearest-median", Measure::kMemorisation}};
  std::vector<std::string> names;
  for (const auto& [name, measure] : kScores) {
    if (score == name) return measure;
    names.emplace_back(name);
  }
  throw Error(ErrorKind::kUsage, fmt::format("'{}' is no score", score),
              fmt::format("the scores are {}", fmt::join(names, ", ")));
}

std::vector<Measure> quick_measures() {
  return {Measure::kFrechet, Measure::kSliced, Measure::kInceptionScore,
          Measure::kModes,   Measure::kKernel, Measure::kNeighbours};
}

std::vector<Measure> parse_measures(const std::string& text) {
  std::vector<Measure> measures = quick_measures();
  if (text == "quick") return measures;
  const bool all = text == "all";
  if (!all) measures.clear();
  for (const std::string& name : split(all ? enum_choices<Measure>() : text, all ? '|' : ',')) {
    const auto measure = enum_value<Measure>("--measures", name);
    if (std::ranges::find(measures, measure) == measures.end()) measures.push_back(measure);
  }
  return measures;
}

nlohmann::ordered_json score_to_json(const Score& score) {
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value)
           : std::isinf(value)  ? nlohmann::ordered_json(value > 0 ? "inf" : "-inf")
                                : nlohmann::ordered_json(nullptr);
  };
  nlohmann::ordered_json json;
  json["name"] = score.name;
  json["value"] = number(score.value);
  json["deviation"] = number(score.deviation);
  json["real"] = number(score.real);
  json["better"] = enum_name(score.better);
  json["samples"] = score.samples;
  return json;
}

Score score_from_json(const nlohmann::ordered_json& json) {
  const auto number = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_number() ? found->get<double>() : kNotKnown;
  };
  return {.name = json_field<std::string>(json, "name"),
          .value = number("value"),
          .deviation = number("deviation"),
          .real = number("real"),
          .better = enum_value<Better>("better", json_field<std::string>(json, "better")),
          .samples = json_field<int64_t>(json, "samples")};
}

}  // namespace wgan
