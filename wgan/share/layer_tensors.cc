// The tensors, and the moments that a reference batch has left.
#include "wgan/share/layer_tensors.h"

#include "wgan/infer/runner.h"

namespace wgan {
namespace {

std::vector<VirtualNormNumbers> virtual_norms_of(const Network& network,
                                                 const infer::NetworkTensors& tensors) {
  std::vector<VirtualNormNumbers> norms;
  if (!has_layer<VirtualBatchNorm>(network)) return norms;
  for (const infer::Node& node : infer::fitted(infer::make_graph(network, tensors)).nodes) {
    if (node.kind != infer::Kind::kVirtualNorm) continue;
    const auto part = [&](int64_t i) {
      const auto begin = node.weights.begin() + i * node.in.channels;
      return std::vector<float>(begin, begin + node.in.channels);
    };
    norms.push_back({part(0), part(1), part(2), node.bias, double{node.share}});
  }
  return norms;
}

}  // namespace

LayerTensors::LayerTensors(const Network& network, infer::NetworkTensors tensors)
    : tensors_(std::move(tensors)), virtual_norms_(virtual_norms_of(network, tensors_)) {
  infer::fold_weight_norms(network, tensors_);
}

VirtualNormNumbers LayerTensors::next_virtual_norm() {
  parameter_ += 2;  // scale and shift
  return std::move(virtual_norms_[virtual_norm_++]);
}

}  // namespace wgan
