// Latent vectors, a row at a time.
#include "wgan/train/latent.h"

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>

#include "wgan/net/generator_inputs.h"

namespace wgan {
namespace {

std::span<float> row_of(const at::Tensor& matrix, int64_t row) {
  const int64_t width = matrix.size(1);
  return {matrix.data_ptr<float>() + row * width, static_cast<size_t>(width)};
}

}  // namespace

at::Tensor latents(uint64_t seed, Stream stream, uint64_t step, int64_t count, int64_t dimensions,
                   LatentDist dist) {
  at::Tensor z = torch::empty({count, dimensions}, torch::kFloat32);
  constexpr int64_t kGrain = 2048;  // numbers that are worth a thread
  at::parallel_for(
      0, count, std::max<int64_t>(1, kGrain / dimensions), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          fill_latent({seed, stream, step, static_cast<uint64_t>(i)}, dist, row_of(z, i));
        }
      });
  return z;
}

at::Tensor with_classes(const at::Tensor& z, const at::Tensor& labels, int64_t classes) {
  return torch::cat({z, torch::one_hot(labels, classes).to(z.options())}, 1);
}

at::Tensor with_conditions(const at::Tensor& samples, const at::Tensor& conditions) {
  if (!conditions.defined()) return samples;
  if (samples.dim() == 2) return torch::cat({samples, conditions}, 1);
  const at::Tensor channels =
      conditions.view({conditions.size(0), conditions.size(1), 1, 1})
          .expand({conditions.size(0), conditions.size(1), samples.size(2), samples.size(3)});
  return torch::cat({samples, channels}, 1).contiguous(at::MemoryFormat::ChannelsLast);
}

at::Tensor latents_of_seeds(std::span<const uint64_t> seeds, int64_t dimensions, LatentDist dist) {
  at::Tensor z = torch::empty({static_cast<int64_t>(seeds.size()), dimensions}, torch::kFloat32);
  for (size_t i = 0; i < seeds.size(); ++i) {
    fill_latent_of_seed(seeds[i], dist, row_of(z, static_cast<int64_t>(i)));
  }
  return z;
}

}  // namespace wgan
