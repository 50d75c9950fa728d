// wgan evaluate: how good samples are, in measures beside the values that real data have.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>
#include <chrono>

#include "wgan/cli/score_table.h"
#include "wgan/cli/settings.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/io/json_lines.h"
#include "wgan/judge/critic_bound.h"
#include "wgan/judge/data_rows.h"
#include "wgan/judge/reference.h"
#include "wgan/metrics/frechet.h"
#include "wgan/metrics/neighbours.h"
#include "wgan/nn/model_file.h"
#include "wgan/nn/threads.h"
#include "wgan/run/device.h"
#include "wgan/run/picture.h"
#include "wgan/run/session.h"
#include "wgan/run/subject.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct EvaluateRequest {
  Settings settings;
  std::vector<std::string> subjects;
  std::vector<std::string> compared;
  std::string measures = "all";
  std::string statistics;
  std::string save_statistics;
  std::string picture;
  std::string out;
  std::string device = "auto";
  std::string runs = "runs";
  int64_t threads = 0;
  bool critic = false;
  bool json = false;
};

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Everything that the subjects have in common.
struct Common {
  DataOptions data_options;
  FeatureOptions feature_options;
  EvaluationOptions options;
  std::string device;
  ReferenceSets sets;
  FeatureSpace space;
  int64_t n = 0;
};

bool given(const Settings& settings, const char* name) {
  return std::ranges::any_of(settings, [&](const auto& s) { return s.name == name; });
}

// Of the samples that a subject is judged by.
uint64_t first_seed(const EvaluationOptions& options) {
  return static_cast<uint64_t>(options.seed) << 32;
}

Common common_of(const EvaluateRequest& request, std::vector<Subject>& subjects,
                 Terminal& terminal) {
  Common s;
  s.device = resolve_device(request.device);
  std::vector<std::string> names = request.subjects;
  names.insert(names.end(), request.compared.begin(), request.compared.end());
  if (names.empty()) {
    throw Error(ErrorKind::kUsage, "nothing to evaluate",
                "give a run folder, a checkpoint, latest, or samples (.npy, a folder of pictures)");
  }
  apply_settings(request.settings, s.data_options);
  for (const std::string& name : names) {
    subjects.push_back(open_subject(name, s.device, request.runs, s.data_options));
  }
  if (!given(request.settings, "data")) {
    const auto run = std::ranges::find_if(
        subjects, [](const Subject& subject) { return subject.generator.has_value(); });
    if (run == subjects.end()) {
      throw Error(ErrorKind::kUsage,
                  "these samples do not come from a run, so they need data to be compared with",
                  "give it with --data");
    }
    s.data_options = data_options_of(*run->generator);
    apply_settings(request.settings, s.data_options);
  }
  apply_settings(request.settings, s.feature_options);
  apply_settings(request.settings, s.options);
  s.sets = open_reference(s.data_options, 0, [&](int64_t done, int64_t total) {
    terminal.flicker(fmt::format("preparing {}/{}", done, total));
  });
  s.space = open_features(s.feature_options, s.sets.held_out.shape, s.device);
  int64_t available = std::numeric_limits<int64_t>::max();
  for (const Subject& subject : subjects) {
    if (subject.samples && !subject.samples->endless) {
      available = std::min(available, subject.samples->size);
    }
  }
  s.n = comparison_size(s.sets, s.options.n, available);
  return s;
}

// The measures that were asked for. Of all, those that can be taken; the others are told.
std::vector<Measure> chosen_measures(std::vector<Measure> measures, bool all,
                                     const Evaluator& evaluator, Terminal& terminal) {
  if (!all) return measures;
  std::erase_if(measures, [&](Measure measure) {
    const std::string why = evaluator.obstacle(measure);
    if (!why.empty()) terminal.line(fmt::format("left out: {}: {}", enum_name(measure), why));
    return !why.empty();
  });
  return measures;
}

// The Frechet distance to statistics that were kept, instead of to rows.
Score to_statistics(const std::string& file, const FeatureSpace& space, const Observed& samples) {
  const Moments kept = read_moments(file);
  if (kept.features != "" && kept.features != space.hash) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} holds statistics of another feature space ({}...) than {} ({}...)", file,
                    kept.features.substr(0, 12), space.name, space.hash.substr(0, 12)),
        "give the --features that it was made with");
  }
  if (kept.mean.size(0) != samples.features.size(1)) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} holds statistics of {}, but {} has {}", file,
                    counted(kept.mean.size(0), "feature"), space.name, samples.features.size(1)),
        "give the --features that it was made with");
  }
  return {.name = "frechet-kept",
          .value = frechet_distance(moments_of(samples.features), kept),
          .better = Better::kLower,
          .samples = samples.rows.size(0)};
}

// Of the first 500 samples, the 16 that lie nearest to a row of the training set, each above it.
void write_neighbours(const std::string& file, const Common& s, const EvaluationData& data,
                      const Observed& samples) {
  constexpr int64_t kLooked = 500, kShown = 16;
  if (!data.training.defined() || samples.rows.dim() != 4) {
    throw Error(ErrorKind::kUsage,
                "--picture shows samples beside training rows, and there are none",
                "it needs pictures, and data with a test part of its own");
  }
  const Neighbours near = nearest_neighbours(samples.features.slice(0, 0, kLooked), data.training);
  const at::Tensor order = near.distance.argsort().slice(0, 0, kShown);
  std::vector<at::Tensor> above, below;
  for (int64_t i = 0; i < order.size(0); ++i) {
    const auto row = order[i].item<int64_t>();
    above.push_back(samples.rows.slice(0, row, row + 1));
    below.push_back(data_rows(*s.sets.training, 1, near.index[row].item<int64_t>()));
  }
  above.insert(above.end(), below.begin(), below.end());
  write_png(file, image_grid(torch::cat(above), order.size(0)));
}

// Rows [N, H, W, C] uint8 or [N, D] as the critic of a run sees them.
at::Tensor critic_view(const at::Tensor& rows, const Generator& generator) {
  if (rows.dim() == 4) {
    const at::Tensor x = rows.permute({0, 3, 1, 2}).to(torch::kFloat32);
    return pixel_range(generator.model.network) == PixelRange::kUnit ? x / 255 : x / 127.5 - 1;
  }
  return to_standard_units(rows, generator.data.scale);
}

// The critic of a run beside the exact distance.
Json judge_critic(const Subject& subject, const Common& s, const at::Tensor& sampled,
                  Terminal& terminal) {
  const Generator& g = subject.generator.value();
  if (condition_count(g) > 0) {
    throw Error(ErrorKind::kUsage,
                "--critic: this critic sees conditions beside the samples, and no two rows share "
                "theirs, so there is no distance to set beside its estimate",
                "leave --critic out");
  }
  check_checkpoint(g.checkpoint, Purpose::kTrain);
  const CheckpointState state = read_checkpoint_state(g.checkpoint);
  Model critic =
      make_model(state.networks.critic,
                 at::TensorOptions(torch::kFloat32).device(torch::Device(s.device)), Training::kNo);
  read_model(g.checkpoint / "critic.safetensors", critic);
  const int64_t count = std::min(s.n, s.options.transport_n);
  const int64_t classes = class_count(g);
  const auto real_rows = [&](const Dataset& set) {
    return CriticRows{critic_view(data_rows(set, count), g),
                      classes > 0 ? data_labels(set, count) : at::Tensor()};
  };
  const uint64_t seed = first_seed(s.options);
  CriticRows fake{critic_view(sampled.slice(0, 0, count), g), {}};
  if (classes > 0) {
    fake.labels =
        (torch::arange(count) + static_cast<int64_t>(seed % static_cast<uint64_t>(classes))) %
        classes;
  }
  const CriticRows held_out = real_rows(s.sets.held_out);
  const CriticBound b = bound_by_critic(critic, held_out, fake, seed);
  Json json{{"rows", count},
            {"estimate", b.estimate},
            {"largest_slope", b.largest_slope},
            {"slope_bound", b.slope_bound},
            {"pair_slope", b.pair_slope},
            {"pair_bound", b.pair_bound},
            {"exact_w1", b.exact_w1}};
  std::string text = fmt::format(
      "critic of {} on {} rows, distances as it sees them{}:\n"
      "  E f(x) - E f(G(z))      {:.5g}   on held-out rows\n"
      "  / its largest |grad f|  {:.5g}   ({:.4g} over these rows: an estimate of a lower bound)\n"
      "  / its steepest pair     {:.5g}   ({:.4g}: a lower bound for certain)\n"
      "  exact W1                {:.5g}",
      subject.name, count, classes > 0 ? ", class by class" : "", b.estimate, b.slope_bound,
      b.largest_slope, b.pair_bound, b.pair_slope, b.exact_w1);
  if (s.sets.training) {
    const double on_training = mean_score(critic, real_rows(*s.sets.training));
    const double gap = on_training - mean_score(critic, held_out);
    json["training_gap"] = gap;
    text += fmt::format("\n  E f, training - held-out rows  {:.5g}", gap);
  }
  terminal.result(text);
  return json;
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

Judged judge(const EvaluateRequest& request, const Common& s, Evaluator& evaluator,
             const std::vector<Measure>& measures, const Subject& subject, bool compared,
             Terminal& terminal) {
  Judged judged;
  const double began = now();
  terminal.flicker(subject.name + ": sampling");
  const at::Tensor rows = rows_of(subject, first_seed(s.options), s.n, s.sets.held_out);
  const Observed samples = s.space.observe(rows);
  if (compared) judged.halves.resize(static_cast<size_t>(s.options.bootstrap));
  for (const Measure measure : measures) {
    terminal.flicker(fmt::format("{}: {}", subject.name, enum_name(measure)));
    for (Score& score : evaluator.scores(measure, samples)) judged.scores.push_back(score);
    if (!compared) continue;
    const auto halves = evaluator.halves(measure, samples);
    for (size_t i = 0; i < halves.size(); ++i) {
      judged.halves[i].insert(judged.halves[i].end(), halves[i].begin(), halves[i].end());
    }
  }
  Json context{{"subject", subject.name},
               {"step", subject.generator ? Json(subject.generator->step) : Json(nullptr)},
               {"data", s.sets.held_out.name},
               {"features", s.space.name},
               {"feature_hash", s.space.hash},
               {"dimensions", samples.features.size(1)},
               {"seed", s.options.seed},
               {"seconds", now() - began}};
  std::vector<Score> told = judged.scores;
  if (!request.statistics.empty()) {
    told.push_back(to_statistics(request.statistics, s.space, samples));
  }
  terminal.result(fmt::format(
      "{}{}: {} samples against rows of {}, in {} ({}, {})\n{}\n", subject.name,
      subject.generator
          ? fmt::format(" at step {}", count_text(static_cast<double>(subject.generator->step)))
          : "",
      count_text(static_cast<double>(s.n)), s.sets.held_out.name, s.space.name,
      counted(samples.features.size(1), "feature"), s.space.hash.substr(0, 12), score_table(told)));
  judged.json = context;
  judged.json["scores"] = Json::array();
  for (const Score& score : told) judged.json["scores"].push_back(score_to_json(score));
  if (request.critic) judged.json["critic"] = judge_critic(subject, s, rows, terminal);
  if (!request.picture.empty()) {
    write_neighbours(request.picture, s, evaluator.data(), samples);
    terminal.result(request.picture);
  }
  const fs::path folder = request.out.empty() ? subject.run : fs::path(request.out);
  if (!folder.empty()) append_scores(folder, told, context);
  return judged;
}

void add_flags(CLI::App& command, EvaluateRequest& request) {
  command.add_option(
      "subjects", request.subjects,
      "run folder, checkpoint, latest, or samples: .npy, .npz, a folder of pictures");
  command.add_option("--compare", request.compared,
                     "also evaluate these, rank all with intervals, and say which differences are "
                     "within the noise");
  command
      .add_option("--measures", request.measures,
                  fmt::format("all that can be taken, or some of {}",
                              fmt::join(split(enum_choices<Measure>(), '|'), ", ")))
      ->capture_default_str();
  command.add_flag("--critic", request.critic,
                   "compare the critic's estimate and its bounds with the exact W1 (runs only)");
  command.add_option(
      "--picture", request.picture,
      "PNG to write: the samples nearest to training rows, each above its training row");
  command.add_option("--statistics", request.statistics,
                     "NPZ of mu and sigma, as --save-statistics or pytorch-fid write: adds the "
                     "Frechet distance to it");
  command.add_option("--save-statistics", request.save_statistics,
                     "NPZ to write: mu and sigma of the data's features");
  command.add_option("--out", request.out,
                     "folder for metric-<name>.jsonl; default: the run folder");
  command.add_option("--device", request.device, "cpu, cuda or auto")->capture_default_str();
  command.add_option("--threads", request.threads, "CPU threads; 0: all cores")
      ->capture_default_str();
  command.add_option("--runs", request.runs, "folder of runs in which latest is looked up")
      ->capture_default_str();
  command.add_flag("--json", request.json, "the result as a JSON object on stdout");
  add_option_flags<EvaluationOptions>(command, "Measuring", request.settings);
  add_option_flags<FeatureOptions>(command, "Features", request.settings);
  add_option_flags<DataOptions>(command, "Data [default: what the run was trained on]",
                                request.settings);
  command.remove_option(command.get_option("--split"));  // held-out rows, where there are any
}

}  // namespace

int evaluate_verb(const Arguments& arguments) {
  CLI::App command(
      "Measures samples against data. Beside each score stands the score that real rows would get "
      "in the samples' place.",
      "wgan evaluate");
  EvaluateRequest request;
  add_flags(command, request);
  if (!parse_arguments(command, arguments)) return 0;
  Terminal terminal(request.json);
  use_threads(request.threads);
  std::vector<Subject> subjects;
  const Common s = common_of(request, subjects, terminal);
  if (request.critic &&
      std::ranges::any_of(subjects, [](const Subject& x) { return !x.generator; })) {
    throw Error(ErrorKind::kUsage,
                "--critic: these samples do not come from a run, so there is no critic",
                "give runs alone, or leave --critic out");
  }
  terminal.flicker("looking at the data");
  const std::vector<Measure> asked = parse_measures(request.measures);
  const bool training =
      !request.picture.empty() || std::ranges::find(asked, Measure::kMemorisation) != asked.end();
  Evaluator evaluator(observe_reference(s.sets, s.space, s.n, training), s.options);
  if (!request.save_statistics.empty()) {
    Moments moments = moments_of(evaluator.data().reference.features);
    moments.features = s.space.hash;
    write_moments(request.save_statistics, moments);
  }
  const std::vector<Measure> measures =
      chosen_measures(asked, request.measures == "all", evaluator, terminal);
  const bool compared = subjects.size() > 1;
  std::vector<std::vector<Score>> scores;
  std::vector<std::vector<std::vector<double>>> halves;
  std::vector<std::string> names;
  Json results = Json::array();
  for (const Subject& subject : subjects) {
    Judged judged = judge(request, s, evaluator, measures, subject, compared, terminal);
    scores.push_back(std::move(judged.scores));
    halves.push_back(std::move(judged.halves));
    names.push_back(subject.name);
    results.push_back(std::move(judged.json));
  }
  Json object{{"ok", true}, {"results", results}};
  if (compared) {
    const auto comparisons = compare(scores, halves);
    terminal.result(comparison_text(comparisons, names));
    object["comparison"] = comparison_to_json(comparisons, names);
  }
  terminal.object(object);
  return 0;
}

}  // namespace wgan
