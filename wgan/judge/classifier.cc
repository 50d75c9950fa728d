// Strided convolutions with BatchNorm down to at most 4x4, a linear layer, and Adam on the cross
// entropy.
#include "wgan/judge/classifier.h"

#include <fmt/format.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "wgan/core/counted.h"
#include "wgan/core/error.h"
#include "wgan/data/loader.h"
#include "wgan/io/safetensors.h"
#include "wgan/net/network_json.h"
#include "wgan/nn/forward.h"
#include "wgan/nn/init.h"
#include "wgan/nn/model_file.h"
#include "wgan/train/optimizer.h"
#include "wgan/train/pixels.h"
#include "wgan/train/recipe.h"

namespace wgan {
namespace {

constexpr int64_t kSmallestClassified = 16;  // pixels a side
constexpr int64_t kLargestClassified = 128;
constexpr int64_t kClassifierChunk = 256;  // rows classified at a time
constexpr const char* kKind = "wgan-classifier";

void check(const Dataset& dataset, const ClassifierOptions& options) {
  if (!dataset.is_image() || !dataset.labelled()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("'{}' is no set of labelled images, wanted one", dataset.name),
                "a classifier learns from images with classes, such as strokes or mnist");
  }
  const auto [low, high] = std::minmax(dataset.shape[0], dataset.shape[1]);
  if (low < kSmallestClassified || high > kLargestClassified) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("'{}' has images of {}x{} pixels, wanted {} to {} a side", dataset.name,
                    dataset.shape[1], dataset.shape[0], kSmallestClassified, kLargestClassified),
        "resize the images, of a folder with --size");
  }
  if (options.steps < 1 || options.batch < 2 || options.width < 1 || options.learning_rate <= 0) {
    throw Error(ErrorKind::kUsage,
                "a classifier needs at least one step, a batch of two, and a positive width and "
                "learning rate");
  }
}

// sample: [C, H, W]. Channels double at every halving of the sides, up to four times the width.
Network classifier_network(const Shape& sample, int64_t width, int64_t classes) {
  Network network{.input = sample, .layers = {}};
  Shape shape = sample;
  for (int64_t out = width; std::max(shape[1], shape[2]) > 4; out = std::min(2 * out, 4 * width)) {
    const int64_t kernel = network.layers.empty() ? 5 : 3;
    const Conv2d conv{.in = shape[0],
                      .out = out,
                      .kernel = kernel,
                      .stride = 2,
                      .padding = kernel / 2,
                      .bias = false};
    network.layers.insert(network.layers.end(), {conv, BatchNorm{.channels = out}, LeakyRelu{0.1}});
    shape = output_shape(conv, shape);
  }
  network.layers.push_back(Reshape{{elements(shape)}});
  network.layers.push_back(Linear{.in = elements(shape), .out = classes});
  return network;
}

// rows: [N, C, H, W] float32 in [-1, 1].
at::Tensor logits(const Classifier& classifier, const at::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  return forward(classifier.model, rows, {});
}

// The classifier's layers up to the last convolution, which a Reshape and a Linear follow.
Model without_head(const Classifier& classifier) {
  Model body = classifier.model;
  body.network.layers.resize(body.network.layers.size() - 2);
  return body;
}

// Whether a network that came from a file is one that without_head and look_at can take.
bool is_classifier(const Network& network, size_t classes) {
  const Layers& layers = network.layers;
  if (network.input.size() != 3 || layers.size() < 3 || classes < 2) return false;
  const auto* head = std::get_if<Linear>(&layers.back());
  const Network body{network.input, {layers.begin(), layers.end() - 2}};
  return head != nullptr && head->bias && head->out == static_cast<int64_t>(classes) &&
         std::holds_alternative<Reshape>(layers[layers.size() - 2]) &&
         output_shape(body).size() == 3 && std::ranges::none_of(layers, [](const Layer& layer) {
           return std::holds_alternative<Residual>(layer);
         });
}

}  // namespace

Classifier fit_classifier(const Dataset& train, const ClassifierOptions& options,
                          const Progress& progress) {
  check(train, options);
  const Network network = classifier_network(sample_shape(train.shape), options.width,
                                             static_cast<int64_t>(train.class_names.size()));
  Classifier classifier{.model = make_model(network, torch::kFloat32, Training::kYes),
                        .class_names = train.class_names,
                        .data = train.identity};
  Model& model = classifier.model;
  const auto seed = static_cast<uint64_t>(options.seed);
  initialise(model, Init::kTorch, seed, 0);
  TrainOptions adam;
  adam.optimizer.kind = OptimizerKind::kAdam;
  adam.optimizer.beta1 = 0.9;
  adam.optimizer.beta2 = 0.99;
  Optimizer optimizer = make_optimizer(adam, model.parameters);
  Loader loader(train, {.batch = options.batch, .seed = seed});
  for (int64_t step = 0; step < options.steps; ++step) {
    const Batch batch = loader.next();
    model.gradients.zero_();
    const at::Tensor scores = forward(model, batch.rows, {.training = true, .gradients = true});
    torch::cross_entropy_loss(scores, batch.labels).backward();
    const double left = 1 - static_cast<double>(step) / static_cast<double>(options.steps);
    optimizer_step(optimizer, options.learning_rate * left, model.parameters, model.gradients);
    if (progress) progress(step + 1, options.steps);
  }
  return classifier;
}

Seen look_at(const Classifier& classifier, const at::Tensor& rows) {
  const torch::NoGradGuard no_grad;
  const Shape& wanted = classifier.model.network.input;
  const bool images = rows.dim() == 4 && rows.scalar_type() == torch::kUInt8;
  if (!images || Shape{rows.size(3), rows.size(1), rows.size(2)} != wanted) {
    throw Error(ErrorKind::kUsage,
                fmt::format("rows of shape {} to classify, wanted uint8 [N, {}, {}, {}]",
                            shape_text(rows.sizes().vec()), wanted[1], wanted[2], wanted[0]),
                "use a classifier that was fitted to the same kind of images");
  }
  const Model body = without_head(classifier);
  const Place head = classifier.model.places.back();
  const at::Tensor& weight = classifier.model.frozen[static_cast<size_t>(head.weight)];
  const at::Tensor& bias = classifier.model.frozen[static_cast<size_t>(head.bias)];
  const int64_t channels = output_shape(body.network)[0];
  std::vector<at::Tensor> features{torch::empty({0, channels})};
  std::vector<at::Tensor> probabilities{torch::empty({0, weight.size(0)})};
  for (const at::Tensor& chunk : rows.split(kClassifierChunk)) {
    if (chunk.size(0) == 0) continue;
    const at::Tensor input = to_values(chunk.to(weight.device()), PixelRange::kSigned);
    const at::Tensor maps = forward(body, input, {});
    features.push_back(maps.mean({2, 3}).to(torch::kCPU));
    const at::Tensor scores = at::linear(maps.flatten(1), weight, bias);
    probabilities.push_back(torch::softmax(scores, 1).to(torch::kCPU));
  }
  return {torch::cat(features), torch::cat(probabilities)};
}

at::Tensor class_probabilities(const Classifier& classifier, const at::Tensor& rows) {
  return look_at(classifier, rows).probabilities;
}

void write_classifier(const std::filesystem::path& path, const Classifier& classifier) {
  write_model(path, classifier.model,
              {{"kind", kKind},
               {"network", network_to_json(classifier.model.network).dump()},
               {"class_names", nlohmann::ordered_json(classifier.class_names).dump()},
               {"data", classifier.data},
               {"accuracy", fmt::format("{}", classifier.accuracy)}});
}

Classifier read_classifier(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  const auto& metadata = file.metadata();
  const auto text = [&](const char* key) {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string() : found->second;
  };
  if (text("kind") != kKind) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} holds no classifier of wgan", path.string()),
                "fit one: wgan features train DATA");
  }
  Classifier classifier;
  Network network;
  try {
    using Json = nlohmann::ordered_json;
    network = network_from_json(Json::parse(text("network")));
    Json::parse(text("class_names")).get_to(classifier.class_names);
    classifier.data = text("data");
    read_field("accuracy", text("accuracy"), classifier.accuracy);
    if (!is_classifier(network, classifier.class_names.size())) {
      throw Error(ErrorKind::kIncompatible, "the network is none that classifies images");
    }
  } catch (const std::exception& error) {
    throw Error(ErrorKind::kIncompatible,
                fmt::format("{} is damaged: {}", path.string(), error.what()),
                "fit it again: wgan features train DATA");
  }
  check_model_file(path, network);
  classifier.model = make_model(network, torch::kFloat32, Training::kNo);
  read_model(path, classifier.model);
  return classifier;
}

double accuracy(const Classifier& classifier, const Dataset& test, int64_t count) {
  if (!test.labelled() || !test.is_image() ||
      sample_shape(test.shape) != classifier.model.network.input || count < 1) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("cannot test the classifier on {} of '{}', wanted one or more "
                    "labelled images of shape {}",
                    counted(count, "row"), test.name, shape_text(classifier.model.network.input)),
        "test on the other split of the data it was fitted to");
  }
  int64_t right = 0;
  for (int64_t first = 0; first < count; first += kClassifierChunk) {
    const Batch batch =
        take_rows(test, first, std::min(kClassifierChunk, count - first), PixelRange::kSigned);
    const at::Tensor guesses = logits(classifier, batch.rows).argmax(1);
    right += guesses.eq(batch.labels).sum().item<int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

Legibility legibility_of(const at::Tensor& probabilities, double confidence) {
  if (probabilities.dim() != 2 || probabilities.size(0) == 0) {
    throw Error(ErrorKind::kUsage, fmt::format("probabilities of shape {}, wanted [N, K], N >= 1",
                                               shape_text(probabilities.sizes().vec())));
  }
  const auto [most, guesses] = probabilities.max(1);
  const auto rows = static_cast<double>(probabilities.size(0));
  Legibility found{.legible = most.ge(confidence).sum().item<double>() / rows, .class_shares = {}};
  for (int64_t k = 0; k < probabilities.size(1); ++k) {
    found.class_shares.push_back(guesses.eq(k).sum().item<double>() / rows);
  }
  return found;
}

Legibility legibility(const Classifier& classifier, const at::Tensor& rows, double confidence) {
  return legibility_of(class_probabilities(classifier, rows), confidence);
}

}  // namespace wgan
