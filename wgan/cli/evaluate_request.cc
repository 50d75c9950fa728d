// Flags of wgan evaluate, and the checks in front of it.
#include "wgan/cli/evaluate_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/cli/judge_critic.h"
#include "wgan/core/counted.h"
#include "wgan/io/image.h"
#include "wgan/judge/data_rows.h"
#include "wgan/run/checkpoint_state.h"
#include "wgan/run/device.h"
#include "wgan/run/load_generator.h"
#include "wgan/run/run_paths.h"

namespace wgan {
namespace {

const Subject* first_run(const std::vector<Subject>& subjects) {
  const auto run = std::ranges::find_if(
      subjects, [](const Subject& subject) { return subject.generator.has_value(); });
  return run == subjects.end() ? nullptr : &*run;
}

// What the flags alone say.
Comparing read_request(const EvaluateRequest& request) {
  Comparing c;
  c.device = resolve_device(request.device);
  c.compared = request.subjects.size() + request.compared.size() > 1;
  apply_settings(request.settings, c.data_options);
  apply_settings(request.settings, c.feature_options);
  apply_settings(request.settings, c.options);
  check_options(c.options);
  parse_wanted_rows(c.options.n);
  if (!request.statistics.empty()) c.kept = read_moments(request.statistics);
  c.rows_needed = !c.kept || given(request.settings, "data") || !request.measures.empty() ||
                  c.compared || request.critic || !request.picture.empty() ||
                  !request.save_statistics.empty();
  const std::string measures = request.measures.empty() ? "quick" : request.measures;
  if (c.rows_needed) c.measures = parse_measures(measures);
  if (!request.picture.empty() && !images_supported()) {
    throw Error(ErrorKind::kUsage, "--picture: this build cannot write pictures",
                "build with libvips");
  }
  return c;
}

// The subjects' generators, and whether files can be what else is given.
std::vector<Subject> open_subjects(const EvaluateRequest& request, const std::string& device) {
  std::vector<std::string> names = request.subjects;
  names.insert(names.end(), request.compared.begin(), request.compared.end());
  if (names.empty()) {
    throw Error(ErrorKind::kUsage, "nothing to evaluate",
                "give a run folder, a checkpoint, latest, or samples (.npy, a folder of pictures)");
  }
  std::vector<Subject> subjects;
  for (const std::string& name : names) {
    subjects.push_back(open_subject(name, device, request.runs));
    if (request.critic) check_critic(subjects.back());
  }
  return subjects;
}

// Whether the data has to be opened, for rows or for the classes and conditions of samples.
bool data_needed(const Comparing& c, const std::vector<Subject>& subjects) {
  return c.rows_needed || std::ranges::any_of(subjects, [](const Subject& subject) {
           return subject.generator &&
                  class_count(*subject.generator) + condition_count(*subject.generator) > 0;
         });
}

// That the data of a run is what it was, where they are opened as they were for it.
void check_identity(const Comparing& c, const Subject& run, const DataOptions& own,
                    Terminal& terminal) {
  if (options_to_json(own) != options_to_json(c.data_options)) return;
  if (is_embedded(own.data)) return;  // its seed may be another
  const Dataset& trained_on = c.sets.training ? *c.sets.training : c.sets.held_out;
  if (trained_on.identity == run.generator->data.identity) return;
  terminal.warning(
      fmt::format("{} has changed since {} was trained on it", c.data_options.data, run.name));
}

void open_data(const EvaluateRequest& request, const std::vector<Subject>& subjects, Comparing& c,
               Terminal& terminal) {
  const Subject* run = first_run(subjects);
  const bool own = !given(request.settings, "data");
  if (own && run == nullptr) {
    throw Error(ErrorKind::kUsage,
                "these samples do not come from a run, so they need data to be compared with",
                "give it with --data");
  }
  DataOptions of_run;
  if (own) {
    const auto& checkpoint = run->generator->checkpoint;
    if (is_generator_file(checkpoint)) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{} does not say where its data are", checkpoint.string()),
                  "give them with --data");
    }
    of_run = data_of_run(read_checkpoint_state(checkpoint).data_options, checkpoint,
                         "give its path with --data");
    c.data_options = of_run;
    apply_settings(request.settings, c.data_options);
  }
  check_features(c.feature_options, c.data_options);
  c.sets = open_reference(c.data_options, 0, [&](int64_t done, int64_t total) {
    terminal.ongoing(fmt::format("preparing the data {}/{}", done, total));
  });
  if (own) check_identity(c, *run, of_run, terminal);
}

const std::vector<int64_t>& shape_of(const Subject& subject) {
  return subject.generator ? subject.generator->data.shape : subject.samples->shape;
}

// Of all that are open.
void check_shapes(const Comparing& c, const std::vector<Subject>& subjects) {
  const std::vector<int64_t>& wanted =
      c.rows_needed ? c.sets.held_out.shape : shape_of(subjects.front());
  for (const Subject& subject : subjects) {
    if (!subject.generator && !subject.samples) continue;
    if (shape_of(subject) == wanted) continue;
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} has rows of shape {}, but those of '{}' are of shape {}", subject.name,
                    shape_text(shape_of(subject)), c.sets.held_out.name, shape_text(wanted)),
        "samples and data must have one shape: give with --data what they are samples of, "
        "of pictures with the same --size and --channels");
  }
}

void tell_class_obstacles(const Comparing& c, const std::vector<Subject>& subjects,
                          const EvaluateRequest& request, Terminal& terminal) {
  for (const Subject& subject : subjects) {
    if (!subject.generator) continue;
    const std::string why = class_obstacle(*subject.generator, c.sets.held_out);
    if (why.empty()) continue;
    if (request.critic) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("--critic: the critic of {} sees classes, but {}", subject.name, why),
                  "give the labelled data that it was trained on, or leave --critic out");
    }
    terminal.warning(
        fmt::format("{}: its classes are drawn in equal shares, as {}", subject.name, why));
  }
}

// A first row, to see how many features it gives.
at::Tensor one_row(const Comparing& c, const std::vector<Subject>& subjects) {
  return c.rows_needed ? data_rows(c.sets.held_out, 1)
                       : rows_of(subjects.front(), 0, 1, c.sets.held_out);
}

// Statistics carry the scale of the columns that they are of; those of other programs have none.
void check_statistics(const EvaluateRequest& request, const std::vector<Subject>& subjects,
                      const std::vector<int64_t>& shape, Comparing& c) {
  const Moments& kept = *c.kept;
  ColumnScale scale;
  scale.mean.assign(kept.column_mean.begin(), kept.column_mean.end());
  scale.deviation.assign(kept.column_deviation.begin(), kept.column_deviation.end());
  c.kept_space = open_features(c.feature_options, shape, c.device, scale);
  const char* const hint = "give the --features that it was made with";
  if (kept.features != "" && kept.features != c.kept_space.hash) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} holds statistics of another feature space ({}...) than {} ({}...)",
                            request.statistics, kept.features.substr(0, 12), c.kept_space.name,
                            c.kept_space.hash.substr(0, 12)),
                hint);
  }
  const int64_t features = c.kept_space.observe(one_row(c, subjects)).features.size(1);
  if (kept.mean.size(0) == features) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} holds statistics of {}, but {} has {}", request.statistics,
                          counted(kept.mean.size(0), "feature"), c.kept_space.name, features),
              hint);
}

// Why a measure cannot be taken, from what is open, but not looked at yet.
void check_measures(const EvaluateRequest& request, Comparing& c, Terminal& terminal) {
  // One real row stands for all of them.
  EvaluationData data;
  data.reference = c.space.observe(data_rows(c.sets.held_out, 1));
  const auto repeated = [&](const at::Tensor& x) {
    std::vector<int64_t> sizes = x.sizes().vec();
    sizes[0] = c.size.real;
    return x.expand(sizes);
  };
  data.reference.rows = repeated(data.reference.rows);
  if (c.sets.training) data.training = data.reference.features;
  const Evaluator evaluator(data, c.options);
  const int64_t samples = c.compared ? c.size.samples / 2 : c.size.samples;
  const bool quick = request.measures.empty() || request.measures == "quick";
  const bool some = quick || request.measures == "all";
  std::erase_if(c.measures, [&](Measure measure) {
    const std::string why = evaluator.obstacle(measure, samples);
    if (why.empty()) return false;
    if (!some) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("{} cannot be measured: {}", enum_name(measure), why),
                  "leave it out of --measures");
    }
    // Quick measures that want a classifier are missed by nobody who gave none.
    if (!quick || data.reference.probabilities.defined() || measure == Measure::kNeighbours) {
      terminal.line(fmt::format("left out: {}: {}", enum_name(measure), why));
    }
    return true;
  });
}

// The samples nearest to training rows can only be shown where these are known, and pictures.
void check_picture(const Comparing& c) {
  if (!c.sets.held_out.is_image()) {
    throw Error(ErrorKind::kUsage, "--picture shows pictures, and these are vectors",
                "leave --picture out");
  }
  if (c.sets.training) return;
  throw Error(ErrorKind::kUsage,
              "--picture shows samples beside rows that were trained on, but this data has no test "
              "part to tell them from others",
              "give data with a test part, or the --holdout that the run was trained with");
}

}  // namespace

void add_evaluate_flags(CLI::App& command, EvaluateRequest& request) {
  command.add_option(
      "subjects", request.subjects,
      "run folder, checkpoint, latest, or samples: .npy, .npz, a folder of pictures");
  command.add_option("--compare", request.compared,
                     "also evaluate these, rank all with intervals, and say which differences are "
                     "within the noise");
  command
      .add_option("--measures", request.measures,
                  fmt::format("quick: those that take seconds; all: every one that can be taken; "
                              "or some of {}",
                              fmt::join(split(enum_choices<Measure>(), '|'), ", ")))
      ->default_str("quick");
  command.add_flag("--critic", request.critic,
                   "compare the critic's estimate and its bounds with the exact W1 (runs only)");
  command.add_option(
      "--picture", request.picture,
      "PNG to write: the samples nearest to training rows, each above its training row (data with "
      "a test part or --holdout)");
  command.add_option("--statistics", request.statistics,
                     "NPZ of mu and sigma, as --save-statistics or pytorch-fid write: adds the "
                     "Frechet distance to it; alone, without --data and --measures, it is all "
                     "that is measured");
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

Comparing checked_comparison(const EvaluateRequest& request, std::vector<Subject>& subjects,
                             Terminal& terminal) {
  Comparing c = read_request(request);
  subjects = open_subjects(request, c.device);
  if (const Subject* run = first_run(subjects)) {
    open_features(c.feature_options, run->generator->data.shape, c.device);
  }
  // Without end: any number of samples will do.
  c.sets.held_out.name = request.statistics;
  c.sets.held_out.endless = true;
  if (data_needed(c, subjects)) {
    open_data(request, subjects, c, terminal);
    if (c.rows_needed) check_shapes(c, subjects);
    if (!request.picture.empty()) check_picture(c);
    tell_class_obstacles(c, subjects, request, terminal);
  }
  std::optional<int64_t> available;
  for (Subject& subject : subjects) {
    if (subject.generator) continue;
    open_samples(subject, c.data_options, c.sets.held_out, [&](int64_t done, int64_t total) {
      terminal.ongoing(fmt::format("preparing {} {}/{}", subject.name, done, total));
    });
    const Dataset& samples = *subject.samples;
    if (!samples.endless) available = std::min(available.value_or(samples.size), samples.size);
  }
  check_shapes(c, subjects);
  const std::vector<int64_t> shape = shape_of(subjects.front());
  c.space = open_features(c.feature_options, shape, c.device, c.sets.held_out.scale);
  if (c.kept) check_statistics(request, subjects, shape, c);
  c.size = comparison_size(c.sets, parse_wanted_rows(c.options.n), available);
  if (c.rows_needed) {
    check_measures(request, c, terminal);
  } else {
    c.space = c.kept_space;
    c.size.real = 0;
  }
  return c;
}

}  // namespace wgan
