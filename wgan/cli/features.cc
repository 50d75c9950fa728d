// wgan features: fit a classifier whose features samples and data are compared in.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "wgan/cli/settings.h"
#include "wgan/cli/terminal.h"
#include "wgan/cli/verbs.h"
#include "wgan/core/counted.h"
#include "wgan/core/shell_word.h"
#include "wgan/data/open.h"
#include "wgan/io/digest.h"
#include "wgan/io/mapped_file.h"
#include "wgan/judge/classifier.h"
#include "wgan/judge/reference.h"
#include "wgan/nn/threads.h"

namespace wgan {
namespace {

constexpr int64_t kMostTestRows = 10'000;

struct FeaturesRequest {
  Settings settings;
  std::string data;
  std::string out = "classifier.safetensors";
  ClassifierOptions fit;
  int64_t threads = 0;
  bool json = false;
};

int train_features(const FeaturesRequest& request) {
  Terminal terminal(request.json);
  DataOptions options;
  apply_settings(request.settings, options);
  options.data = request.data;
  use_threads(request.threads);
  const auto told = [&](const char* doing) {
    return [&terminal, doing](int64_t done, int64_t total) {
      terminal.ongoing(fmt::format("{} {}/{}", doing, done, total));
    };
  };
  const ReferenceSets sets =
      open_reference(options, static_cast<uint64_t>(request.fit.seed), told("preparing"));
  const bool tested = sets.training.has_value();
  const auto began = std::chrono::steady_clock::now();
  Classifier classifier =
      fit_classifier(tested ? *sets.training : sets.held_out, request.fit, told("step"));
  const int64_t count =
      sets.held_out.endless ? kMostTestRows : std::min(kMostTestRows, sets.held_out.size);
  if (tested) classifier.accuracy = accuracy(classifier, sets.held_out, count);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  write_classifier(request.out, classifier);
  const std::string hash = sha256_hex(MappedFile(request.out).bytes());
  terminal.result(fmt::format(
      "{}: {}, {} in {}\nmore: wgan evaluate latest --features {}", request.out,
      counted(classifier.class_names.size(), "class", "classes"),
      tested ? fmt::format("accuracy {:.2f} % on {} {} it has not seen", 100 * classifier.accuracy,
                           count_text(static_cast<double>(count)), noun(count, "row"))
             : std::string("accuracy not known: the data has no test part (see --holdout)"),
      duration_text(seconds), shell_path(request.out)));
  terminal.object({{"ok", true},
                   {"file", request.out},
                   {"hash", hash},
                   {"classes", classifier.class_names},
                   {"accuracy", tested ? nlohmann::ordered_json(classifier.accuracy)
                                       : nlohmann::ordered_json(nullptr)},
                   {"test_rows", tested ? count : 0},
                   {"seconds", seconds}});
  return 0;
}

}  // namespace

int features_verb(const Arguments& arguments) {
  CLI::App command(
      "Fits a small convolutional classifier to labelled images. wgan evaluate --features FILE "
      "then "
      "compares what it sees in samples and in data.",
      "wgan features");
  FeaturesRequest request;
  command.require_subcommand(1);
  CLI::App* train = command.add_subcommand("train", "fit a small classifier to labelled images");
  train->add_option("data", request.data, "labelled images, such as strokes or mnist/")->required();
  train->add_option("--out", request.out, "file to write, a .safetensors")->capture_default_str();
  train->add_option("--steps", request.fit.steps, "steps of Adam")->capture_default_str();
  train->add_option("--batch", request.fit.batch, "images per step")->capture_default_str();
  train
      ->add_option("--width", request.fit.width,
                   "channels of the first convolution; features "
                   "are 4 times as many")
      ->capture_default_str();
  train
      ->add_option("--learning-rate", request.fit.learning_rate,
                   "initial learning rate; falls to 0 at the last step")
      ->capture_default_str();
  train
      ->add_option("--seed", request.fit.seed, "seed of the weights and of the order of the images")
      ->capture_default_str();
  train->add_option("--threads", request.threads, "CPU threads; 0: all cores")
      ->capture_default_str();
  train->add_flag("--json", request.json, "the result as a JSON object on stdout");
  add_option_flags<DataOptions>(*train, "Data", request.settings);
  for (const char* name : {"--data", "--split", "--no-split"}) {
    if (CLI::Option* option = train->get_option_no_throw(name)) train->remove_option(option);
  }
  if (!parse_arguments(command, arguments)) return 0;
  return train_features(request);
}

}  // namespace wgan
