// Networks made from networks: another normalisation, activation or depth, or one layer more.
#pragma once

#include <cstdint>

#include "wgan/net/layer.h"

namespace wgan {

enum class Norm { kPreset, kNone, kBatch, kLayer, kVirtual, kWeight };
enum class Activation { kPreset, kRelu, kLeakyRelu, kSoftplus, kTanh };

// Appends the normalisation; kPreset and kNone: nothing.
void add_norm(Layers& layers, Norm norm, int64_t channels);

// Normalisations become those of this kind, or go (kNone). A network that has none gets one before
// each activation but the first of all and, as these are no more than what makes the output, a last
// Tanh or Sigmoid. kPreset: the network as it is. kVirtual: with a ReferenceBatch of so many rows
// as the first layer; the network takes [D]. kWeight: that of the weights in place of layers.
Network with_norm(Network network, Norm norm, int64_t reference_rows);

// The hidden activations (LeakyRelu) become this one: LeakyReLU of slope 0.2, ReLU, the softplus of
// Gulrajani et al. 2017, Table 1, or tanh.
Network with_activation(Network network, Activation activation);

// More layers of the same width until `depth` of them have a weight matrix: a convolution of kernel
// 3, or a Linear, with an activation (and a normalisation, where the one before has it) after the
// hidden ones of network.layers, shared out evenly from the input on. Throws Error(kUsage) where
// the network is deeper already, or is made of residual sums. 0: the network as it is.
Network with_depth(Network network, int64_t depth);

// MinibatchDiscrimination before the last Linear, which sees its output. kernels 0: as it is.
Network with_minibatch_discrimination(Network network, int64_t kernels, int64_t dimensions);

// MinibatchDeviation before the layers that make vectors of pictures, and the last one.
Network with_minibatch_deviation(Network network);

// A critic whose last Linear becomes the Projection of so many classes.
Network with_projection(Network network, int64_t classes);

// GaussianNoise before each of network.layers that has weights. deviation 0: as it is.
Network with_noise(Network network, double deviation);

}  // namespace wgan
