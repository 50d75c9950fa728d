// From seeds to the numbers that a generator takes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/net/generator_state.h"
#include "wgan/net/known.h"

namespace wgan {

// What a generator takes for a sample, one part behind the other: z, the class one-hot, and the
// conditions, standardised.
struct InputParts {
  int64_t latent = 0;
  LatentDist latent_dist = LatentDist::kNormal;
  Known known;

  int64_t size() const { return latent + known.classes + known.conditions; }
};

// What samples of seeds are to be.
struct WantedInputs {
  std::optional<int64_t> class_number = {};  // of all, below known.classes; else class_of_seed
  std::vector<int64_t> classes = {};         // of each sample; empty: as class_number says
  // [K] of all, or [N, K], in the data's original units; empty: of row seed mod their number of
  // those that the description of the data has.
  std::vector<double> conditions = {};
  double truncation = 1;  // what z is multiplied by, in (0, 1]
};

// Numbers of the distribution at the address.
void fill_latent(const RandomAddress& address, LatentDist dist, std::span<float> z);

// z of the seed: number i is that of Philox at (seed, stream kSampleLatent, step 0, index 0).
void fill_latent_of_seed(uint64_t seed, LatentDist dist, std::span<float> z);

// Number seed mod K of the K classes that have rows.
int64_t class_of_seed(const DataDescription& data, uint64_t seed);

// [N, parts.size()]. Throws Error(kUsage) where truncation is not in (0, 1], where a class has no
// place, and where conditions are too few or many, not finite, not wanted, or neither given nor
// among the data.
std::vector<float> inputs_of_seeds(const InputParts& parts, const DataDescription& data,
                                   std::span<const uint64_t> seeds,
                                   const WantedInputs& wanted = {});

}  // namespace wgan
