// Recording and replaying, where LibTorch has CUDA.
#include "wgan/train/captured_step.h"

#include <utility>

#ifdef WGAN_WITH_CUDA
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace wgan {

#ifdef WGAN_WITH_CUDA

// The recorded step, with the tensors that it reads and writes.
struct CapturedStep::Graph {
  at::cuda::CUDAGraph graph;
  c10::cuda::CUDAStream stream = c10::cuda::getStreamFromPool();
  Tensors inputs;
  Tensors outputs;
  int64_t runs = 0;

  // Calls work on the side stream, after what the current one has been given and before what it
  // will be.
  template <class Work>
  void on_stream(const Work& work) {
    const c10::cuda::CUDAStream current = c10::cuda::getCurrentCUDAStream();
    at::cuda::CUDAEvent before, after;
    before.record(current);
    before.block(stream);
    {
      const c10::cuda::CUDAStreamGuard guard(stream);
      work();
    }
    after.record(stream);
    after.block(current);
  }
};

Tensors CapturedStep::run(const Tensors& inputs) {
  constexpr int64_t kWarmUps = 3;  // libraries choose their kernels and allocate
  if (!record_ || !obstacle_.empty()) return step_(inputs);
  if (graph_ == nullptr) {
    graph_ = std::make_unique<Graph>();
    for (const at::Tensor& input : inputs) {
      graph_->inputs.push_back(input.defined() ? input.clone() : input);
    }
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].defined()) graph_->inputs[i].copy_(inputs[i], /*non_blocking=*/true);
  }
  if (graph_->runs < kWarmUps) {
    ++graph_->runs;
    graph_->on_stream([&] { graph_->outputs = step_(graph_->inputs); });
    return graph_->outputs;
  }
  if (graph_->runs == kWarmUps) {
    ++graph_->runs;
    try {
      graph_->on_stream([&] {
        graph_->graph.capture_begin();
        graph_->outputs = step_(graph_->inputs);
        graph_->graph.capture_end();
      });
    } catch (const c10::Error& error) {
      obstacle_ = error.what_without_backtrace();
      graph_.reset();
      return step_(inputs);
    }
  }
  graph_->graph.replay();
  return graph_->outputs;
}

#else

struct CapturedStep::Graph {};

Tensors CapturedStep::run(const Tensors& inputs) {
  if (record_) obstacle_ = "this build of wgan knows no CUDA graphs";
  return step_(inputs);
}

#endif

CapturedStep::CapturedStep(std::function<Tensors(const Tensors&)> step, bool record)
    : step_(std::move(step)), record_(record) {}

CapturedStep::~CapturedStep() = default;

}  // namespace wgan
