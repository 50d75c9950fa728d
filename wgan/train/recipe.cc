// Published settings, and our own for a CPU.
#include "wgan/train/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "wgan/core/counted.h"
#include "wgan/net/modern.h"
#include "wgan/net/presets.h"
#include "wgan/net/resnet.h"
#include "wgan/train/combinations.h"
#include "wgan/train/critic_step.h"
#include "wgan/train/extension.h"

namespace wgan {
namespace {

// Sides of images that convolutions halve and double.
constexpr int64_t kSmallestSide = 8, kLargestSide = 1024;

void use_adam(TrainOptions& o, double critic_lr, double generator_lr, double beta1, double beta2) {
  o.optimizer.kind = OptimizerKind::kAdam;
  o.optimizer.critic_lr = critic_lr;
  o.optimizer.generator_lr = generator_lr;
  o.optimizer.beta1 = beta1;
  o.optimizer.beta2 = beta2;
}

void use_rmsprop(TrainOptions& o, double lr) {
  o.optimizer.kind = OptimizerKind::kRmsprop;
  o.optimizer.critic_lr = o.optimizer.generator_lr = lr;
}

void use_paper_wgan_gp(TrainOptions& o, const Dataset& data) {
  const Shape sample = sample_shape(data.shape);
  const bool mnist = sample == Shape{1, 28, 28};
  o.objective.n_critic = 5;
  use_adam(o, 1e-4, 1e-4, 0.5, 0.9);
  if (!data.is_image()) {  // gan_toy.py
    o.players.width = 512;
    o.players.depth = 3;
    o.players.latent = 2;
    o.batches.size = 256;
    o.penalty.lambda = 0.1;
    o.players.init = Init::kScaledUniformHe;
    o.length.steps = 100'000;
    return;
  }
  o.players.width = mnist ? 64 : 128;
  o.players.latent = 128;
  o.batches.size = mnist ? 50 : 64;
  o.players.init = Init::kScaledUniform;
  o.length.steps = 200'000;
}

void use_paper_resnet(TrainOptions& o, const Dataset& data) {
  const bool small = std::max(data.shape[0], data.shape[1]) < 64;
  o.objective.n_critic = 5;
  o.players.latent = 128;
  o.batches.size = 64;
  o.players.init = Init::kScaledUniform;
  if (small) {  // gan_cifar_resnet.py
    o.players.width = 128;
    o.batches.generator_size = 128;
    o.batches.dequantize = true;
    o.optimizer.lr_decay = true;
    use_adam(o, 2e-4, 2e-4, 0, 0.9);
    o.length.steps = 100'000;
  } else {  // gan_64x64.py
    o.players.width = 64;
    use_adam(o, 1e-4, 1e-4, 0, 0.9);
    o.length.steps = 200'000;
  }
}

// Penalties of Huang et al. 2024.
void use_relativistic(TrainOptions& o) {
  o.penalty.kind = Penalty::kZeroCentred;
  o.penalty.at = PenaltyAt::kBoth;
  o.objective.n_critic = 1;
}

// The networks of Radford et al. 2016, by which Arjovsky et al. 2017 compare GAN and WGAN.
void use_paper_dcgan(TrainOptions& o, const Dataset& data) {
  o.players.width = data.is_image() ? 64 : 512;
  o.players.depth = 3;
  o.players.latent = 100;
  o.batches.size = 64;
  o.players.init = data.is_image() ? Init::kDcgan : Init::kTorch;
  if (o.objective.kind == Objective::kWgan) {
    o.objective.n_critic = 5;
    o.objective.critic_bursts = true;
    o.penalty.clip = 0.01;
    use_rmsprop(o, 5e-5);
  } else if (o.objective.kind == Objective::kRelativistic) {
    use_relativistic(o);
    use_adam(o, 2e-4, 2e-4, 0, 0.99);
  } else {
    o.objective.n_critic = 1;
    o.players.latent_dist = LatentDist::kUniform;
    use_adam(o, 2e-4, 2e-4, 0.5, 0.999);
  }
  constexpr int64_t kEpochs = 25;
  o.length.steps =
      std::max<int64_t>(1, kEpochs * data.size / (o.batches.size * o.objective.n_critic));
}

// The labels are for the discriminator to learn, and the generator matches features: fakes beside
// the data, not on it, are what sharpens the borders between classes (Dai et al. 2017).
void use_semi_supervised(TrainOptions& o) {
  o.players.conditional = false;
  o.stabilisers.feature_matching = FeatureMatching::kMean;
  o.stabilisers.critic_noise = 0.5;
  o.players.init = Init::kTorch;  // small weights, against which the noise is large
  o.batches.size = 64;
  o.objective.n_critic = 1;
  use_adam(o, 1e-3, 1e-3, 0.5, 0.999);
  if (o.players.net != Net::kMlp) return;
  // Nearly the networks of Salimans et al. 2016 for MNIST: there the discriminator's five hidden
  // layers have 1000, 500, and three times 250 units, and the generator's activations are softplus.
  o.players.critic_norm = Norm::kWeight;
  o.players.generator_norm = Norm::kBatch;
  o.players.width = 500;
  o.players.depth = 2;
  o.players.critic_depth = 6;
  o.players.latent = 100;
  o.batches.size = 100;
  use_adam(o, 3e-3, 3e-3, 0.5, 0.999);
}

// R3GAN's settings as far as they do not belong to its objective.
void use_modern(TrainOptions& o) {
  o.players.init = Init::kScaledDepth;
  o.players.latent = 64;
  if (o.optimizer.kind == OptimizerKind::kAdam) use_adam(o, 2e-4, 2e-4, 0, 0.99);
}

// Whose critics are not flattened by one more layer, as those under weight clipping are.
bool takes_full_resolution(const TrainOptions& o) {
  return o.players.net == Net::kDcgan &&
         (o.objective.kind == Objective::kWganGp || o.objective.kind == Objective::kRelativistic);
}

// Small networks, whose critic has no normalisation and is swept, many cheap steps, and learning
// rates that fall to 0. Labels of pictures, where there are any, are told to both networks.
void use_fast(TrainOptions& o, const Dataset& data) {
  o.players.init = Init::kScaledUniform;
  o.optimizer.lr_decay = true;
  o.players.conditional = data.condition_size() > 0;
  if (data.is_image()) {
    o.players.conditional = o.players.conditional || data.class_names.size() > 1;
    o.players.full_resolution = takes_full_resolution(o);
    o.players.latent = 32;
    o.batches.size = 32;
    o.optimizer.average = 0.998;
    use_adam(o, 1e-3, 1e-3, 0, 0.99);
    o.length.steps = 5000;
  } else {
    o.players.width = 128;
    o.players.depth = 3;
    o.players.latent = 2;
    o.batches.size = 512;
    o.objective.n_critic = 5;
    o.penalty.lambda = 0.1;
    o.optimizer.average = 0.999;
    o.players.init = Init::kTorch;
    use_adam(o, 1e-3, 1e-3, 0, 0.9);
    o.length.steps = 4000;
    o.cadence.tick_every = 200;
    o.cadence.samples_every = 1000;
  }
  if (o.objective.kind ==
      Objective::kWgan) {  // momentum upsets a clipped critic (Arjovsky et al. 2017)
    use_rmsprop(o, 2e-4);
    o.objective.n_critic = 5;
  } else if (o.objective.kind == Objective::kCTransform) {
    o.players.conditional = false;
    o.objective.n_critic = 5;
  } else if (o.objective.kind == Objective::kSemiSupervised) {
    use_semi_supervised(o);
  } else if (o.objective.kind == Objective::kRelativistic) {
    use_relativistic(o);
    if (!data.is_image()) use_adam(o, 2e-4, 2e-4, 0, 0.99);  // pictures: docs/pictures.md
  } else if (o.objective.kind != Objective::kWganGp) {
    use_adam(o, 2e-4, 2e-4, 0.5, 0.999);
    o.objective.n_critic = 1;
  }
  if (o.players.net == Net::kModern) use_modern(o);
}

// latent: inputs of the generator. seen: the shape of what the critic sees.
Networks preset_networks(const TrainOptions& o, const Shape& sample, int64_t latent,
                         const Shape& seen) {
  const int64_t critic_width =
      o.players.critic_width > 0 ? o.players.critic_width : o.players.width;
  if (o.players.net == Net::kMlp) {
    return {mlp_generator(sample, latent, {o.players.width, o.players.depth, /*slope=*/0}),
            mlp_critic(seen, {critic_width, o.players.depth, /*slope=*/0})};
  }
  if (o.players.net == Net::kResnet) {
    return {resnet_generator(sample, latent, o.players.width), resnet_critic(seen, critic_width)};
  }
  if (o.players.net == Net::kModern) {
    return {modern_generator(sample, latent, o.players.width), modern_critic(seen, critic_width)};
  }
  if (o.recipe == Recipe::kPaper && o.objective.kind == Objective::kWganGp) {
    return {gulrajani_generator(sample, latent, o.players.width),
            gulrajani_critic(seen, critic_width)};
  }
  DcganOptions dcgan;
  dcgan.width = o.players.width;
  dcgan.full_resolution = o.players.full_resolution;
  if (o.recipe == Recipe::kFast) {
    dcgan.widest = 8;
    dcgan.upsample = true;
    dcgan.critic_batch_norm = false;
    dcgan.bias = dcgan.output_bias = true;
  }
  const Network generator = dcgan_generator(sample, latent, dcgan);
  dcgan.width = critic_width;
  return {generator, dcgan_critic(seen, dcgan)};
}

}  // namespace

TrainOptions recipe_options(Recipe recipe, Objective objective, const Dataset& dataset, Net net) {
  TrainOptions o;
  o.recipe = recipe;
  o.objective.kind = objective;
  o.players.net = dataset.is_image() ? net : Net::kMlp;
  if (recipe == Recipe::kPaper) {
    o.optimizer.average = 0;
    if (objective == Objective::kWganGp && o.players.net == Net::kResnet) {
      use_paper_resnet(o, dataset);
    } else if (objective == Objective::kWganGp) {
      use_paper_wgan_gp(o, dataset);
    } else {
      use_paper_dcgan(o, dataset);
    }
    return o;
  }
  use_fast(o, dataset);
  return o;
}

Objective default_objective(Recipe recipe, const Dataset& dataset, Net net) {
  const bool tuned = net == Net::kDcgan || net == Net::kModern;
  return recipe == Recipe::kFast && dataset.is_image() && tuned ? Objective::kRelativistic
                                                                : Objective::kWganGp;
}

TrainOptions default_options(const Dataset& dataset) {
  return recipe_options(Recipe::kFast, default_objective(Recipe::kFast, dataset), dataset);
}

bool has_rate_ramps(const OptimizerOptions& o) {
  return o.critic_lr.changes() || o.generator_lr.changes();
}

bool has_ramps(const TrainOptions& o) {
  return has_rate_ramps(o.optimizer) || o.optimizer.beta2.changes() ||
         o.optimizer.average_images.changes() || o.penalty.gamma.changes() ||
         o.augment.strength.changes();
}

void check_options(const TrainOptions& o, const Dataset& dataset) {
  if (o.players.net != Net::kMlp && !dataset.is_image()) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("--net {} makes images, and {} is vectors of {}", enum_name(o.players.net),
                    dataset.name, counted(dataset.row_elements(), "number")),
        "use --net mlp");
  }
  const size_t classes = dataset.class_names.size();
  if (o.players.conditional && classes < 2 && dataset.condition_size() == 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--conditional needs labels or conditions, and {} has {}", dataset.name,
                            counted(classes, "class", "classes")),
                "use --no-conditional");
  }
  if (o.objective.kind == Objective::kSemiSupervised && classes < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--objective semi-supervised needs labels, and {} has {}", dataset.name,
                            counted(classes, "class", "classes")),
                "use --objective non-saturating");
  }
  if (o.players.net == Net::kDcgan) {
    const auto [low, high] = std::minmax(dataset.shape[0], dataset.shape[1]);
    if (low < kSmallestSide || high > kLargestSide) {
      const auto clamped = [](int64_t side) {
        return std::clamp(side, kSmallestSide, kLargestSide);
      };
      const PictureSize nearest(clamped(dataset.shape[1]), clamped(dataset.shape[0]));
      throw Error(
          ErrorKind::kUsage,
          fmt::format("--net dcgan makes images of {} to {} pixels a side, and {} is {}x{}",
                      kSmallestSide, kLargestSide, dataset.name, dataset.shape[1],
                      dataset.shape[0]),
          fmt::format("the nearest that it makes of a folder of pictures: --size {}; or use "
                      "--net mlp",
                      field_text(nearest)));
    }
  }
  constexpr int64_t kMany = int64_t{1} << 40;
  want_between("width", o.players.width, 1, 8192);
  want_between("critic-width", o.players.critic_width, 0, 8192);
  want_between("depth", o.players.depth, 1, 100);
  want_between("generator-depth", o.players.generator_depth, 0, 100);
  want_between("critic-depth", o.players.critic_depth, 0, 100);
  want_between("reference-batch", o.players.reference_batch, 2, 65536);
  want_between("minibatch-kernels", o.players.minibatch_kernels, 0, 8192);
  want_between("minibatch-dims", o.players.minibatch_dims, 1, 1024);
  want_between("latent", o.players.latent, 1, 65536);
  want_number("gamma", o.penalty.gamma, 0, 1e9);
  want_number("critic-lr", o.optimizer.critic_lr, 0, 1e3);
  want_number("generator-lr", o.optimizer.generator_lr, 0, 1e3);
  want_number("beta2", o.optimizer.beta2, 0, 1);
  want_number("average-images", o.optimizer.average_images, 0, 1e12);
  want_number("augment-strength", o.augment.strength, 0, 1.000001);
  const Networks networks = build_networks(o, dataset);
  const bool norms =
      has_layer<BatchNorm>(networks.generator) || has_layer<BatchNorm>(networks.critic);
  check_combinations(o, networks);
  want_between("batch", o.batches.size, norms ? 2 : 1, 65536);
  if (o.batches.generator_size != 0)
    want_between("generator-batch", o.batches.generator_size, norms ? 2 : 1, 65536);
  want_between("feature-layers", o.stabilisers.feature_layers, 0,
               static_cast<int64_t>(networks.critic.layers.size()));
  want_between("n-critic", o.objective.n_critic, 1, 1000);
  check_precision(networks.critic, critic_objective(o, /*conditions=*/0));
  want_number("lambda", o.penalty.lambda, 0, 1e9);
  want_between("penalty-every", o.penalty.every, 1, 1000);
  want_number("clip", o.penalty.clip, 0, 1e9);
  want_number("weight-decay", o.stabilisers.weight_decay, 0, 1e9);
  if (!(o.stabilisers.real_label > 0.5 && o.stabilisers.real_label <= 1)) {
    throw Error(ErrorKind::kUsage, fmt::format("--real-label is {}, wanted above 0.5 and at most 1",
                                               o.stabilisers.real_label));
  }
  want_number("fake-label", o.stabilisers.fake_label, 0, 0.5);
  want_between("labels-per-class", o.objective.labels_per_class, 0, kMany);
  want_number("instance-noise", o.stabilisers.instance_noise, 0, 1e3);
  want_number("critic-noise", o.stabilisers.critic_noise, 0, 1e3);
  want_number("historical-averaging", o.stabilisers.historical_averaging, 0, 1e9);
  want_number("beta1", o.optimizer.beta1, 0, 1);
  want_number("average", o.optimizer.average, 0, 1);
  want_number("ramp-share", o.optimizer.ramp_share, 0, 1.000001);
  parse_augment(o.augment.kinds);
  want_number("augment-target", o.augment.target, 0, 10);
  want_between("seed", o.seed, 0, std::numeric_limits<int64_t>::max());
  want_between("steps", o.length.steps, 0, kMany);
  parse_extensions(o.length.extend);
  want_between("tick-every", o.cadence.tick_every, 1, kMany);
  want_between("samples-every", o.cadence.samples_every, 1, kMany);
  want_between("loader-threads", o.compute.loader_threads, 0, 256);
  want_between("evaluate-every", o.cadence.evaluate_every, 0, kMany);
}

Networks build_networks(const TrainOptions& o, const Shape& sample, const Known& known,
                        int64_t classes) {
  auto [generator, critic] =
      preset_networks(o, sample, o.players.latent + known.classes + known.conditions,
                      with_conditions(sample, known.conditions));
  generator = with_norm(with_depth(std::move(generator), o.players.generator_depth),
                        o.players.generator_norm, o.players.reference_batch);
  critic =
      with_norm(with_depth(std::move(critic), o.players.critic_depth),
                o.players.critic_norm == Norm::kVirtual ? Norm::kPreset : o.players.critic_norm, 0);
  if (o.players.minibatch_deviation) critic = with_minibatch_deviation(std::move(critic));
  critic = with_minibatch_discrimination(std::move(critic), o.players.minibatch_kernels,
                                         o.players.minibatch_dims);
  critic = with_noise(std::move(critic), o.stabilisers.critic_noise);
  critic.spectral_norm = o.players.spectral_norm;
  if (o.objective.kind == Objective::kSemiSupervised) {
    std::get<Linear>(critic.layers.back()).out = classes;
  } else if (o.players.net == Net::kModern && known.classes > 0) {
    critic = with_projection(std::move(critic), known.classes);
  } else {
    std::get<Linear>(critic.layers.back()).out = std::max<int64_t>(1, known.classes);
  }
  return {with_activation(std::move(generator), o.players.generator_activation),
          with_activation(std::move(critic), o.players.critic_activation)};
}

Known known_of(const TrainOptions& options, const Dataset& dataset) {
  return known_of(options.players.conditional, dataset.class_names, dataset.condition_scale);
}

Networks build_networks(const TrainOptions& options, const Dataset& dataset) {
  return build_networks(options, sample_shape(dataset.shape), known_of(options, dataset),
                        static_cast<int64_t>(dataset.class_names.size()));
}

}  // namespace wgan
