// What the training algorithm can be told: a struct a group of options, each with the one list of
// its fields.
#pragma once

#include <cstdint>

#include "wgan/core/options.h"
#include "wgan/net/generator_state.h"
#include "wgan/nn/init.h"
#include "wgan/train/choices.h"

namespace wgan {

// The two networks.
struct PlayerOptions {
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

  Fields fields() & {
    return {
        {{"net", "kind of network; vectors take mlp"}, net},
        {{"width",
          "channels of the widest picture inside dcgan and resnet, units of a layer of mlp"},
         width},
        {{"critic-width", "the same in the critic, where it differs; 0: --width"}, critic_width},
        {{"depth", "hidden layers of mlp"}, depth},
        {{"generator-depth", "layers with weights in the generator; 0: as the network has"},
         generator_depth},
        {{"critic-depth", "layers with weights in the critic; 0: as the network has"},
         critic_depth},
        {{"generator-norm",
          "normalisation in the generator; preset: as the network has it; virtual: by a fixed "
          "reference batch"},
         generator_norm},
        {{"critic-norm",
          "normalisation in the critic; preset: as the network has it; weight: of its weights, "
          "with "
          "lengths set from the first batch"},
         critic_norm},
        {{"generator-activation", "hidden activations of the generator"}, generator_activation},
        {{"critic-activation", "hidden activations of the critic"}, critic_activation},
        {{"reference-batch", "rows of the reference batch of --generator-norm virtual"},
         reference_batch},
        {{"spectral-norm", "divide each weight matrix of the critic by its largest singular value"},
         spectral_norm},
        {{"minibatch-kernels", "kernels of the critic's minibatch discrimination; 0: none"},
         minibatch_kernels},
        {{"minibatch-dims", "dimensions of each of those kernels"}, minibatch_dims},
        {{"latent", "dimensions of the latent vector z"}, latent},
        {{"latent-dist", "distribution of z: N(0, 1) or U(-1, 1)"}, latent_dist},
        {{"conditional",
          "tell both networks the class of each sample, and its conditions (data that has them)"},
         conditional},
        {{"init", "scheme of the initial weights"}, init}};
  }
};

// What the critic and the generator see in a step.
struct BatchOptions {
  int64_t size = 64;
  int64_t generator_size = 0;
  bool mirror = false;
  bool dequantize = false;

  Fields fields() & {
    return {
        {{"batch", "samples a step"}, size},
        {{"generator-batch", "samples of a generator step; 0: as many as --batch"}, generator_size},
        {{"mirror", "show the networks every image also flipped left to right"}, mirror},
        {{"dequantize", "fill the gaps between the 256 values of a pixel with uniform noise"},
         dequantize}};
  }
};

// What critic and generator play for, and how often each moves.
struct ObjectiveOptions {
  Objective kind = Objective::kWganGp;
  int64_t n_critic = 1;
  bool critic_bursts = false;
  int64_t labels_per_class = 0;

  Fields fields() & {
    return {{{"objective", "what critic and generator play for"}, kind},
            {{"n-critic", "critic steps a generator step"}, n_critic},
            {{"critic-bursts",
              "100 critic steps before each of the first 25 generator steps and "
              "every 500th"},
             critic_bursts},
            {{"labels-per-class",
              "rows of each class whose labels the discriminator learns from (semi-supervised); 0: "
              "all"},
             labels_per_class}};
  }
};

// How the critic is kept Lipschitz.
struct PenaltyOptions {
  double lambda = 10;
  Penalty kind = Penalty::kTwoSided;
  PenaltyAt at = PenaltyAt::kInterpolates;
  double clip = 0.01;

  Fields fields() & {
    return {{{"lambda", "weight of the gradient penalty (wgan-gp)"}, lambda},
            {{"penalty", "penalise gradient norms off 1, or only those above 1 (wgan-gp)"}, kind},
            {{"penalty-at", "points whose gradient norms are penalised (wgan-gp)"}, at},
            {{"clip", "critic parameters are kept in [-clip, clip] (wgan); 0: not at all"}, clip}};
  }
};

// Remedies for unstable training; those that change the networks are PlayerOptions.
struct StabiliserOptions {
  double weight_decay = 0;
  double real_label = 1;
  double fake_label = 0;
  double instance_noise = 0;
  double critic_noise = 0;
  FeatureMatching feature_matching = FeatureMatching::kNone;
  int64_t feature_layers = 0;
  double historical_averaging = 0;

  Fields fields() & {
    return {
        {{"weight-decay", "half the weight of the critic's squared parameters in its loss"},
         weight_decay},
        {{"real-label",
          "probability that the discriminator is to give to real samples; 0.9: one-sided label "
          "smoothing (minimax, non-saturating)"},
         real_label},
        {{"fake-label", "the same for fake samples (minimax, non-saturating)"}, fake_label},
        {{"instance-noise",
          "deviation of normal noise on all that the critic sees; falls linearly to 0 at the end "
          "of --steps, or of --time alone"},
         instance_noise},
        {{"critic-noise",
          "deviation of normal noise before each layer with weights of the critic, in training"},
         critic_noise},
        {{"feature-matching",
          "the generator matches this statistic of the critic's features of real samples, in "
          "place of its score"},
         feature_matching},
        {{"feature-layers",
          "features are the output of so many of the critic's layers; 0: of all but the last"},
         feature_layers},
        {{"historical-averaging",
          "weight of the squared distance between a player's parameters and their mean so far"},
         historical_averaging}};
  }
};

// How gradients become new parameters.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  double critic_lr = 1e-3;
  double generator_lr = 1e-3;
  double beta1 = 0;
  double beta2 = 0.9;
  bool lr_decay = false;
  double average = 0.995;

  Fields fields() & {
    return {{{"optimizer", "for both networks"}, kind},
            {{"critic-lr", "learning rate of the critic"}, critic_lr},
            {{"generator-lr", "learning rate of the generator"}, generator_lr},
            {{"beta1", "Adam's decay of the mean gradient"}, beta1},
            {{"beta2", "Adam's decay of the mean squared gradient"}, beta2},
            {{"lr-decay",
              "lower both learning rates linearly to 0 at the end of --steps, or of --time alone"},
             lr_decay},
            {{"average",
              "decay of the moving average of the generator that samples are drawn from; "
              "0: none"},
             average}};
  }
};

// How the numbers are computed.
struct ComputeOptions {
  Route critic_step = Route::kAuto;
  Precision precision = Precision::kFloat32;
  int64_t loader_threads = 1;

  Fields fields() & {
    return {
        {{"critic-step",
          "how gradients are computed: four sweeps where they are exact, or autograd"},
         critic_step},
        {{"precision",
          "of convolutions and matrix products: float32, tf32 (NVIDIA GPUs), or bf16, faster on "
          "GPUs and on CPUs with AVX-512 BF16; weights and their updates stay float32"},
         precision},
        {{"loader-threads", "threads that make batches; 0: the training thread itself",
          Effect::kSpeed},
         loader_threads}};
  }
};

// How long training goes on; schedules depend on it.
struct Length {
  int64_t steps = 0;
  Duration time;

  Fields fields() & {
    return {
        {{"steps", "generator steps; 0: no limit", Effect::kLength}, steps},
        {{"time", "stop after this long, such as 90s, 3m, 1h30m; 0s: no limit", Effect::kLength},
         time}};
  }
};

// How often training reports, keeps and judges what it has.
struct Cadence {
  int64_t tick_every = 50;
  int64_t samples_every = 500;
  Duration checkpoint_every{60};
  int64_t evaluate_every = 0;

  Fields fields() & {
    return {
        {{"tick-every", "generator steps between two lines of progress", Effect::kPlace},
         tick_every},
        {{"samples-every",
          "generator steps between two sample grids; before the first: 10, 20, 50, "
          "100, ...",
          Effect::kPlace},
         samples_every},
        {{"checkpoint-every", "time between two checkpoints", Effect::kPlace}, checkpoint_every},
        {{"evaluate-every", "generator steps between two evaluations; 0: none", Effect::kPlace},
         evaluate_every}};
  }
};

// Everything. Defaults are those of recipe `fast` for small images; recipe_options (train/recipe.h)
// gives those of any recipe, objective and kind of data.
struct TrainOptions {
  Recipe recipe = Recipe::kFast;
  int64_t seed = 0;
  PlayerOptions players;
  BatchOptions batches;
  ObjectiveOptions objective;
  PenaltyOptions penalty;
  StabiliserOptions stabilisers;
  OptimizerOptions optimizer;
  ComputeOptions compute;
  Length length;
  Cadence cadence;

  std::vector<FieldGroup> groups() & {
    return {{"Recipe",
             {{{"recipe", "fast: a good picture soonest on a CPU; paper: the published settings"},
               recipe},
              {{"seed", "of everything random; the same seed gives the same run"}, seed}}},
            {"Networks", players.fields()},
            {"Batches", batches.fields()},
            {"Objective", objective.fields()},
            {"Penalty", penalty.fields()},
            {"Stabilisers", stabilisers.fields()},
            {"Optimizer", optimizer.fields()},
            {"Computation", compute.fields()},
            {"Length", length.fields()},
            {"Cadence", cadence.fields()}};
  }
  Fields fields() & { return fields_of(groups()); }
};

}  // namespace wgan
