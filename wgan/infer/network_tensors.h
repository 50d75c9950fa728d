// The numbers of a network, tensor by tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "wgan/net/layer.h"

namespace wgan::infer {

inline size_t index(int64_t number) { return static_cast<size_t>(number); }

// Each in canonical order (OIHW), in the order of the slots (net/slots.h).
struct NetworkTensors {
  std::vector<std::vector<float>> parameters;
  std::vector<std::vector<float>> memory;
};

// Divides each weight by its largest singular value where the network has spectral norms, or gives
// its rows their lengths where it has weight norms: what is left is an ordinary network's.
void fold_weight_norms(const Network& network, NetworkTensors& tensors);

}  // namespace wgan::infer
