// The gradient of the critic's loss: the inner loop of Algorithm 1.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/nn/parameters.h"
#include "wgan/train/augmentation.h"
#include "wgan/train/objective.h"
#include "wgan/train/options.h"
#include "wgan/train/profile.h"
#include "wgan/train/slope_penalty.h"

namespace wgan {

// What a step sees. All but the first two may be undefined.
struct StepRows {
  at::Tensor real;          // [B, ...]
  at::Tensor fake;          // [B, ...]
  at::Tensor epsilon = {};  // [B] in [0, 1], for the interpolates (train/slope_penalty.h)
  at::Tensor labels = {};   // [B] int64, of a class-conditional critic
  // [B, kAugmentDraws] each: how real rows, fakes and interpolates are changed before the critic
  // sees them (train/augmentation.h). The penalty is on slopes at the rows as they were before.
  at::Tensor real_draws = {}, fake_draws = {}, between_draws = {};
};

struct CriticObjective {
  Objective objective = Objective::kWganGp;
  SlopePenalty penalty = {};
  Route route = Route::kAuto;
  Precision precision = Precision::kFloat32;  // kBf16: of the sweeps
  Targets targets = {};                       // of the objectives with a probability
  Augment augment = {};
  // The last so many elements or channels of what the critic sees are conditions, whose slopes the
  // penalty does not count: W is between the samples that share them.
  int64_t conditions = 0;
  // Sweeps on a CPU take so many rows at a time that a layer gives no more numbers than this.
  int64_t numbers_at_once = int64_t{1} << 23;
};

// Scalars on the device of the model; reading them waits for the device.
// That of a step with its penalty. conditions: as above.
CriticObjective critic_objective(const TrainOptions& options, int64_t conditions);

struct CriticMetrics {
  at::Tensor loss;           // what the critic minimises, penalty included
  at::Tensor real_score;     // E f(x)
  at::Tensor fake_score;     // E f(G(z)), of c-transform -E f^c(G(z)); real_score - fake_score
                             // estimates W (times the Lipschitz constant) for the Wasserstein
                             // objectives
  at::Tensor penalty;        // as it is added to the loss; 0 without penalty
  at::Tensor gradient_norm;  // E |grad f| where the penalty is taken; 0 without penalty
};

// Leaves the gradient of the loss in critic.gradients (overwritten) and changes nothing else but
// the running statistics of a critic with BatchNorm.
//
// Route kAuto takes the sweeps (nn/sweeps.h) where they are exact and autograd with double
// backward elsewhere. Throws Error(kUsage) where kSweeps is asked for and the sweeps are not exact,
// and as check_precision does. profile: gets the times of the sweeps.
CriticMetrics critic_gradients(Model& critic, const StepRows& rows,
                               const CriticObjective& objective, Profile* profile = nullptr);

// Whether the step takes the sweeps: where they are exact, unless the route is kAutograd.
bool takes_sweeps(const Network& critic, const CriticObjective& objective);

// Throws Error(kUsage) where the precision is kBf16 and the critic's step takes autograd, or has
// layers that need more digits.
void check_precision(const Network& critic, const CriticObjective& objective);

// Keeps every parameter in [-clip, clip] (Arjovsky et al. 2017, Algorithm 1, line 7).
void clip_parameters(Model& critic, double clip);

}  // namespace wgan
