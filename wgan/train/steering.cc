// The rule.
#include "wgan/train/steering.h"

#include <algorithm>

namespace wgan {

double steering_move(int64_t batch, int64_t rows) {
  constexpr double kMostRows = 500'000, kPasses = 40;
  return static_cast<double>(kSteerEvery * batch) /
         std::min(kMostRows, kPasses * static_cast<double>(rows));
}

void steer(Steering& s, const MeanScores& scores, double target, double most, double move) {
  constexpr double kKept = 0.9;  // of the means so far, at each look
  const auto mean = [](double& of, double now) {
    of = of == 0 ? now : kKept * of + (1 - kKept) * now;
  };
  mean(s.lead, scores.train - scores.held_out);
  mean(s.height, scores.train - scores.fake);
  s.strength += s.overfitting() > target ? move : -move;
  s.strength = std::clamp(s.strength, 0.0, most);
}

}  // namespace wgan
