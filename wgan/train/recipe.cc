// Published settings, and our own for a CPU.
#include "wgan/train/recipe.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "wgan/nn/presets.h"
#include "wgan/nn/resnet.h"
#include "wgan/train/combinations.h"
#include "wgan/train/critic_step.h"

namespace wgan {
namespace {

// Sides of images that convolutions halve and double.
constexpr int64_t kSmallestSide = 8, kLargestSide = 1024;

void use_adam(TrainOptions& o, double critic_lr, double generator_lr, double beta1, double beta2) {
  o.optimizer = OptimizerKind::kAdam;
  o.critic_lr = critic_lr;
  o.generator_lr = generator_lr;
  o.beta1 = beta1;
  o.beta2 = beta2;
}

void use_rmsprop(TrainOptions& o, double lr) {
  o.optimizer = OptimizerKind::kRmsprop;
  o.critic_lr = o.generator_lr = lr;
}

void use_paper_wgan_gp(TrainOptions& o, const Dataset& data) {
  const Shape sample = sample_shape(data);
  const bool mnist = sample == Shape{1, 28, 28};
  o.n_critic = 5;
  use_adam(o, 1e-4, 1e-4, 0.5, 0.9);
  if (!data.is_image()) {  // gan_toy.py
    o.width = 512;
    o.depth = 3;
    o.latent = 2;
    o.batch = 256;
    o.lambda = 0.1;
    o.init = Init::kScaledUniformHe;
    o.steps = 100'000;
    return;
  }
  o.width = mnist ? 64 : 128;
  o.latent = 128;
  o.batch = mnist ? 50 : 64;
  o.init = Init::kScaledUniform;
  o.steps = 200'000;
}

void use_paper_resnet(TrainOptions& o, const Dataset& data) {
  const bool small = std::max(data.shape[0], data.shape[1]) < 64;
  o.n_critic = 5;
  o.latent = 128;
  o.batch = 64;
  o.init = Init::kScaledUniform;
  if (small) {  // gan_cifar_resnet.py
    o.width = 128;
    o.generator_batch = 128;
    o.dequantize = true;
    o.lr_decay = true;
    use_adam(o, 2e-4, 2e-4, 0, 0.9);
    o.steps = 100'000;
  } else {  // gan_64x64.py
    o.width = 64;
    use_adam(o, 1e-4, 1e-4, 0, 0.9);
    o.steps = 200'000;
  }
}

// The networks of Radford et al. 2016, by which Arjovsky et al. 2017 compare GAN and WGAN.
void use_paper_dcgan(TrainOptions& o, const Dataset& data) {
  o.width = data.is_image() ? 64 : 512;
  o.depth = 3;
  o.latent = 100;
  o.batch = 64;
  o.init = data.is_image() ? Init::kDcgan : Init::kTorch;
  if (o.objective == Objective::kWgan) {
    o.n_critic = 5;
    o.critic_bursts = true;
    o.clip = 0.01;
    use_rmsprop(o, 5e-5);
  } else {
    o.n_critic = 1;
    o.latent_dist = LatentDist::kUniform;
    use_adam(o, 2e-4, 2e-4, 0.5, 0.999);
  }
  constexpr int64_t kEpochs = 25;
  o.steps = std::max<int64_t>(1, kEpochs * data.size / (o.batch * o.n_critic));
}

// The labels are for the discriminator to learn, and the generator matches features: fakes beside
// the data, not on it, are what sharpens the borders between classes (Dai et al. 2017).
void use_semi_supervised(TrainOptions& o) {
  o.conditional = false;
  o.feature_matching = FeatureMatching::kMean;
  o.critic_noise = 0.5;
  o.init = Init::kTorch;  // small weights, against which the noise is large
  o.batch = 64;
  o.n_critic = 1;
  use_adam(o, 1e-3, 1e-3, 0.5, 0.999);
  if (o.net != Net::kMlp) return;
  // Nearly the networks of Salimans et al. 2016 for MNIST: there the discriminator's five hidden
  // layers have 1000, 500, and three times 250 units, and the generator's activations are softplus.
  o.critic_norm = Norm::kWeight;
  o.generator_norm = Norm::kBatch;
  o.width = 500;
  o.depth = 2;
  o.critic_depth = 6;
  o.latent = 100;
  o.batch = 100;
  use_adam(o, 3e-3, 3e-3, 0.5, 0.999);
}

// Small networks, whose critic has no normalisation and is swept, many cheap steps, and learning
// rates that fall to 0. Labels of pictures, where there are any, are told to both networks.
void use_fast(TrainOptions& o, const Dataset& data) {
  o.init = Init::kScaledUniform;
  o.lr_decay = true;
  o.conditional = data.condition_size() > 0;
  if (data.is_image()) {
    o.conditional = o.conditional || data.class_names.size() > 1;
    o.latent = 32;
    o.batch = 32;
    o.average = 0.998;
    use_adam(o, 1e-3, 1e-3, 0, 0.99);
    o.steps = 5000;
  } else {
    o.width = 128;
    o.depth = 3;
    o.latent = 2;
    o.batch = 512;
    o.n_critic = 5;
    o.lambda = 0.1;
    o.average = 0.999;
    o.init = Init::kTorch;
    use_adam(o, 1e-3, 1e-3, 0, 0.9);
    o.steps = 4000;
    o.tick_every = 200;
    o.samples_every = 1000;
  }
  if (o.objective == Objective::kWgan) {  // momentum upsets a clipped critic (Arjovsky et al. 2017)
    use_rmsprop(o, 2e-4);
    o.n_critic = 5;
  } else if (o.objective == Objective::kCTransform) {
    o.conditional = false;
    o.n_critic = 5;
  } else if (o.objective == Objective::kSemiSupervised) {
    use_semi_supervised(o);
  } else if (o.objective != Objective::kWganGp) {
    use_adam(o, 2e-4, 2e-4, 0.5, 0.999);
    o.n_critic = 1;
  }
}

[[noreturn]] void refuse(const char* option, const std::string& seen, const std::string& wanted) {
  throw Error(ErrorKind::kUsage, fmt::format("--{} is {}, wanted {}", option, seen, wanted));
}

void want_between(const char* option, int64_t value, int64_t low, int64_t high) {
  if (value < low || value > high) {
    refuse(option, std::to_string(value), fmt::format("{} to {}", low, high));
  }
}

void want_number(const char* option, double value, double low, double below) {
  if (!(value >= low && value < below)) {
    refuse(option, fmt::format("{}", value), fmt::format("at least {} and below {}", low, below));
  }
}

// latent: inputs of the generator. seen: the shape of what the critic sees.
Networks preset_networks(const TrainOptions& o, const Shape& sample, int64_t latent,
                         const Shape& seen) {
  const int64_t critic_width = o.critic_width > 0 ? o.critic_width : o.width;
  if (o.net == Net::kMlp) {
    return {mlp_generator(sample, latent, {o.width, o.depth, /*slope=*/0}),
            mlp_critic(seen, {critic_width, o.depth, /*slope=*/0})};
  }
  if (o.net == Net::kResnet) {
    return {resnet_generator(sample, latent, o.width), resnet_critic(seen, critic_width)};
  }
  if (o.recipe == Recipe::kPaper && o.objective == Objective::kWganGp) {
    return {gulrajani_generator(sample, latent, o.width), gulrajani_critic(seen, critic_width)};
  }
  DcganOptions dcgan;
  dcgan.width = o.width;
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

Shape sample_shape(const Dataset& dataset) {
  if (!dataset.is_image()) return dataset.shape;
  return {dataset.shape[2], dataset.shape[0], dataset.shape[1]};
}

TrainOptions recipe_options(Recipe recipe, Objective objective, const Dataset& dataset, Net net) {
  TrainOptions o;
  o.recipe = recipe;
  o.objective = objective;
  o.net = dataset.is_image() ? net : Net::kMlp;
  if (recipe == Recipe::kPaper) {
    o.average = 0;
    if (objective == Objective::kWganGp && o.net == Net::kResnet) {
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

TrainOptions resolve_options(const Dataset& dataset,
                             const std::function<void(TrainOptions&)>& apply, bool gives_length) {
  TrainOptions asked;
  apply(asked);
  TrainOptions options = recipe_options(asked.recipe, asked.objective, dataset, asked.net);
  if (gives_length) options.steps = 0;
  apply(options);
  check_options(options, dataset);
  return options;
}

void check_options(const TrainOptions& o, const Dataset& dataset) {
  if (o.net != Net::kMlp && !dataset.is_image()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--net {} makes images, and {} is vectors of {} numbers",
                            enum_name(o.net), dataset.name, dataset.row_elements()),
                "use --net mlp");
  }
  const size_t classes = dataset.class_names.size();
  if (o.conditional && classes < 2 && dataset.condition_size() == 0) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--conditional needs labels or conditions, and {} has {} classes",
                            dataset.name, classes),
                "use --no-conditional");
  }
  if (o.objective == Objective::kSemiSupervised && classes < 2) {
    throw Error(ErrorKind::kUsage,
                fmt::format("--objective semi-supervised needs labels, and {} has {} classes",
                            dataset.name, classes),
                "use --objective non-saturating");
  }
  if (o.net == Net::kDcgan) {
    const auto [low, high] = std::minmax(dataset.shape[0], dataset.shape[1]);
    if (low < kSmallestSide || high > kLargestSide) {
      throw Error(ErrorKind::kUsage,
                  fmt::format("--net dcgan makes images of {} to {} pixels a side, and {} is {}x{}",
                              kSmallestSide, kLargestSide, dataset.name, dataset.shape[0],
                              dataset.shape[1]),
                  "use --size, or --net mlp");
    }
  }
  constexpr int64_t kMany = int64_t{1} << 40;
  want_between("width", o.width, 1, 8192);
  want_between("critic-width", o.critic_width, 0, 8192);
  want_between("depth", o.depth, 1, 100);
  want_between("generator-depth", o.generator_depth, 0, 100);
  want_between("critic-depth", o.critic_depth, 0, 100);
  want_between("reference-batch", o.reference_batch, 2, 65536);
  want_between("minibatch-kernels", o.minibatch_kernels, 0, 8192);
  want_between("minibatch-dims", o.minibatch_dims, 1, 1024);
  want_between("latent", o.latent, 1, 65536);
  const Networks networks = build_networks(o, dataset);
  const bool norms =
      has_layer<BatchNorm>(networks.generator) || has_layer<BatchNorm>(networks.critic);
  check_combinations(o, networks);
  want_between("batch", o.batch, norms ? 2 : 1, 65536);
  if (o.generator_batch != 0)
    want_between("generator-batch", o.generator_batch, norms ? 2 : 1, 65536);
  want_between("feature-layers", o.feature_layers, 0,
               static_cast<int64_t>(networks.critic.layers.size()));
  want_between("n-critic", o.n_critic, 1, 1000);
  if (o.precision == Precision::kBf16 &&
      !takes_sweeps(networks.critic, o.objective, o.critic_step)) {
    throw Error(
        ErrorKind::kUsage,
        "--precision bf16 is for the sweeps, and this critic step goes through autograd",
        "use --precision float32, or a critic without normalisation and --critic-step auto");
  }
  want_number("lambda", o.lambda, 0, 1e9);
  want_number("clip", o.clip, 0, 1e9);
  want_number("weight-decay", o.weight_decay, 0, 1e9);
  if (!(o.real_label > 0.5 && o.real_label <= 1)) {
    refuse("real-label", fmt::format("{}", o.real_label), "above 0.5 and at most 1");
  }
  want_number("fake-label", o.fake_label, 0, 0.5);
  want_between("labels-per-class", o.labels_per_class, 0, kMany);
  want_number("instance-noise", o.instance_noise, 0, 1e3);
  want_number("critic-noise", o.critic_noise, 0, 1e3);
  want_number("historical-averaging", o.historical_averaging, 0, 1e9);
  want_number("critic-lr", o.critic_lr, 0, 1e3);
  want_number("generator-lr", o.generator_lr, 0, 1e3);
  want_number("beta1", o.beta1, 0, 1);
  want_number("beta2", o.beta2, 0, 1);
  want_number("average", o.average, 0, 1);
  want_between("seed", o.seed, 0, std::numeric_limits<int64_t>::max());
  want_between("steps", o.steps, 0, kMany);
  want_between("tick-every", o.tick_every, 1, kMany);
  want_between("samples-every", o.samples_every, 1, kMany);
  want_between("keep", o.keep, 0, kMany);
  want_between("threads", o.threads, 0, 1024);
  want_between("loader-threads", o.loader_threads, 0, 256);
  want_between("evaluate-every", o.evaluate_every, 0, kMany);
  want_between("evaluate-n", o.evaluate_n, 2, 100'000);
  want_between("patience", o.patience, 0, kMany);
}

Networks build_networks(const TrainOptions& o, const Shape& sample, const Known& known,
                        int64_t classes) {
  auto [generator, critic] = preset_networks(o, sample, o.latent + known.classes + known.conditions,
                                             with_conditions(sample, known.conditions));
  generator = with_norm(with_depth(std::move(generator), o.generator_depth), o.generator_norm,
                        o.reference_batch);
  critic = with_norm(with_depth(std::move(critic), o.critic_depth),
                     o.critic_norm == Norm::kVirtual ? Norm::kPreset : o.critic_norm, 0);
  critic = with_minibatch_discrimination(std::move(critic), o.minibatch_kernels, o.minibatch_dims);
  critic = with_noise(std::move(critic), o.critic_noise);
  critic.spectral_norm = o.spectral_norm;
  const int64_t outputs =
      o.objective == Objective::kSemiSupervised ? classes : std::max<int64_t>(1, known.classes);
  std::get<Linear>(critic.layers.back()).out = outputs;
  return {with_activation(std::move(generator), o.generator_activation),
          with_activation(std::move(critic), o.critic_activation)};
}

Networks build_networks(const TrainOptions& options, const Dataset& dataset) {
  return build_networks(options, sample_shape(dataset), known_of(options, dataset),
                        static_cast<int64_t>(dataset.class_names.size()));
}

PixelRange pixel_range(const Network& generator) {
  const bool unit = std::holds_alternative<Sigmoid>(generator.layers.back());
  return unit ? PixelRange::kUnit : PixelRange::kSigned;
}

}  // namespace wgan
