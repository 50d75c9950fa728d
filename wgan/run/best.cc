// The best checkpoint so far.
#include "wgan/run/best.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace wgan {
namespace {

using Json = nlohmann::ordered_json;

int64_t step_of(const Json& line) {
  const auto step = line.find("step");
  return step != line.end() && step->is_number_integer() ? step->get<int64_t>()
                                                         : std::numeric_limits<int64_t>::max();
}

}  // namespace

BestSoFar::BestSoFar(const DataOptions& data, uint64_t seed, const JudgeOptions& options,
                     const std::string& device, const std::filesystem::path& run, int64_t step,
                     int64_t patience_from)
    : options_(options),
      judge_(data, seed, options, {measure_of(options.best_by)}, device),
      least_(std::numeric_limits<double>::infinity()) {
  if (const std::string why = judge_.obstacle(judge_.measures().front()); !why.empty()) {
    throw Error(ErrorKind::kUsage, fmt::format("--best-by {}: {}", options.best_by, why),
                "frechet, kernel and sliced can be taken of all data");
  }
  const auto file = run / "evaluations.jsonl";
  cut_json_lines(file, [step](const Json& line) { return step_of(line) <= step; });
  if (std::filesystem::exists(file)) {
    for (const Json& line : read_json_lines(file)) {
      // Scores in another feature space, which standardised columns of other data are, do not
      // count.
      const auto space = line.find("feature_hash");
      if (space != line.end() && *space != judge_.space().hash) continue;
      const auto number = line.find("badness");
      const double found = number != line.end() && number->is_number()
                               ? number->get<double>()
                               : std::numeric_limits<double>::infinity();
      since_ = found < least_ || step_of(line) <= patience_from ? 0 : since_ + 1;
      least_ = std::min(least_, found);
    }
  }
  lines_ = std::make_unique<JsonLines>(file, /*append=*/true);
}

BestSoFar::Outcome BestSoFar::look(const Generator& generator) {
  const std::vector<Score> scores = judge_.scores(generator);
  Outcome outcome;
  outcome.score = *std::ranges::find(scores, options_.best_by, &Score::name);
  const double found = badness(outcome.score);
  outcome.best = found < least_;
  since_ = outcome.best ? 0 : since_ + 1;
  least_ = std::min(least_, found);
  outcome.give_up = options_.patience > 0 && since_ >= options_.patience;
  Json line{{"step", generator.step},
            {"features", judge_.space().name},
            {"feature_hash", judge_.space().hash},
            {"badness", std::isfinite(found) ? Json(found) : Json("inf")},
            {"best", outcome.best}};
  line["scores"] = Json::array();
  for (const Score& score : scores) line["scores"].push_back(score_to_json(score));
  lines_->append(line);
  return outcome;
}

}  // namespace wgan
