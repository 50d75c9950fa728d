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

// Vectors [N, D] from the standardised columns of networks to original units, computed in float64:
// float64 where the scale needs it, else float32. Without a scale they stay as they are.
at::Tensor to_original_units(const at::Tensor& standardised, const ColumnScale& scale);

// The inverse, for original units of any type: float32.
at::Tensor to_standard_units(const at::Tensor& original, const ColumnScale& scale);

// Samples [N, D] in the shape that rows have in the data's file, [N, ...]; pictures as they are.
at::Tensor in_row_shape(const at::Tensor& rows, const DataDescription& data);

// Classes a class-conditional generator knows; 0 for the others.
int64_t class_count(const Generator& generator);

// Numbers of the condition vector that a generator wants with each sample; 0 where it wants none.
int64_t condition_count(const Generator& generator);

// The classes that a picture of every class shows: those with rows, in rising order; none where the
// generator knows none.
std::vector<int64_t> shown_classes(const Generator& generator);

// What samples are to be.
struct Wanted {
  std::optional<int64_t> class_number = {};  // of all, below class_count; else class_of_seed
  at::Tensor classes = {};  // [N] int64 below class_count: of each sample, where it is defined
  // [1, K] of all, or [N, K], in the data's original units; undefined: of the rows that
  // data.conditions has, row seed mod their number.
  at::Tensor conditions = {};
  // psi in (0, 1]: latents are drawn psi times as far from their mean (Karras et al. 2019, w' =
  // mean + psi (w - mean), here for z itself, whose mean is 0). 1: as they are.
  double truncation = 1;
};

// The class of a seed where none is asked for: number seed mod K of the K classes that have rows.
// The generator knows classes.
int64_t class_of_seed(const Generator& generator, uint64_t seed);

// The number of a class by its name, or by its number as text. Throws Error(kUsage) where the
// generator knows no classes, or not this one, or this one has no rows to have learnt it from.
int64_t class_number(const Generator& generator, const std::string& name);

// One sample a seed, in evaluation mode: a seed's sample does not depend on its neighbours.
// Images: uint8 [N, H, W, C], RGBA with straight alpha. Vectors: [N, D] as to_original_units gives
// them. On the CPU.
// Throws Error(kUsage) where conditions are of another length or not finite, where the generator
// wants them and they are neither given nor among its data, and where truncation is not in (0, 1].
at::Tensor sample(const Generator& generator, std::span<const uint64_t> seeds,
                  const Wanted& wanted = {});

// The rows of data.conditions: [N, K] float64 in original units; undefined where there are none.
at::Tensor conditions_of_data(const Generator& generator);

// What the network takes for the seeds: [N, latent + class_count + condition_count] float32 on the
// CPU, z, then the class one-hot, then the conditions, standardised. Throws as sample does.
at::Tensor inputs_of_seeds(const Generator& generator, std::span<const uint64_t> seeds,
                           const Wanted& wanted = {});

// The same as sample() for inputs of one's own: z [N, latent] float32, with one-hot classes, then
// standardised conditions behind it where the generator knows them.
at::Tensor sample_latents(const Generator& generator, const at::Tensor& z);

// Inputs [frames, latent + class_count + condition_count] along a closed path through the latents
// of the seeds: spherical interpolation (Shoemake 1985) between normal latents, linear between
// uniform ones and between classes and conditions, which are those of sample(). At least two seeds.
at::Tensor interpolate_latents(const Generator& generator, std::span<const uint64_t> seeds,
                               int64_t frames, const Wanted& wanted = {});

}  // namespace wgan
