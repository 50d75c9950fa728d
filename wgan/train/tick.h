// What training was like lately: the numbers of a line of metrics.jsonl.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace wgan {

// What the last tick_every steps were like. Means over them unless said.
struct Tick {
  int64_t step = 0;          // generator steps so far
  int64_t images = 0;        // real samples the critic has seen so far
  double epoch = 0;          // the same in passes over the data
  double critic_loss = 0;    // penalty included
  double wasserstein = 0;    // E f(x) - E f(G(z)): the critic's estimate of W, up to its
                             // Lipschitz constant, for the Wasserstein objectives
  double penalty = 0;        // as it is added to the loss
  double gradient_norm = 0;  // E |grad f| where it is taken
  double generator_loss = 0;
  double critic_gradient = 0;  // norm of the gradient over all parameters
  double generator_gradient = 0;
  double diversity = -1;         // mean distance between the samples of the last batch, over that
                                 // between its real rows; below 0: not known
  double saturated_share = 0;    // of the critic's parameters at the clip bound (wgan)
  double augment_strength = 0;   // of the last step
  double overfitting = 0;        // r of train/steering.h; 0 where it is not known
  double seconds = 0;            // since training began
  double images_per_second = 0;  // over the last ticks
  double waited_seconds = 0;     // for data, since training began
  double eta_seconds = -1;       // to the end; below 0: unknown
  int64_t last_step = 0;         // of the run; 0: unknown

  // Calls field(key, member) for each number that metrics.jsonl keeps.
  template <class Self, class Visitor>
  static void visit(Self& self, const Visitor& field) {
    field("step", self.step);
    field("images", self.images);
    field("epoch", self.epoch);
    field("critic_loss", self.critic_loss);
    field("wasserstein", self.wasserstein);
    field("penalty", self.penalty);
    field("gradient_norm", self.gradient_norm);
    field("generator_loss", self.generator_loss);
    field("critic_gradient", self.critic_gradient);
    field("generator_gradient", self.generator_gradient);
    field("diversity", self.diversity);
    field("saturated_share", self.saturated_share);
    field("augment_strength", self.augment_strength);
    field("overfitting", self.overfitting);
    field("seconds", self.seconds);
    field("images_per_second", self.images_per_second);
    field("waited_seconds", self.waited_seconds);
  }
};

nlohmann::ordered_json tick_to_json(const Tick& tick);
// What tick_to_json wrote; 0 for what is missing or no number.
Tick tick_from_json(const nlohmann::ordered_json& json);

}  // namespace wgan
