// What --precision asks of LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/train/options.h"

namespace wgan {

// The type that sweeps compute in, for a model of type `own`.
inline at::ScalarType sweep_type(Precision precision, at::ScalarType own) {
  return precision == Precision::kBf16 ? at::kBFloat16 : own;
}

// Whether this processor has the instructions (AVX-512) without which LibTorch's bfloat16
// convolutions on a CPU are slow and lose most digits.
bool cpu_multiplies_bf16();

// Lets the process' products on a GPU round float32 to TF32 (10 bits of mantissa), or not: LibTorch
// itself lets convolutions do so.
void allow_tf32(bool allowed);

}  // namespace wgan
