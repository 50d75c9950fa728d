// What the tests of transport share: the fixture, seeded points, and the checks of a certificate.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/core/random.h"
#include "wgan/metrics/test_support.h"
#include "wgan/metrics/transport.h"

namespace wgan {

// The cases of that name in oracle/transport.json.
inline nlohmann::json transport_fixture(const std::string& name) {
  std::ifstream file(WGAN_SOURCE_FOLDER "/oracle/transport.json");
  return nlohmann::json::parse(file).at(name);
}

inline at::Tensor tensor_at(const nlohmann::json& holder, const std::string& key) {
  return holder.contains(key) ? tensor_of(holder.at(key)) : at::Tensor();
}

// Normally distributed points, [N, D] float64.
inline at::Tensor normal_points(int64_t n, int64_t d, uint64_t index) {
  at::Tensor points = torch::empty({n, d}, torch::kFloat32);
  fill_normal({.seed = 11, .index = index}, {points.data_ptr<float>(), static_cast<size_t>(n * d)});
  return points.to(torch::kFloat64);
}

inline at::Tensor uniform_weights(int64_t n, uint64_t index) {
  at::Tensor weights = torch::empty({n}, torch::kFloat32);
  fill_uniform({.seed = 12, .index = index}, {weights.data_ptr<float>(), static_cast<size_t>(n)});
  return weights.to(torch::kFloat64);
}

// The plan has the marginals a and b and the cost it claims, the dual variables are feasible to the
// last bit, and the gap is theirs and below 1e-9 of the largest cost.
inline void expect_certified(const Transport& transport, const at::Tensor& costs,
                             const at::Tensor& a, const at::Tensor& b) {
  at::Tensor plan = torch::zeros_like(costs);
  for (const Flow& flow : transport.plan) {
    EXPECT_GT(flow.mass, 0);
    plan[flow.from][flow.to] += flow.mass;
  }
  const double mass = a.sum().item<double>();
  const double largest = costs.abs().max().item<double>();
  EXPECT_LE((plan.sum(1) - a).abs().max().item<double>(), 1e-14 * mass);
  EXPECT_LE((plan.sum(0) - b).abs().max().item<double>(), 1e-14 * mass);
  EXPECT_LE(transport.plan.size(), static_cast<size_t>(costs.size(0) + costs.size(1)));
  EXPECT_NEAR(transport.cost, (plan * costs).sum().item<double>(), 1e-12 * mass * largest);
  const at::Tensor sums = transport.potential_from.unsqueeze(1) + transport.potential_to;
  EXPECT_TRUE((sums <= costs).all().item<bool>());
  const double dual =
      transport.potential_from.dot(a).item<double>() + transport.potential_to.dot(b).item<double>();
  EXPECT_GE(transport.gap, 0);
  EXPECT_LE(transport.gap, 1e-9 * mass * largest);
  EXPECT_NEAR(transport.gap, transport.cost - dual, 1e-12 * mass * largest);
}

template <typename Call>
void expect_error(ErrorKind kind, const Call& call) {
  try {
    call();
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
  }
}

}  // namespace wgan
