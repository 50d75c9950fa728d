// What a training run can be told: one struct, one list of its fields.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "wgan/core/options.h"
#include "wgan/nn/init.h"
#include "wgan/nn/variants.h"
#include "wgan/train/feature_options.h"

namespace wgan {

enum class Recipe { kFast, kPaper };
template <>
struct EnumNames<Recipe> {
  static constexpr std::pair<Recipe, const char*> kNames[] = {{Recipe::kFast, "fast"},
                                                              {Recipe::kPaper, "paper"}};
};

enum class Objective { kMinimax, kNonSaturating, kSemiSupervised, kWgan, kWganGp, kCTransform };
template <>
struct EnumNames<Objective> {
  static constexpr std::pair<Objective, const char*> kNames[] = {
      {Objective::kMinimax, "minimax"},
      {Objective::kNonSaturating, "non-saturating"},
      {Objective::kSemiSupervised, "semi-supervised"},
      {Objective::kWgan, "wgan"},
      {Objective::kWganGp, "wgan-gp"},
      {Objective::kCTransform, "c-transform"}};
};

enum class Penalty { kTwoSided, kOneSided };
template <>
struct EnumNames<Penalty> {
  static constexpr std::pair<Penalty, const char*> kNames[] = {{Penalty::kTwoSided, "two-sided"},
                                                               {Penalty::kOneSided, "one-sided"}};
};

enum class Route { kAuto, kSweeps, kAutograd };
template <>
struct EnumNames<Route> {
  static constexpr std::pair<Route, const char*> kNames[] = {
      {Route::kAuto, "auto"}, {Route::kSweeps, "sweeps"}, {Route::kAutograd, "autograd"}};
};

// Of the products: weights and gradients are float32 always.
enum class Precision { kFloat32, kTf32, kBf16 };
template <>
struct EnumNames<Precision> {
  static constexpr std::pair<Precision, const char*> kNames[] = {
      {Precision::kFloat32, "float32"}, {Precision::kTf32, "tf32"}, {Precision::kBf16, "bf16"}};
};

enum class PenaltyAt { kInterpolates, kReal, kFake };
template <>
struct EnumNames<PenaltyAt> {
  static constexpr std::pair<PenaltyAt, const char*> kNames[] = {
      {PenaltyAt::kInterpolates, "interpolates"},
      {PenaltyAt::kReal, "real"},
      {PenaltyAt::kFake, "fake"}};
};

template <>
struct EnumNames<Norm> {
  static constexpr std::pair<Norm, const char*> kNames[] = {
      {Norm::kPreset, "preset"}, {Norm::kNone, "none"},       {Norm::kBatch, "batch"},
      {Norm::kLayer, "layer"},   {Norm::kVirtual, "virtual"}, {Norm::kWeight, "weight"}};
};

template <>
struct EnumNames<Activation> {
  static constexpr std::pair<Activation, const char*> kNames[] = {
      {Activation::kPreset, "preset"},
      {Activation::kRelu, "relu"},
      {Activation::kLeakyRelu, "leaky-relu"},
      {Activation::kSoftplus, "softplus"},
      {Activation::kTanh, "tanh"}};
};

enum class FeatureMatching { kNone, kMean, kMedian };
template <>
struct EnumNames<FeatureMatching> {
  static constexpr std::pair<FeatureMatching, const char*> kNames[] = {
      {FeatureMatching::kNone, "none"},
      {FeatureMatching::kMean, "mean"},
      {FeatureMatching::kMedian, "median"}};
};

enum class Net { kMlp, kDcgan, kResnet };
template <>
struct EnumNames<Net> {
  static constexpr std::pair<Net, const char*> kNames[] = {
      {Net::kMlp, "mlp"}, {Net::kDcgan, "dcgan"}, {Net::kResnet, "resnet"}};
};

enum class LatentDist { kNormal, kUniform };
template <>
struct EnumNames<LatentDist> {
  static constexpr std::pair<LatentDist, const char*> kNames[] = {
      {LatentDist::kNormal, "normal"}, {LatentDist::kUniform, "uniform"}};
};

enum class OptimizerKind { kAdam, kRmsprop };
template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::pair<OptimizerKind, const char*> kNames[] = {
      {OptimizerKind::kAdam, "adam"}, {OptimizerKind::kRmsprop, "rmsprop"}};
};

// Defaults are those of recipe `fast` for small images; recipe_options (train/recipe.h) gives those
// of any recipe, objective and kind of data.
struct TrainOptions {
  Recipe recipe = Recipe::kFast;
  Objective objective = Objective::kWganGp;
  Net net = Net::kDcgan;
  int64_t width = 32;
  int64_t critic_width = 0;
  int64_t depth = 3;
  int64_t generator_depth = 0;
  int64_t critic_depth = 0;
  Norm generator_norm = Norm::kPreset;
  Norm critic_norm = Norm::kPreset;
  Activation generator_activation = Activation::kPreset;
  Activation critic_activation = Activation::kPreset;
  int64_t reference_batch = 64;
  bool spectral_norm = false;
  int64_t minibatch_kernels = 0;
  int64_t minibatch_dims = 5;
  int64_t latent = 64;
  LatentDist latent_dist = LatentDist::kNormal;
  bool conditional = false;
  Init init = Init::kTorch;
  int64_t batch = 64;
  int64_t generator_batch = 0;
  bool mirror = false;
  bool dequantize = false;
  int64_t n_critic = 1;
  bool critic_bursts = false;
  Route critic_step = Route::kAuto;
  Precision precision = Precision::kFloat32;
  double lambda = 10;
  Penalty penalty = Penalty::kTwoSided;
  PenaltyAt penalty_at = PenaltyAt::kInterpolates;
  double clip = 0.01;
  double weight_decay = 0;
  double real_label = 1;
  double fake_label = 0;
  int64_t labels_per_class = 0;
  double instance_noise = 0;
  double critic_noise = 0;
  FeatureMatching feature_matching = FeatureMatching::kNone;
  int64_t feature_layers = 0;
  double historical_averaging = 0;
  OptimizerKind optimizer = OptimizerKind::kAdam;
  double critic_lr = 1e-3;
  double generator_lr = 1e-3;
  double beta1 = 0;
  double beta2 = 0.9;
  bool lr_decay = false;
  double average = 0.995;
  int64_t seed = 0;
  int64_t steps = 0;
  Duration time;
  int64_t tick_every = 50;
  int64_t samples_every = 500;
  Duration checkpoint_every{60};
  int64_t keep = 3;
  std::string device = "auto";
  int64_t threads = 0;
  int64_t loader_threads = 1;
  std::string out = "runs";
  std::string name;
  int64_t evaluate_every = 0;
  int64_t evaluate_n = 1000;
  std::string best_by = "frechet";
  int64_t patience = 0;
  FeatureOptions space;

  template <class Self, class Visitor>
  static void visit(Self& self, Visitor&& field) {
    visit_networks(self, field);
    visit_objective(self, field);
    visit_run(self, field);
    visit_evaluation(self, field);
  }

 private:
  template <class Self, class Visitor>
  static void visit_networks(Self& self, Visitor&& field) {
    field({"recipe", "fast: a good picture soonest on a CPU; paper: the published settings"},
          self.recipe);
    field({"objective", "what critic and generator play for"}, self.objective);
    field({"net", "kind of network; vectors take mlp"}, self.net);
    field({"width",
           "channels of the widest picture inside dcgan and resnet, units of a layer of mlp"},
          self.width);
    field({"critic-width", "the same in the critic, where it differs; 0: --width"},
          self.critic_width);
    field({"depth", "hidden layers of mlp"}, self.depth);
    field({"generator-depth", "layers with weights in the generator; 0: as the network has"},
          self.generator_depth);
    field({"critic-depth", "layers with weights in the critic; 0: as the network has"},
          self.critic_depth);
    field({"generator-norm",
           "normalisation in the generator; preset: as the network has it; virtual: by a fixed "
           "reference batch"},
          self.generator_norm);
    field(
        {"critic-norm",
         "normalisation in the critic; preset: as the network has it; weight: of its weights, with "
         "lengths set from the first batch"},
        self.critic_norm);
    field({"generator-activation", "hidden activations of the generator"},
          self.generator_activation);
    field({"critic-activation", "hidden activations of the critic"}, self.critic_activation);
    field({"reference-batch", "rows of the reference batch of --generator-norm virtual"},
          self.reference_batch);
    field(
        {"spectral-norm", "divide each weight matrix of the critic by its largest singular value"},
        self.spectral_norm);
    field({"minibatch-kernels", "kernels of the critic's minibatch discrimination; 0: none"},
          self.minibatch_kernels);
    field({"minibatch-dims", "dimensions of each of those kernels"}, self.minibatch_dims);
    field({"latent", "dimensions of the latent vector z"}, self.latent);
    field({"latent-dist", "distribution of z: N(0, 1) or U(-1, 1)"}, self.latent_dist);
    field({"conditional",
           "tell both networks the class of each sample, and its conditions (data that has them)"},
          self.conditional);
    field({"init", "scheme of the initial weights"}, self.init);
  }

  template <class Self, class Visitor>
  static void visit_objective(Self& self, Visitor&& field) {
    field({"batch", "samples a step"}, self.batch);
    field({"generator-batch", "samples of a generator step; 0: as many as --batch"},
          self.generator_batch);
    field({"mirror", "show the networks every image also flipped left to right"}, self.mirror);
    field({"dequantize", "fill the gaps between the 256 values of a pixel with uniform noise"},
          self.dequantize);
    field({"n-critic", "critic steps a generator step"}, self.n_critic);
    field({"critic-bursts",
           "100 critic steps before each of the first 25 generator steps and "
           "every 500th"},
          self.critic_bursts);
    field({"critic-step",
           "how gradients are computed: four sweeps where they are exact, or autograd"},
          self.critic_step);
    field({"precision",
           "of convolutions and matrix products: float32, tf32 (NVIDIA GPUs), or bf16, faster on "
           "GPUs and on CPUs with AVX-512 BF16; weights and their updates stay float32"},
          self.precision);
    field({"lambda", "weight of the gradient penalty (wgan-gp)"}, self.lambda);
    field({"penalty", "penalise gradient norms off 1, or only those above 1 (wgan-gp)"},
          self.penalty);
    field({"penalty-at", "points whose gradient norms are penalised (wgan-gp)"}, self.penalty_at);
    field({"clip", "critic parameters are kept in [-clip, clip] (wgan); 0: not at all"}, self.clip);
    field({"weight-decay", "half the weight of the critic's squared parameters in its loss"},
          self.weight_decay);
    field({"real-label",
           "probability that the discriminator is to give to real samples; 0.9: one-sided label "
           "smoothing (minimax, non-saturating)"},
          self.real_label);
    field({"fake-label", "the same for fake samples (minimax, non-saturating)"}, self.fake_label);
    field({"labels-per-class",
           "rows of each class whose labels the discriminator learns from (semi-supervised); 0: "
           "all"},
          self.labels_per_class);
    field({"instance-noise",
           "deviation of normal noise on all that the critic sees; falls linearly to 0 at the end "
           "of --steps, or of --time alone"},
          self.instance_noise);
    field({"critic-noise",
           "deviation of normal noise before each layer with weights of the critic, in training"},
          self.critic_noise);
    field({"feature-matching",
           "the generator matches this statistic of the critic's features of real samples, in "
           "place of its score"},
          self.feature_matching);
    field({"feature-layers",
           "features are the output of so many of the critic's layers; 0: of all but the last"},
          self.feature_layers);
    field({"historical-averaging",
           "weight of the squared distance between a player's parameters and their mean so far"},
          self.historical_averaging);
    field({"optimizer", "for both networks"}, self.optimizer);
    field({"critic-lr", "learning rate of the critic"}, self.critic_lr);
    field({"generator-lr", "learning rate of the generator"}, self.generator_lr);
    field({"beta1", "Adam's decay of the mean gradient"}, self.beta1);
    field({"beta2", "Adam's decay of the mean squared gradient"}, self.beta2);
    field({"lr-decay",
           "lower both learning rates linearly to 0 at the end of --steps, or of --time alone"},
          self.lr_decay);
    field({"average",
           "decay of the moving average of the generator that samples are drawn from; "
           "0: none"},
          self.average);
    field({"seed", "of everything random; the same seed gives the same run"}, self.seed);
  }

  template <class Self, class Visitor>
  static void visit_run(Self& self, Visitor&& field) {
    field({"steps", "generator steps; 0: no limit", Effect::kLength}, self.steps);
    field({"time", "stop after this long, such as 90s, 3m, 1h30m; 0s: no limit", Effect::kLength},
          self.time);
    field({"tick-every", "generator steps between two lines of progress", Effect::kPlace},
          self.tick_every);
    field({"samples-every",
           "generator steps between two sample grids; before the first: 10, 20, 50, "
           "100, ...",
           Effect::kPlace},
          self.samples_every);
    field({"checkpoint-every", "time between two checkpoints", Effect::kPlace},
          self.checkpoint_every);
    field({"keep", "how many checkpoints to keep; 0: all", Effect::kPlace}, self.keep);
    field({"device", "cpu, cuda, or auto: cuda where there is one", Effect::kSpeed}, self.device);
    field({"threads", "CPU threads of the arithmetic; 0: all cores", Effect::kSpeed}, self.threads);
    field({"loader-threads", "threads that make batches; 0: the training thread itself",
           Effect::kSpeed},
          self.loader_threads);
    field({"out", "folder in which the run folder is made", Effect::kPlace}, self.out);
    field({"name", "end of the run folder's name; empty: data and objective", Effect::kPlace},
          self.name);
  }

  template <class Self, class Visitor>
  static void visit_evaluation(Self& self, Visitor&& field) {
    field({"evaluate-every", "generator steps between two evaluations; 0: none", Effect::kPlace},
          self.evaluate_every);
    field({"evaluate-n", "samples of an evaluation, and real rows beside them", Effect::kPlace},
          self.evaluate_n);
    field(
        {"best-by",
         "score that checkpoints/best is chosen by: frechet, kernel, precision, recall, coverage, "
         "w1, sliced, ... (see wgan evaluate)",
         Effect::kPlace},
        self.best_by);
    field({"patience", "stop after so many evaluations without a better one; 0: never",
           Effect::kLength},
          self.patience);
    FeatureOptions::visit(self.space, field);
  }
};

}  // namespace wgan
