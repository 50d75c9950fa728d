// Chunks of rows, in parallel.
#include "wgan/train/row_chunks.h"

#include <ATen/Parallel.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

namespace wgan {
namespace {

constexpr int64_t kChunkRows = 16;  // enough for the matrix kernels, few enough for a cache
constexpr int64_t kMostChunks = 4;  // bounds the copies of the gradient vector

}  // namespace

int64_t chunk_size(int64_t rows, const at::Device& device, bool samples_meet) {
  if (!device.is_cpu() || samples_meet) return rows;
  return std::max(kChunkRows, (rows + kMostChunks - 1) / kMostChunks);
}

void for_each_chunk(int64_t rows, int64_t size,
                    const std::function<void(int64_t first, int64_t count)>& work) {
  const int64_t chunks = (rows + size - 1) / size;
  if (chunks == 1) {
    work(0, rows);
    return;
  }
  at::parallel_for(0, chunks, 1, [&](int64_t begin, int64_t end) {
    const torch::NoGradGuard no_grad;  // thread-local
    for (int64_t chunk = begin; chunk < end; ++chunk) {
      work(chunk * size, std::min(size, rows - chunk * size));
    }
  });
}

at::Tensor accumulate_over_chunks(Model& model, int64_t rows, int64_t size, const ChunkWork& work) {
  const auto chunks = static_cast<size_t>((rows + size - 1) / size);
  std::vector<at::Tensor> gradients(chunks), results(chunks);
  for_each_chunk(rows, size, [&](int64_t first, int64_t count) {
    const auto chunk = static_cast<size_t>(first / size);
    gradients[chunk] = torch::zeros_like(model.parameters);
    results[chunk] = work(first, count, parameter_views(model.slots, gradients[chunk]));
  });
  model.gradients.copy_(gradients[0]);
  at::Tensor result = results[0];
  for (size_t chunk = 1; chunk < chunks; ++chunk) {
    model.gradients.add_(gradients[chunk]);
    result = result + results[chunk];
  }
  return result;
}

}  // namespace wgan
