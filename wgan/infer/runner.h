// A plan, run for any number of samples with several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "wgan/infer/build_plan.h"
#include "wgan/infer/kernels.h"
#include "wgan/infer/team.h"

namespace wgan::infer {

// The graph simplified, with the moments of its reference batch in its virtual batch norms.
Graph fitted(Graph graph);

class Runner {
 public:
  explicit Runner(Graph graph);  // is fitted first

  int64_t inputs() const { return plan_.sizes.inputs; }    // numbers of a sample
  int64_t outputs() const { return plan_.sizes.outputs; }  // [height, width, channels]
  const BuiltPlan& plan() const { return plan_; }

  // inputs: [N, inputs()]. outputs: [N, outputs()]. A sample's output does not depend on the others
  // or on the number of threads. threads: 1 or more.
  void run(std::span<const float> inputs, std::span<float> outputs, int threads) const;

 private:
  BuiltPlan plan_;
  std::unique_ptr<Team> team_;  // not part of what it is: run() is const
};

}  // namespace wgan::infer
