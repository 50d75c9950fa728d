// What the tests of the measures share: the fixtures of oracle/measures.py, Gaussian samples.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/types.h>

#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "wgan/core/random.h"
#include "wgan/io/test_support.h"
#include "wgan/metrics/test_support.h"

namespace wgan {

inline const nlohmann::json& measure_fixtures() {
  static const nlohmann::json fixtures =
      nlohmann::json::parse(std::ifstream(WGAN_SOURCE_FOLDER "/oracle/measures.json"));
  return fixtures;
}

// [n, d] float64 samples of N(0, 1), another set for each seed.
inline at::Tensor gaussian_rows(int64_t n, int64_t d, uint64_t seed) {
  at::Tensor rows = torch::empty({n, d});
  fill_normal({.seed = seed}, {rows.data_ptr<float>(), static_cast<size_t>(rows.numel())});
  return rows.to(torch::kFloat64);
}

// The rows of x in a scrambled order.
inline at::Tensor scrambled_rows(const at::Tensor& x) {
  std::vector<int64_t> order(static_cast<size_t>(x.size(0)));
  for (size_t i = 0; i < order.size(); ++i) {
    order[i] = static_cast<int64_t>(permuted_index(1, Stream::kTest, 0, i, order.size()));
  }
  return x.index_select(0, torch::tensor(order));
}

}  // namespace wgan
