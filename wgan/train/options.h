// What the training algorithm can be told: a struct a group of options, each with the one list of
// its fields.
#pragma once

#include <cstdint>
#include <string>

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
  bool full_resolution = false;
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
  bool minibatch_deviation = false;
  int64_t latent = 64;
  LatentDist latent_dist = LatentDist::kNormal;
  bool conditional = false;
  Init init = Init::kTorch;

  Fields fields() & {
    return {
        {{"net",
          "kind of network; vectors need mlp; modern: residual blocks without normalisation, for "
          "pictures of 16 to 256 pixels (R3GAN)"},
         net},
        {{"width",
          "channels of the feature map of highest resolution in dcgan, resnet and modern (there "
          "best a multiple of 8); units of a hidden layer in mlp"},
         width},
        {{"critic-width", "--width of the critic, if it differs; 0: the same"}, critic_width},
        {{"full-resolution",
          "one more feature map in each network of dcgan, as large as the picture, of half of "
          "--width in the generator and a quarter in the critic"},
         full_resolution},
        {{"depth", "hidden layers of mlp"}, depth},
        {{"generator-depth", "layers with weights in the generator; 0: the network's own number"},
         generator_depth},
        {{"critic-depth", "layers with weights in the critic; 0: the network's own number"},
         critic_depth},
        {{"generator-norm",
          "normalisation in the generator; preset: the network's own; virtual: virtual batch "
          "normalisation, by a fixed reference batch"},
         generator_norm},
        {{"critic-norm",
          "normalisation in the critic; preset: the network's own; weight: weight normalisation, "
          "with scales set from the first batch"},
         critic_norm},
        {{"generator-activation", "hidden activations of the generator"}, generator_activation},
        {{"critic-activation", "hidden activations of the critic"}, critic_activation},
        {{"reference-batch", "rows of the reference batch of --generator-norm virtual"},
         reference_batch},
        {{"spectral-norm", "divide each weight matrix of the critic by its largest singular value"},
         spectral_norm},
        {{"minibatch-kernels", "kernels of the critic's minibatch discrimination; 0: none"},
         minibatch_kernels},
        {{"minibatch-dims", "dimensions of each kernel of the minibatch discrimination"},
         minibatch_dims},
        {{"minibatch-deviation",
          "show the critic, near its end, how much the samples of its batch differ: the mean of "
          "their standard deviations, as one more channel"},
         minibatch_deviation},
        {{"latent", "dimensions of the latent vector z"}, latent},
        {{"latent-dist", "distribution of z: N(0, 1) or U(-1, 1)"}, latent_dist},
        {{"conditional",
          "condition both networks on the labels and the numeric conditions of the data, where it "
          "has them"},
         conditional},
        {{"init", "how the initial weights are drawn"}, init}};
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
        {{"batch", "samples per step"}, size},
        {{"generator-batch", "samples per generator step; 0: as many as --batch"}, generator_size},
        {{"mirror", "also train on every image flipped left to right"}, mirror},
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
    return {
        {{"objective", "losses that the critic and the generator minimise"}, kind},
        {{"n-critic", "critic steps per generator step"}, n_critic},
        {{"critic-bursts",
          "100 critic steps before each of the first 25 generator steps and "
          "every 500th"},
         critic_bursts},
        {{"labels-per-class",
          "rows per class whose labels the discriminator learns from (semi-supervised); 0: all"},
         labels_per_class}};
  }
};

// How the critic's slopes are kept in bounds.
struct PenaltyOptions {
  Penalty kind = Penalty::kTwoSided;
  double lambda = 10;
  Ramp gamma = 1;
  PenaltyAt at = PenaltyAt::kInterpolates;
  int64_t every = 1;
  double clip = 0.01;

  Fields fields() & {
    return {
        {{"penalty",
          "two-sided: penalise gradient norms that differ from 1; one-sided: only those above 1 "
          "(both wgan-gp); zero-centred: penalise the squared gradient norm (every objective but "
          "c-transform)"},
         kind},
        {{"lambda", "weight of the two-sided and the one-sided penalty"}, lambda},
        {{"gamma", "twice the weight of the zero-centred penalty; 0: none"}, gamma},
        {{"penalty-at",
          "points whose gradient norms are penalised; zero-centred, real is known as R1, fake as "
          "R2"},
         at},
        {{"penalty-every",
          "critic steps from one that takes the penalty, with so many times its weight, to the "
          "next"},
         every},
        {{"clip",
          "clip the critic's parameters to [-clip, clip] after each step (wgan); 0: no clipping"},
         clip}};
  }
};

// What the critic sees of pictures, changed at random.
struct AugmentOptions {
  std::string kinds = "none";
  Ramp strength = 1;
  double target = 0;

  Fields fields() & {
    return {{{"augment",
              "changes of the pictures that the critic sees, real and generated alike: none, or "
              "some of "
              "color,translation,cutout,flip"},
             kinds},
            {{"augment-strength", "probability with which a picture gets each of them"}, strength},
            {{"augment-target",
              "steer the strength, from 0 up to at most --augment-strength and 0.8, so that the "
              "critic's "
              "lead of training rows over held-out ones is this share of that over generated ones, "
              "such "
              "as 0.6; needs --holdout or a test part; 0: not steered"},
             target}};
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
        {{"weight-decay",
          "L2 penalty on the critic: half of this times its squared parameters is added to its "
          "loss"},
         weight_decay},
        {{"real-label",
          "target probability of the discriminator on real samples; 0.9: one-sided label smoothing "
          "(minimax, non-saturating)"},
         real_label},
        {{"fake-label",
          "target probability of the discriminator on generated samples (minimax, non-saturating)"},
         fake_label},
        {{"instance-noise",
          "standard deviation of normal noise added to all inputs of the critic; falls linearly to "
          "0 at the end of --steps, or of --time if only that is given"},
         instance_noise},
        {{"critic-noise",
          "standard deviation of normal noise added before each layer of the critic that has "
          "weights, in training only"},
         critic_noise},
        {{"feature-matching",
          "train the generator to match this statistic of the critic's features on real samples, "
          "instead of to raise the critic's score"},
         feature_matching},
        {{"feature-layers",
          "how many of the critic's layers compute the features to match; 0: all but the last"},
         feature_layers},
        {{"historical-averaging",
          "weight of the squared distance between each network's parameters and their mean over "
          "all steps so far"},
         historical_averaging}};
  }
};

// How gradients become new parameters.
struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::kAdam;
  Ramp critic_lr = 1e-3;
  Ramp generator_lr = 1e-3;
  double beta1 = 0;
  Ramp beta2 = 0.9;
  bool lr_decay = false;
  double ramp_share = 1;
  double average = 0.995;
  Ramp average_images = 0;

  Fields fields() & {
    return {{{"optimizer", "optimizer of both networks"}, kind},
            {{"critic-lr", "learning rate of the critic"}, critic_lr},
            {{"generator-lr", "learning rate of the generator"}, generator_lr},
            {{"beta1", "decay of Adam's moving average of the gradient"}, beta1},
            {{"beta2", "decay of Adam's moving average of the squared gradient"}, beta2},
            {{"lr-decay",
              "lower both learning rates linearly to 0 at the end of --steps, or of --time if only "
              "that is given"},
             lr_decay},
            {{"ramp-share",
              "share of --steps, or of --time if only that is given, after which options that go "
              "from one number to another, such as --gamma 2:0.2, have come to the second"},
             ramp_share},
            {{"average",
              "decay of the moving average of the generator's weights; samples are drawn from the "
              "average; 0: none"},
             average},
            {{"average-images",
              "instead of --average: generated samples after which a generator's weight in the "
              "average has halved, such as 0:500000; 0: --average"},
             average_images}};
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
          "how the critic's gradients are computed; sweeps: in four passes without autograd; auto: "
          "sweeps where they are exact, else autograd"},
         critic_step},
        {{"precision",
          "precision of convolutions and matrix products: float32, tf32 (NVIDIA GPUs), or bf16, "
          "faster on GPUs and, without convolutions, on CPUs with AVX-512 BF16; weights and their "
          "updates stay float32"},
         precision},
        {{"loader-threads", "threads that prepare batches; 0: the training thread itself",
          Effect::kSpeed},
         loader_threads}};
  }
};

// How long training goes on; schedules depend on it.
struct Length {
  int64_t steps = 0;
  Duration time;
  std::string extend;

  Fields fields() & {
    return {
        {{"steps", "generator steps; 0: no limit", Effect::kLength}, steps},
        {{"time", "stop after this long, such as 90s, 3m, 1h30m; 0s: no limit", Effect::kLength},
         time},
        {{"extend",
          "go on beyond that, such as 10m or '2000 steps', usually with --resume; learning rates "
          "and "
          "noise that fall to 0 start again at their full values, and fall again",
          Effect::kLength},
         extend}};
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
        {{"tick-every", "generator steps between two progress lines", Effect::kPlace}, tick_every},
        {{"samples-every",
          "generator steps between two sample grids; earlier grids come after 10, 20, 50, 100, ... "
          "steps",
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
  AugmentOptions augment;
  StabiliserOptions stabilisers;
  OptimizerOptions optimizer;
  ComputeOptions compute;
  Length length;
  Cadence cadence;

  std::vector<FieldGroup> groups() & {
    return {{"Recipe",
             {{{"recipe",
                "defaults of the other options; fast: good pictures soonest on a CPU; paper: the "
                "published settings"},
               recipe},
              {{"seed", "seed of all random numbers; the same seed gives the same run"}, seed}}},
            {"Networks", players.fields()},
            {"Batches", batches.fields()},
            {"Objective", objective.fields()},
            {"Penalty", penalty.fields()},
            {"Augmentation", augment.fields()},
            {"Stabilisers", stabilisers.fields()},
            {"Optimizer", optimizer.fields()},
            {"Computation", compute.fields()},
            {"Length", length.fields()},
            {"Cadence", cadence.fields()}};
  }
  Fields fields() & { return fields_of(groups()); }
};

}  // namespace wgan
