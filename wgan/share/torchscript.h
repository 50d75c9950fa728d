// A generator as a TorchScript module, which PyTorch loads without anything else: torch.jit.load.
#pragma once

#include <filesystem>

#include "wgan/infer/generator_file.h"

namespace wgan {

// Writes a module with two methods, each of which takes z [N, latent] float32, then label [N] int64
// and conditions [N, K] float32 in the data's units, where the generator is conditioned on them:
//   forward  pictures [N, H, W, C] uint8, RGBA with straight alpha, or rows [N, D] float32 in the
//            data's units
//   values   what the network itself gives: [N, C, H, W] or [N, D] float32
// Norms of weights are folded in. Throws Error(kIncompatible) for layers that only critics have,
// Error(kOutput) where the file cannot be written.
void write_torchscript(const std::filesystem::path& path, infer::GeneratorFile generator);

}  // namespace wgan
