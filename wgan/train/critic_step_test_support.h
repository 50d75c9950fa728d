// What the tests of the critic step share: samples, and the comparison of its two routes.
#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "wgan/nn/test_support.h"
#include "wgan/train/critic_step.h"

namespace wgan {

inline StepRows samples_for(const Network& critic, int64_t batch, uint64_t seed,
                            at::ScalarType dtype) {
  at::Tensor epsilon = torch::empty({batch}, torch::kFloat32);
  fill_uniform({seed, Stream::kEpsilon, 0, 0},
               {epsilon.data_ptr<float>(), static_cast<size_t>(batch)});
  return {random_batch(critic.input, batch, 2 * seed, dtype),
          0.5 * random_batch(critic.input, batch, 2 * seed + 1, dtype) + 0.3, epsilon.to(dtype)};
}

// Draws for everything there is, of every row of a step.
inline StepRows changed(StepRows s, const Augment& augment, uint64_t seed) {
  const Shape sample{s.real.size(1), s.real.size(2), s.real.size(3)};
  const auto draws = [&](uint64_t set) {
    return augment_draws(augment, 0.8, sample, PixelRange::kSigned,
                         {seed, Stream::kAugment, 0, set << 32}, s.real.size(0));
  };
  s.real_draws = draws(0), s.fake_draws = draws(1), s.between_draws = draws(2);
  return s;
}

inline double tolerance(at::ScalarType dtype) { return dtype == torch::kFloat64 ? 1e-11 : 1e-5; }

inline void expect_close(const at::Tensor& actual, const at::Tensor& expected, double error) {
  const double scale = std::max(1.0, std::abs(expected.item<double>()));
  EXPECT_NEAR(actual.item<double>(), expected.item<double>(), error * scale);
}

// Gradients and metrics of both routes agree.
inline void expect_routes_agree(Model& critic, const StepRows& s, CriticObjective objective) {
  const double error = tolerance(critic.parameters.scalar_type());
  critic.gradients.fill_(7);  // it is overwritten
  objective.route = Route::kAutograd;
  const CriticMetrics expected = critic_gradients(critic, s, objective);
  const at::Tensor gradients = critic.gradients.clone();
  critic.gradients.fill_(7);
  objective.route = Route::kSweeps;
  const CriticMetrics actual = critic_gradients(critic, s, objective);
  ASSERT_GT(gradients.norm().item<double>(), 0);
  EXPECT_LE(relative_error(critic.gradients, gradients), error);
  expect_close(actual.loss, expected.loss, error);
  expect_close(actual.real_score, expected.real_score, error);
  expect_close(actual.fake_score, expected.fake_score, error);
  expect_close(actual.penalty, expected.penalty, error);
  expect_close(actual.gradient_norm, expected.gradient_norm, error);
}

}  // namespace wgan
