// What --precision asks of LibTorch.
#pragma once

#include <ATen/core/Tensor.h>

#include "wgan/net/layer.h"
#include "wgan/train/options.h"

namespace wgan {

// The type that sweeps compute in, for a model of type `own`.
inline at::ScalarType sweep_type(Precision precision, at::ScalarType own) {
  return precision == Precision::kBf16 ? at::kBFloat16 : own;
}

// Whether a network with sweeps is swept in this precision: in bfloat16 not with LayerNorm or the
// softplus, which would lose too many digits.
bool may_sweep(const Network& network, Precision precision);

// Whether this processor has the instructions (AVX-512) without which LibTorch's bfloat16
// convolutions on a CPU are slow and lose most digits.
bool cpu_multiplies_bf16();

// Of the process. tf32: whether products on a GPU may round float32 to TF32 (10 bits of mantissa);
// LibTorch itself lets convolutions do so. Convolutions are made by the kernels that are the
// fastest when a shape is first met: shapes stay the same in training.
void set_up_gpu(bool tf32);

}  // namespace wgan
