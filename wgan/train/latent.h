// Latent vectors z as functions of their place.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

#include "wgan/core/random.h"
#include "wgan/train/options.h"

namespace wgan {

// z of a training step: [count, dimensions] float32 on the CPU; row i is drawn at index i of the
// address.
at::Tensor latents(uint64_t seed, Stream stream, uint64_t step, int64_t count, int64_t dimensions,
                   LatentDist dist);

// [B, latent + classes]: z with the one-hot classes behind it. labels: [B] int64 below `classes`.
at::Tensor with_classes(const at::Tensor& z, const at::Tensor& labels, int64_t classes);

// Samples [B, D] or [B, C, H, W] with the conditions [B, K] behind them, as the critic sees them:
// [B, D + K] or [B, C + K, H, W]; the samples themselves where the conditions are undefined.
at::Tensor with_conditions(const at::Tensor& samples, const at::Tensor& conditions);

// z of pictures that a person asks for by number: row i belongs to seeds[i] alone, whatever its
// neighbours and whichever run the generator comes from.
at::Tensor latents_of_seeds(std::span<const uint64_t> seeds, int64_t dimensions, LatentDist dist);

}  // namespace wgan
