// The space that samples and data are compared in: their own values, what a classifier of wgan sees
// in them, or what a TorchScript network of the user's does.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wgan/data/dataset.h"
#include "wgan/judge/options.h"

namespace wgan {

// Rows and what is seen in them.
struct Observed {
  at::Tensor rows;           // as the sampler gives them: uint8 [N, H, W, C] or float32 [N, D]
  at::Tensor features;       // [N, F] float32, on the CPU
  at::Tensor probabilities;  // [N, K] float32; undefined where the space knows no classes
};

// The rows first .. end - 1 and what is seen in them.
Observed rows_between(const Observed& all, int64_t first, int64_t end);

struct FeatureSpace {
  std::string name;  // "pixels", "columns", "standardised columns", or the file's name
  std::string hash;  // of everything that decides the features; equal = comparable
  std::function<Observed(const at::Tensor& rows)> observe;
};

// shape: of a row, [H, W, C] or [D]. scale: of vectors, whose columns are measured as it
// standardises them, the unit that training uses; empty: in their original units. Throws
// Error(kUsage) where the space is not one for such rows, Error(kData) or Error(kIncompatible)
// where its file cannot be read.
FeatureSpace open_features(const FeatureOptions& options, const std::vector<int64_t>& shape,
                           const std::string& device, const ColumnScale& scale = {});

// Throws what open_features will throw for the pictures of a folder, before they are prepared; does
// nothing for other data.
void check_features(const FeatureOptions& options, const DataOptions& data);

}  // namespace wgan
