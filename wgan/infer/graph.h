// A generator's network as operations that depend on one another, with their numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "wgan/infer/network_tensors.h"
#include "wgan/infer/plan.h"
#include "wgan/net/layer.h"

namespace wgan::infer {

struct Tap {
  int32_t dy, dx;
};

struct GraphPart {
  Part part;  // without places in a plan
  std::vector<Tap> taps;
  std::vector<float> weights;  // [taps, channels of a group, output channels]
};

struct Node {
  Kind kind;
  int32_t input = 0;    // number of a node, 0: the graph's own input
  int32_t second = -1;  // the other one of a sum
  Extent in{};          // as this operation sees it
  Extent out{};
  Curve curve = Curve::kNone;
  float slope = 0;
  int32_t groups = 1;
  std::vector<GraphPart> parts = {};
  std::vector<float> weights = {};  // of other kinds than kProduct, as the kernels want them
  std::vector<float> bias = {};     // [output channels]
  int32_t amount = 0;
  float epsilon = 0, share = 0;
};

struct Graph {
  Extent input;
  std::vector<Node>
      nodes;  // each after those it takes; the first is the input, the last the output
  std::vector<float> reference;  // [reference_rows, numbers of the input] for virtual batch norms
  int32_t reference_rows = 0;
};

// Throws Error(kIncompatible) where a layer cannot be run for one sample without the others, as
// those of critics. Spectral and weight norms are folded in.
Graph make_graph(const Network& network, NetworkTensors tensors);

}  // namespace wgan::infer
