// wgan evaluate: how good samples are, in measures beside the values that real data have.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>

#include "wgan/cli/evaluate_request.h"
#include "wgan/cli/judge_critic.h"
#include "wgan/cli/score_table.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/io/json_lines.h"
#include "wgan/judge/data_rows.h"
#include "wgan/metrics/frechet.h"
#include "wgan/metrics/neighbours.h"
#include "wgan/nn/threads.h"
#include "wgan/run/picture.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Of the samples that a subject is judged by.
uint64_t first_seed(const EvaluationOptions& options) {
  return static_cast<uint64_t>(options.seed) << 32;
}

// The Frechet distance to statistics that were kept, instead of to rows.
Score to_statistics(const Comparing& c, const Observed& samples) {
  const Observed seen =
      c.kept_space.hash == c.space.hash ? samples : c.kept_space.observe(samples.rows);
  return {.name = "frechet-kept",
          .value = frechet_distance(moments_of(seen.features), *c.kept),
          .better = Better::kLower,
          .samples = samples.rows.size(0)};
}

// Of the first 500 samples, the 16 that lie nearest to a row of the training set, each above it.
void write_neighbours(const std::string& file, const Dataset& training_rows,
                      const at::Tensor& training, const Observed& samples) {
  constexpr int64_t kLooked = 500, kShown = 16;
  const Neighbours near = nearest_neighbours(samples.features.slice(0, 0, kLooked), training);
  const at::Tensor order = near.distance.argsort().slice(0, 0, kShown);
  std::vector<at::Tensor> above, below;
  for (int64_t i = 0; i < order.size(0); ++i) {
    const auto row = order[i].item<int64_t>();
    above.push_back(samples.rows.slice(0, row, row + 1));
    below.push_back(data_rows(training_rows, 1, near.index[row].item<int64_t>()));
  }
  above.insert(above.end(), below.begin(), below.end());
  write_png(file, image_grid(torch::cat(above), order.size(0)));
}

// Appends to metric-<name>.jsonl in the folder.
void append_scores(const fs::path& folder, const std::vector<Score>& scores, const Json& context) {
  std::error_code ignored;
  fs::create_directories(folder, ignored);
  for (const Score& score : scores) {
    Json line = score_to_json(score);
    line.update(context);
    JsonLines(folder / fmt::format("metric-{}.jsonl", score.name), /*append=*/true).append(line);
  }
}

// What one subject came to.
struct Judged {
  std::vector<Score> scores;
  std::vector<std::vector<double>> halves;  // [rounds][scores], where several are compared
  Json json;
};

// "latest at step 60: 300 samples against 300 rows of gaussians8, in columns (2 features,
// 1234...)".
std::string heading(const Comparing& c, const Subject& subject, const Observed& samples) {
  std::string text = subject.name;
  if (subject.generator) {
    text += " at step " + count_text(static_cast<double>(subject.generator->step));
  }
  text += fmt::format(": {} samples", count_text(static_cast<double>(samples.rows.size(0))));
  text += fmt::format(
      " against {} {}",
      c.rows_needed ? count_text(static_cast<double>(c.size.real)) + " rows of" : "the statistics",
      c.sets.held_out.name);
  const FeatureSpace& space = c.space;
  text += fmt::format(", in {} ({}, {})", space.name, counted(samples.features.size(1), "feature"),
                      space.hash.substr(0, 12));
  return c.rows_needed ? text + "\nreal vs real: " + baseline_text(c.size) : text;
}

// Where a subject's scores go as soon as each is there: the screen and metric-<name>.jsonl.
struct Recorder {
  const fs::path folder;
  Json context;
  double began;
  Terminal& terminal;
  std::vector<Score> told = {};

  void tell(const std::vector<Score>& scores) {
    context["seconds"] = now() - began;
    for (const Score& score : scores) {
      terminal.result(score_line(score));
      told.push_back(score);
    }
    if (!folder.empty()) append_scores(folder, scores, context);
  }
};

Judged judge(const EvaluateRequest& request, const Comparing& c, Evaluator* evaluator,
             const Subject& subject, Terminal& terminal) {
  Judged judged;
  const double began = now();
  Observed samples;
  {
    const Patience patience(terminal, subject.name + ": drawing and observing samples");
    samples =
        c.space.observe(rows_of(subject, first_seed(c.options), c.size.samples, c.sets.held_out));
  }
  Recorder recorder{
      .folder = request.out.empty() ? subject.run : fs::path(request.out),
      .context = {{"subject", subject.name},
                  {"step", subject.generator ? Json(subject.generator->step) : Json(nullptr)},
                  {"data", c.sets.held_out.name},
                  {"features", c.space.name},
                  {"feature_hash", c.space.hash},
                  {"dimensions", samples.features.size(1)},
                  {"seed", c.options.seed},
                  {"real_rows", c.size.real},
                  {"real_vs_real", c.rows_needed ? baseline_text(c.size) : ""}},
      .began = began,
      .terminal = terminal};
  terminal.result(heading(c, subject, samples) + "\n" + score_head());
  if (c.compared) judged.halves.resize(static_cast<size_t>(c.options.bootstrap));
  for (const Measure measure : c.measures) {
    std::vector<Score> scores;
    {
      const Patience patience(terminal, fmt::format("{}: {}", subject.name, enum_name(measure)));
      scores = evaluator->scores(measure, samples);
    }
    recorder.tell(scores);
    if (!c.compared) continue;
    const Patience patience(terminal,
                            fmt::format("{}: interval of {}", subject.name, enum_name(measure)));
    const auto halves = evaluator->halves(measure, samples);
    for (size_t i = 0; i < halves.size(); ++i) {
      judged.halves[i].insert(judged.halves[i].end(), halves[i].begin(), halves[i].end());
    }
  }
  judged.scores = recorder.told;
  if (c.kept) recorder.tell({to_statistics(c, samples)});
  terminal.result("");
  judged.json = recorder.context;
  judged.json["scores"] = Json::array();
  for (const Score& score : recorder.told) judged.json["scores"].push_back(score_to_json(score));
  if (request.critic) {
    const int64_t count = std::min({c.size.samples, c.size.real, c.options.transport_n});
    judged.json["critic"] = judge_critic(subject, c.sets, samples.rows, count,
                                         first_seed(c.options), c.device, terminal);
  }
  if (!request.picture.empty()) {
    write_neighbours(request.picture, *c.sets.training, evaluator->data().training, samples);
    terminal.result(request.picture);
  }
  return judged;
}

void save_statistics(const std::string& file, const Comparing& c, const EvaluationData& data) {
  Moments moments = moments_of(data.reference.features);
  moments.features = c.space.hash;
  if (c.feature_options.features == "pixels") {
    const ColumnScale& scale = c.sets.held_out.scale;
    moments.column_mean.assign(scale.mean.begin(), scale.mean.end());
    moments.column_deviation.assign(scale.deviation.begin(), scale.deviation.end());
  }
  write_moments(file, moments);
}

// The real rows, looked at; nothing where none are needed.
std::unique_ptr<Evaluator> evaluator_of(const EvaluateRequest& request, const Comparing& c,
                                        Terminal& terminal) {
  if (!c.rows_needed) return nullptr;
  const Patience patience(terminal, "observing the real rows");
  const bool training = !request.picture.empty() ||
                        std::ranges::find(c.measures, Measure::kMemorisation) != c.measures.end();
  return std::make_unique<Evaluator>(observe_reference(c.sets, c.space, c.size, training),
                                     c.options);
}

}  // namespace

int evaluate_verb(const Arguments& arguments) {
  CLI::App command(
      "Measures samples against data. Beside each score stands the score that real rows would get "
      "in the samples' place.",
      "wgan evaluate");
  EvaluateRequest request;
  add_evaluate_flags(command, request);
  if (!parse_arguments(command, arguments)) return 0;
  Terminal terminal(request.json);
  use_threads(request.threads);
  std::vector<Subject> subjects;
  const Comparing c = checked_comparison(request, subjects, terminal);
  const std::unique_ptr<Evaluator> evaluator = evaluator_of(request, c, terminal);
  if (!request.save_statistics.empty()) {
    save_statistics(request.save_statistics, c, evaluator->data());
  }
  std::vector<std::vector<Score>> scores;
  std::vector<std::vector<std::vector<double>>> halves;
  std::vector<std::string> names;
  Json results = Json::array();
  for (const Subject& subject : subjects) {
    Judged judged = judge(request, c, evaluator.get(), subject, terminal);
    scores.push_back(std::move(judged.scores));
    halves.push_back(std::move(judged.halves));
    names.push_back(subject.name);
    results.push_back(std::move(judged.json));
  }
  Json object{{"ok", true}, {"results", results}};
  if (c.compared) {
    const auto comparisons = compare(scores, halves);
    terminal.result(comparison_text(comparisons, names));
    object["comparison"] = comparison_to_json(comparisons, names);
  }
  terminal.object(object);
  return 0;
}

}  // namespace wgan
