// The gradient of the generator's loss, and the moving average of the generator.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/nn/parameters.h"
#include "wgan/train/options.h"

namespace wgan {

struct GeneratorObjective {
  Objective objective = Objective::kWganGp;
  Route route = Route::kAuto;
  Precision precision = Precision::kFloat32;  // kBf16: of the sweeps
};

// Leaves the gradient of the generator's loss in generator.gradients (overwritten); the critic's
// parameters and gradients are not touched. z: [B, ...generator.input], with the classes where
// labels [B] int64 of a class-conditional critic are given. Returns the loss, a scalar on the
// device. Through sweeps (nn/sweeps.h) unless route is kAutograd.
at::Tensor generator_gradients(Model& generator, const Model& critic, const at::Tensor& z,
                               const GeneratorObjective& objective, const at::Tensor& labels = {});

// Fakes [B, ...] for the critic, in training mode and without gradients.
at::Tensor generate(const Model& generator, const at::Tensor& z,
                    Precision precision = Precision::kFloat32);

// average <- decay average + (1 - decay) generator, parameters and state alike. In the first steps
// (step = 0, 1, ...) the decay is at most (1 + step) / (10 + step), so that the start is forgotten.
void update_average(Model& average, const Model& generator, double decay, int64_t step);

}  // namespace wgan
