// The rule.
#include "wgan/train/steering.h"

#include <algorithm>

namespace wgan {

void steer(Steering& s, const MeanScores& scores, double target, double most, int64_t batch) {
  constexpr double kKept = 0.9;           // of the means so far, at each look
  constexpr double kFullAfter = 500'000;  // rows seen, where the strength only rises
  const auto mean = [](double& of, double now) {
    of = of == 0 ? now : kKept * of + (1 - kKept) * now;
  };
  mean(s.lead, scores.train - scores.held_out);
  mean(s.height, scores.train - scores.fake);
  const double move = static_cast<double>(kSteerEvery * batch) / kFullAfter;
  s.strength += s.overfitting() > target ? move : -move;
  s.strength = std::clamp(s.strength, 0.0, most);
}

}  // namespace wgan
