// The strength of augmentation, steered by rows that are held out from training.
//
// A critic that learns the data by heart scores training rows higher than others of the same
// distribution:
//   r = (E f(train) - E f(held-out)) / (E f(train) - E f(G(z)))
// is near 0 for one that does not, and 1 for one that takes unseen rows for fakes. Adding a number
// to f, or multiplying it, changes nothing, so r is known for critics as for discriminators. The
// strength moves towards what holds r at a target, every 4 critic steps (Karras et al. 2020,
// "Training generative adversarial networks with limited data", section 3).
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

// How far the strength moves at a time: batches of B rows of a set of N take it from 0 to 1 within
// 500,000 rows, as published, or within 40 passes over a smaller set, which is learnt by heart
// sooner.
double steering_move(int64_t batch, int64_t rows);

// Moves the strength, which stays between 0 and `most`.
void steer(Steering& steering, const MeanScores& scores, double target, double most, double move);

}  // namespace wgan
