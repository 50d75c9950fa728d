// The gradient of the generator's loss, and the moving average of the generator.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/nn/parameters.h"
#include "wgan/train/augmentation.h"
#include "wgan/train/options.h"

namespace wgan {

struct GeneratorObjective {
  Objective objective = Objective::kWganGp;
  Route route = Route::kAuto;
  Precision precision = Precision::kFloat32;  // kBf16: of the sweeps
  FeatureMatching feature_matching = FeatureMatching::kNone;
  Augment augment = {};
  int64_t feature_layers = 0;  // features: the output of so many layers of the critic; 0: of all
                               // but the last
};

// What the generator's fakes are made from and seen with. All but z may be undefined.
struct GeneratorRows {
  at::Tensor z;                // [B, ...generator.input]
  at::Tensor labels = {};      // [B] int64, of a class-conditional critic
  at::Tensor noise = {};       // [B, ...], added to the fakes for the critic
  at::Tensor conditions = {};  // [B, K], behind the fakes for the critic
  // As the critic sees them: [N, ...] for feature matching and c-transform, and [B, ...] for paired
  // objectives, row by row beside the fakes and of their labels.
  at::Tensor real = {};
  // [B, kAugmentDraws] each: how fakes and real rows are changed for the critic.
  at::Tensor fake_draws = {}, real_draws = {};
};

// Leaves the gradient of the generator's loss in generator.gradients (overwritten); the critic's
// parameters and gradients are not touched. Returns the loss, a scalar on the device.
at::Tensor generator_gradients(Model& generator, const Model& critic, const GeneratorRows& rows,
                               const GeneratorObjective& objective);

// Whether the step goes through sweeps (nn/sweeps.h): where both networks have them and the score
// is what the generator plays for, unless route is kAutograd.
bool takes_sweeps(const Network& generator, const Network& critic,
                  const GeneratorObjective& objective);

// f of rows [B, ...] that the critic sees as they are, [B], in training mode and without gradients.
at::Tensor critic_scores(const Model& critic, const at::Tensor& rows, const at::Tensor& labels);

// Fakes [B, ...] for the critic, in training mode and without gradients.
at::Tensor generate(const Model& generator, const at::Tensor& z,
                    Precision precision = Precision::kFloat32);

// average <- decay average + (1 - decay) generator, parameters and state alike. In the first steps
// (step = 0, 1, ...) the decay is at most (1 + step) / (10 + step), so that the start is forgotten.
void update_average(Model& average, const Model& generator, double decay, int64_t step);

}  // namespace wgan
