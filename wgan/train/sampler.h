// A trained generator, and samples from it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "wgan/net/generator_state.h"
#include "wgan/nn/parameters.h"

namespace wgan {

struct Dataset;
struct Players;
struct TrainOptions;

struct Generator {
  Model model;
  int64_t latent = 0;
  LatentDist latent_dist = LatentDist::kNormal;
  DataDescription data;
  int64_t step = 0;                  // of training
  std::filesystem::path checkpoint;  // that it came from; empty: still in training
};

// The moving average of players in training on the data set, as it is now.
Generator averaged_generator(const Players& players, const Dataset& dataset,
                             const TrainOptions& options);

// Pictures as networks make them, [N, C, H, W] in the range, as people see them: uint8
// [N, H, W, C].
at::Tensor to_pictures(const at::Tensor& values, PixelRange range);

// Classes a class-conditional generator knows; 0 for the others.
int64_t class_count(const Generator& generator);

// Numbers of the condition vector that a generator wants with each sample; 0 where it wants none.
int64_t condition_count(const Generator& generator);

// The classes that a picture of every class shows, in rising order; none where the generator knows
// none.
std::vector<int64_t> shown_classes(const Generator& generator);

// What samples are to be.
struct Wanted {
  std::optional<int64_t> class_number = {};  // of all, below class_count; else seed mod class_count
  at::Tensor classes = {};     // [N] int64 below class_count: of each sample, where it is defined
  at::Tensor conditions = {};  // [1, K] of all, or [N, K], in the data's original units
  // psi in (0, 1]: latents are drawn psi times as far from their mean (Karras et al. 2019, w' =
  // mean
  // + psi (w - mean), here for z itself, whose mean is 0). 1: as they are.
  double truncation = 1;
};

// The number of a class by its name, or by its number as text. Throws Error(kUsage) where the
// generator knows no classes, or not this one.
int64_t class_number(const Generator& generator, const std::string& name);

// One sample a seed, in evaluation mode: a seed's sample does not depend on its neighbours.
// Images: uint8 [N, H, W, C]. Vectors: float32 [N, D] in the data's original units. On the CPU.
// Throws Error(kUsage) where the generator wants conditions and they are not given, of another
// length or not finite, and where truncation is not in (0, 1].
at::Tensor sample(const Generator& generator, std::span<const uint64_t> seeds,
                  const Wanted& wanted = {});

// The same for inputs of one's own: z [N, latent] float32, with one-hot classes, then standardised
// conditions behind it where the generator knows them.
at::Tensor sample_latents(const Generator& generator, const at::Tensor& z);

// Inputs [frames, latent + class_count + condition_count] along a closed path through the latents
// of the seeds: spherical interpolation (Shoemake 1985) between normal latents, linear between
// uniform ones and between classes and conditions, which are those of sample(). At least two seeds.
at::Tensor interpolate_latents(const Generator& generator, std::span<const uint64_t> seeds,
                               int64_t frames, const Wanted& wanted = {});

}  // namespace wgan
