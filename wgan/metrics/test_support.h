// What all tests of metrics share: numbers of fixtures, and those that are none.
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

namespace wgan {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// [N] or [N, D] float64.
inline at::Tensor tensor_of(const nlohmann::json& values) {
  if (!values.at(0).is_array()) {
    return torch::tensor(values.get<std::vector<double>>(), torch::kFloat64);
  }
  std::vector<at::Tensor> rows;
  for (const nlohmann::json& row : values) rows.push_back(tensor_of(row));
  return torch::stack(rows);
}

}  // namespace wgan
