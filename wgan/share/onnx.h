// A generator as an ONNX model (opset 17), which ONNX Runtime and many other programs run.
#pragma once

#include <string>

#include "wgan/infer/generator_file.h"

namespace wgan {

// The bytes of a model file.
//   inputs   z [N, latent] float32; class [N] int64 and conditions [N, K] float32 in the data's
//            units, where the generator is conditioned on them
//   outputs  pictures [N, H, W, C] uint8, RGBA with straight alpha, and values [N, C, H, W] float32
//            as the network gives them; or rows [N, D] float32 in the data's units, and values
//   metadata what a checkpoint says of the data and the network (net/generator_state.h)
// Norms of weights are folded in, norms of batches stand as they are in evaluation.
// Throws Error(kIncompatible) for layers that only critics have, and models above 2 GB, which
// Protocol Buffers do not hold.
std::string onnx_model(infer::GeneratorFile file);

}  // namespace wgan
