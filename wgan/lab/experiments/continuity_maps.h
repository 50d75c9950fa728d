// The generators of the experiment on continuity, and distances between P_r and what they make.
#pragma once

#include <cstdint>
#include <span>

namespace wgan {

// g_theta(z) = (h(theta, z), z), or (h, 1 - z) where it turns. P_r is (0, z), with z from U[0, 1].
struct Mapping {
  const char* name;
  const char* title;
  double (*h)(double theta, double z);
  double (*w)(double theta);  // |E h(theta, z)|
  bool turns_at_0 = false;    // (h, 1 - z) for theta > 0
};

// "shift", "jump", "root", "reciprocal", "waves", "turn": what they are says the experiment's text.
std::span<const Mapping> continuity_maps();
enum { kShift, kJump, kRoot, kReciprocal, kWavy, kTurn };  // their places in the list

struct Separation {
  double w = 0, js = 0, kl = 0;
};

// Between n points of P_r and n of P_theta, z in the middle of n equal parts of [0, 1].
Separation separation_at(const Mapping& map, double theta, int64_t n);

// |E h(theta, z)| as a sum over z = e^-u, which reaches small z as well.
double mean_of_h(const Mapping& map, double theta);

}  // namespace wgan
