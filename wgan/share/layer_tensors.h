// A generator's numbers in the order in which its layers want them, for those who write it down
// layer by layer.
#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "wgan/core/error.h"
#include "wgan/infer/generator_file.h"

namespace wgan {

// A virtual batch norm in evaluation: a sample's own moments, with those of the reference batch
// mixed in.
struct VirtualNormNumbers {
  std::vector<float> scale, mean, square, shift;  // [channels]; mean and square of the batch
  double share = 1;                               // of the sample's own moments
};

// Norms of weights are folded in.
class LayerTensors {
 public:
  LayerTensors(const Network& network, infer::NetworkTensors tensors);

  std::vector<float> next() { return std::move(tensors_.parameters[parameter_++]); }
  std::vector<float> next_memory() { return std::move(tensors_.memory[memory_++]); }
  VirtualNormNumbers next_virtual_norm();

 private:
  infer::NetworkTensors tensors_;
  std::vector<VirtualNormNumbers> virtual_norms_;
  size_t parameter_ = 0, memory_ = 0, virtual_norm_ = 0;
};

// Calls write(layer), one overload a kind, for each layer; shape is that before it meanwhile, and
// that behind all of them in the end.
template <class Write>
void write_layers(const Layers& layers, Shape& shape, const Write& write) {
  for (const Layer& layer : layers) {
    const Shape after = output_shape(layer, shape);
    std::visit(write, layer);
    shape = after;
  }
}

// For layers that only critics have.
[[noreturn]] inline void refuse_layer(const char* layer, const char* format) {
  throw Error(ErrorKind::kIncompatible,
              fmt::format("a generator with a layer {} cannot be written as {}", layer, format),
              "it is a layer of critics");
}

}  // namespace wgan
