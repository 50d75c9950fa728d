// A step on tensors of fixed shapes: run as it is, or recorded once as a CUDA graph and replayed,
// which spares a GPU the wait for hundreds of small launches.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wgan {

using Tensors = std::vector<at::Tensor>;

class CapturedStep {
 public:
  // step: from inputs to outputs. Where it is recorded it must not wait for the device, and what it
  // writes besides its outputs must lie in the same places each time. record: only on a GPU, and
  // where the build knows CUDA graphs; elsewhere the step is run as it is.
  CapturedStep(std::function<Tensors(const Tensors&)> step, bool record);
  ~CapturedStep();

  // inputs: of the same shapes each time; undefined tensors stay so. The outputs may be overwritten
  // by the next run.
  Tensors run(const Tensors& inputs);

  // Why the step is not replayed though it should be; empty where all is well.
  const std::string& obstacle() const { return obstacle_; }

 private:
  struct Graph;

  const std::function<Tensors(const Tensors&)> step_;
  const bool record_;
  std::string obstacle_;
  std::unique_ptr<Graph> graph_;
};

}  // namespace wgan
