// Splits the rows of a batch among the CPU threads, so that each works on few rows that stay in its
// cache, and adds up what they found in a fixed order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// Rows a chunk: of a batch of `rows` on `device`, or all of them where samples meet (BatchNorm) or
// on a GPU. It depends on nothing else, so results do not depend on the number of threads.
int64_t chunk_size(int64_t rows, const at::Device& device, bool samples_meet);

// work(first, count, gradients) handles rows first .. first + count - 1: it adds to `gradients`
// (views like model.frozen, zero at first) and returns a tensor. model.gradients is overwritten
// with the sum of all gradients; returns the sum of the tensors.
using ChunkWork =
    std::function<at::Tensor(int64_t first, int64_t count, const std::vector<at::Tensor>&)>;
at::Tensor accumulate_over_chunks(Model& model, int64_t rows, int64_t size, const ChunkWork& work);

// The same without gradients: work(first, count) for all chunks of at most `size` of `rows` rows.
void for_each_chunk(int64_t rows, int64_t size,
                    const std::function<void(int64_t first, int64_t count)>& work);

}  // namespace wgan
