// The strength of augmentation, steered by rows that are held out from training.
//
// A critic that learns the data by heart scores training rows higher than others of the same
// distribution:
//   r = (E f(train) - E f(held-out)) / (E f(train) - E f(G(z)))
// is near 0 for one that does not, and 1 for one that takes unseen rows for fakes. Adding a number
// to f, or multiplying it, changes nothing, so r is known for critics as for discriminators. The
// strength moves towards what holds r at a target, by 4 B / 500,000 every 4 critic steps of B rows
// (Karras et al. 2020, "Training generative adversarial networks with limited data", section 3).
#pragma once

#include <cstdint>

namespace wgan {

// What a checkpoint keeps of it.
struct Steering {
  double strength = 0;
  double lead = 0;    // E f(train) - E f(held-out), over about the last 40 critic steps
  double height = 0;  // E f(train) - E f(G(z))

  double overfitting() const { return height > 0 ? lead / height : 0; }
};

inline constexpr int64_t kSteerEvery = 4;    // critic steps
inline constexpr double kMostSteered = 0.8;  // beyond it samples show the changes

// The mean scores of one critic step's rows.
struct MeanScores {
  double train;
  double held_out;
  double fake;
};

// Moves the strength, which stays between 0 and `most`.
void steer(Steering& steering, const MeanScores& scores, double target, double most, int64_t batch);

}  // namespace wgan
