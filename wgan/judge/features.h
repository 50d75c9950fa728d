// The space that samples and data are compared in: their own values, what a classifier of wgan sees
// in them, or what a TorchScript network of the user's does.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "wgan/judge/options.h"

namespace wgan {

// Rows and what is seen in them.
struct Observed {
  at::Tensor rows;           // as the sampler gives them: uint8 [N, H, W, C] or float32 [N, D]
  at::Tensor features;       // [N, F] float32, on the CPU
  at::Tensor probabilities;  // [N, K] float32; undefined where the space knows no classes
};

struct FeatureSpace {
  std::string name;  // "pixels", or the file's name
  std::string hash;  // of everything that decides the features; equal = comparable
  std::function<Observed(const at::Tensor& rows)> observe;
};

// shape: of a row, [H, W, C] or [D]. Throws Error(kUsage) where the space is not one for such rows,
// Error(kData) or Error(kIncompatible) where its file cannot be read.
FeatureSpace open_features(const FeatureOptions& options, const std::vector<int64_t>& shape,
                           const std::string& device);

}  // namespace wgan
