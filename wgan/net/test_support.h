// Networks that between them hold every kind of layer.
#pragma once

#include "wgan/net/layer.h"

namespace wgan {

// Every kind of layer that has sweeps, with no number at its default.
inline Network every_layer() {
  return {{3, 9, 9},
          {Pad{0, 1},
           Conv2d{3, 4, 4, 2, 1, false},
           BatchNorm{4, 0.3, 1e-3},
           LeakyRelu{0.125},
           ConvTranspose2d{4, 2, 3, 2, 1, 1, false},
           Crop{8, 9},
           Tanh{},
           Reshape{{144}},
           Linear{144, 5, false},
           Sigmoid{},
           Reshape{{5, 1, 1}},
           Upsample2x{},
           Residual{{Conv2d{5, 6}, MeanPool2x{}}, {MeanPool2x{}, Conv2d{5, 6, 1, 1, 0, false}}},
           Residual{{Tanh{}}, {}},
           UpsampleConv2d{6, 7, false},
           GlobalMean{},
           Basis{7, 4, 6},
           FilterDown2x{},
           FilterUp2x{},
           GroupedConv2d{7, 14, 3, 2, 1, 7, false},
           BasisTranspose{14, 2, 3},
           Projection{14, 3, false}}};
}

// The other kinds.
inline Network layers_without_sweeps() {
  return {{3, 4, 4},
          {Conv2d{3, 4, 3, 1, 1}, LayerNorm{4, 1e-3}, ScaledSoftplus{}, Reshape{{64}},
           LayerNorm{64, 1e-2}, Linear{64, 5}, MinibatchDiscrimination{5, 7, 2},
           MinibatchDeviation{}, Linear{13, 1}}};
}
inline Network layers_with_reference() {
  return {{6},
          {ReferenceBatch{9, 6}, Linear{6, 8}, VirtualBatchNorm{8, 1e-3}, LeakyRelu{0.125},
           Reshape{{2, 2, 2}}, Conv2d{2, 3, 3, 1, 1}, VirtualBatchNorm{3, 1e-3}}};
}

}  // namespace wgan
