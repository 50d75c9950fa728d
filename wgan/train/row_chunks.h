// Splits the rows of a batch among the CPU threads, so that each works on few rows that stay in its
// cache, and adds up what they found in a fixed order.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "wgan/nn/parameters.h"

namespace wgan {

// work(first, count, gradients) handles rows first .. first + count - 1: it adds to `gradients`
// (views like model.frozen, zero at first) and returns a tensor. model.gradients is overwritten
// with the sum of all gradients; returns the sum of the tensors. Chunks depend on `rows` alone, so
// the result does not depend on the number of threads. On a GPU all rows are one chunk.
using ChunkWork =
    std::function<at::Tensor(int64_t first, int64_t count, const std::vector<at::Tensor>&)>;
at::Tensor accumulate_over_chunks(Model& model, int64_t rows, const ChunkWork& work);

// The same without gradients: work(first, count) for all chunks of `rows` rows on `device`.
void for_each_chunk(int64_t rows, const at::Device& device,
                    const std::function<void(int64_t first, int64_t count)>& work);

}  // namespace wgan
